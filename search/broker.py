"""The broker that carries wake-ups: files in the data directory, or a server that the settings name.

It carries nothing that could be lost: see `docs/tasks.md`.
"""

from __future__ import annotations

import json
import os
import uuid
from pathlib import Path
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem

from indexer.files import disk_errors
from search.config import Config

_WAIT_S = 1.0
"""So long a broker may take before a message is given up: who sends one is a request that is being answered."""
_POLL_S = 0.05
_FILES = "shelfwise-files"
_REDIS = ("redis://", "rediss://", "redis+socket://")
_RABBITMQ = ("amqp://", "amqps://", "pyamqp://")


class WholeFiles(filesystem.Channel):
    """Files that appear whole: kombu's own can be read while they are still empty."""

    def _put(self, queue: Any, payload: Any, **kwargs: Any) -> None:  # type: ignore[override] # noqa: ARG002
        folder = Path(self.data_folder_out)
        # No name that ends as those of queues do.
        partial = folder / f"{uuid.uuid4()}.partial"
        with disk_errors(partial):
            partial.write_text(json.dumps(payload))
            os.replace(partial, folder / f"{uuid.uuid4()}.{queue}.msg")


class Files(filesystem.Transport):
    """kombu's transport over files, with `WholeFiles`."""

    Channel = WholeFiles


def celery_settings(config: Config, *, sends: bool = False) -> dict[str, Any]:
    """How Celery reaches the broker. Makes the folder of files.

    Args:
        sends: for whoever sends, and does not wait for a broker that does not answer; else for whoever hears.
    """
    settings: dict[str, Any] = {
        "broker_url": config.broker_url,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "task_default_queue": config.namespace,
        "task_ignore_result": True,
        "task_acks_late": False,
        "worker_enable_remote_control": False,
        "worker_prefetch_multiplier": 1,
    }
    if config.broker_url and sends:
        settings["broker_connection_timeout"] = _WAIT_S
        if config.broker_url.startswith(_REDIS):
            settings["broker_transport_options"] = {"socket_timeout": _WAIT_S, "socket_connect_timeout": _WAIT_S}
        elif config.broker_url.startswith(_RABBITMQ):
            settings["broker_transport_options"] = {"read_timeout": _WAIT_S, "write_timeout": _WAIT_S}
    if not config.broker_url:
        TRANSPORT_ALIASES[_FILES] = f"{__name__}:Files"
        folder = config.data_dir.resolve() / "broker"
        with disk_errors(folder):
            for name in ("messages", "control"):
                (folder / name).mkdir(parents=True, exist_ok=True)
        settings["broker_url"] = f"{_FILES}://localhost/"
        settings["broker_transport_options"] = {
            "data_folder_in": str(folder / "messages"),
            "data_folder_out": str(folder / "messages"),
            "control_folder": str(folder / "control"),
            "polling_interval": _POLL_S,
        }
    return settings
