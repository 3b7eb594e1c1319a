"""What became of each action of a bulk. Pure functions of Elasticsearch's answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from indexer.engines.elasticsearch.failures import told


class Outcome(Enum):
    """What to do about an action."""

    DONE = auto()
    SKIPPED = auto()
    """An equal or newer version is there already."""
    RETRY = auto()
    """The server is too busy, or not all up."""
    REJECTED = auto()
    """This document cannot be taken, and others can."""
    FATAL = auto()
    """None can be taken before somebody mends something."""


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """The outcome of an action, with the status and the reason where it was not done."""

    outcome: Outcome
    status: int = 200
    error: Any = None

    @property
    def reason(self) -> str:
        return ": ".join(filter(None, told(self.error))) if self.error else ""


_BUSY_TYPES = frozenset(
    {
        "es_rejected_execution_exception",
        "circuit_breaking_exception",
        "unavailable_shards_exception",
        "no_shard_available_action_exception",
        "node_not_connected_exception",
        "node_disconnected_exception",
        "process_cluster_event_timeout_exception",
        "timeout_exception",
    }
)


def outcome_of(item: Mapping[str, Any]) -> ItemOutcome:
    """The outcome of one item of a bulk's answer, such as {"index": {"status": 201, …}}."""
    result = next(iter(item.values()))
    status, error = int(result["status"]), result.get("error")
    kind = str(error.get("type", "")) if isinstance(error, Mapping) else ""
    if error is None:
        return ItemOutcome(Outcome.DONE, status)
    if kind == "version_conflict_engine_exception" or status == 409:
        return ItemOutcome(Outcome.SKIPPED, status, error)
    if kind == "cluster_block_exception" or status in (401, 403, 404):
        return ItemOutcome(Outcome.FATAL, status, error)
    if kind in _BUSY_TYPES or status in (429, 502, 503, 504):
        return ItemOutcome(Outcome.RETRY, status, error)
    if status in (400, 413):
        return ItemOutcome(Outcome.REJECTED, status, error)
    return ItemOutcome(Outcome.RETRY if status >= 500 else Outcome.REJECTED, status, error)
