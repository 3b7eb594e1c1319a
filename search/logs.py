"""Log lines of the service and its workers: one JSON object each, or plain text."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Any

import orjson

from search.config import Config

_HANDLER = "shelfwise"


class JsonLines(logging.Formatter):
    """A record as a JSON object: time, level, logger, message, the fields of `extra={"fields": …}`, and an error."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


class Lines(logging.Formatter):
    """A record as text."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The line, with the fields behind it."""
        told = super().format(record)
        fields = getattr(record, "fields", {})
        return told + "".join(f" {name}={value}" for name, value in fields.items() if name not in told)


def set_up_logs(config: Config) -> None:
    """Sends what is logged to standard error, in the form and from the level that the settings name."""
    root = logging.getLogger()
    root.handlers = [handler for handler in root.handlers if handler.name != _HANDLER]
    handler = logging.StreamHandler(sys.stderr)
    handler.set_name(_HANDLER)
    handler.setFormatter(JsonLines() if config.log_format == "json" else Lines())
    root.addHandler(handler)
    root.setLevel(config.log_level)
