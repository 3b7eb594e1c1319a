"""Asks for the imports that have come round."""

from __future__ import annotations

import logging
import time
from dataclasses import fields
from pathlib import Path

from search.config import Config
from search.errors import ConfigurationError
from search.schedule import ScheduledImport, read_schedule
from search.services import Services
from search.uploads import Upload

_log = logging.getLogger(__name__)
_OPTIONS = frozenset(field.name for field in fields(Upload)) - {"file", "source"}


class Schedule:
    """Each import is asked for once in its time, however many workers look.

    Args:
        services: of this process; its settings name the schedule.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._imports = _read(services.config)
        self._asked: dict[int, int] = {}

    def look(self, now_s: float | None = None) -> list[str]:
        """Asks for what has become due since the last look; the tasks of it, also where another worker asked first."""
        now_s = time.time() if now_s is None else now_s
        asked = []
        for number, one in enumerate(self._imports):
            slot = one.slot(now_s)
            if self._asked.get(number) == slot:
                continue
            name = f"schedule:{one.index[:60]}:{one.source[-100:]}:{one.every_s}:{slot}"
            payload = {"source": one.source, **one.options}
            asked.append(self._services.tasks.import_feed(one.index, payload, idempotency_key=name).id)
            self._asked[number] = slot
        return asked


def _read(config: Config) -> tuple[ScheduledImport, ...]:
    if not config.schedule:
        return ()
    try:
        return read_schedule(Path(config.schedule).expanduser(), config.allowed_import_hosts, _OPTIONS)
    except ConfigurationError as error:
        # The other work goes on.
        _log.error("nothing is imported by schedule: %s", error)
        return ()
