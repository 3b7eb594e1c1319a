"""Bulks: many actions in few requests, repeated while the server is busy or away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import orjson

from indexer.engines.elasticsearch.cluster import Cluster
from indexer.engines.elasticsearch.failures import failure
from indexer.engines.elasticsearch.outcomes import Outcome, outcome_of
from indexer.engines.elasticsearch.patience import Patience
from indexer.errors import UnavailableError


class Action(NamedTuple):
    """One document as it is to be stored.

    Args:
        id: of the product.
        version: its change number; an equal or newer one there already stays.
        body: JSON.
    """

    id: str
    version: int
    body: bytes

    def lines(self) -> tuple[bytes, bytes]:
        """As a bulk has it."""
        head = {"index": {"_id": self.id, "version": self.version, "version_type": "external"}}
        return orjson.dumps(head), self.body


@dataclass
class BulkReport:
    """How many were written, how many were there already, and why others were refused, by id."""

    written: int = 0
    skipped: int = 0
    rejected: dict[str, str] = field(default_factory=dict)


class Bulk:
    """Sends to one generation.

    Args:
        name: of the Elasticsearch index.
    """

    def __init__(self, cluster: Cluster, name: str) -> None:
        self._cluster = cluster
        self._name = name

    def send(self, actions: Sequence[Action], patience: Patience) -> BulkReport:
        """Sends them all; what was not refused is durable when this returns.

        Raises:
            UnavailableError: some were not done while patience lasted. Sending them again does no harm.
            StorageError, ConfigurationError, NotFoundError: no action can be done before something is mended.
        """
        report = BulkReport()
        settings = self._cluster.settings
        for chunk in chunks(actions, settings.bulk_documents, settings.bulk_bytes):
            left, reason = self._attempt(chunk, report)
            while left:
                if not patience.pause(reason):
                    raise UnavailableError(
                        f"{len(left)} products could not be written to {self._name} in Elasticsearch within "
                        f"{settings.retry_s:g} s ({reason}); they are in the catalogue, and are written again"
                    )
                left, reason = self._attempt(left, report)
            patience.succeeded()
        return report

    def _attempt(self, actions: list[Action], report: BulkReport) -> tuple[list[Action], str]:
        """(what is to be sent again, why)."""
        lines = [line for action in actions for line in action.lines()]
        # An index that somebody removed must not come back without its mapping.
        params = {"require_alias": "false", "filter_path": "items.*.status,items.*.error", "refresh": "false"}
        try:
            answer = self._cluster.ask_lines(
                (self._name, "_bulk"), lines, params, timeout_s=self._cluster.settings.write_s
            )
        except UnavailableError as error:
            return actions, str(error)
        again: list[Action] = []
        reason = ""
        for action, item in zip(actions, answer["items"], strict=True):
            found = outcome_of(item)
            match found.outcome:
                case Outcome.DONE:
                    report.written += 1
                case Outcome.SKIPPED:
                    report.skipped += 1
                case Outcome.RETRY:
                    again.append(action)
                    reason = found.reason
                case Outcome.REJECTED:
                    report.rejected[action.id] = found.reason
                case Outcome.FATAL:
                    raise failure(found.status, found.error, f"index {self._name}")
        return again, reason


def chunks(actions: Sequence[Action], most: int, most_bytes: int) -> Iterator[list[Action]]:
    """The actions in chunks of at most so many, and of at most so many bytes or a single one."""
    chunk: list[Action] = []
    size = 0
    for action in actions:
        own = sum(len(line) + 1 for line in action.lines())
        if chunk and (len(chunk) == most or size + own > most_bytes):
            yield chunk
            chunk, size = [], 0
        chunk.append(action)
        size += own
    if chunk:
        yield chunk
