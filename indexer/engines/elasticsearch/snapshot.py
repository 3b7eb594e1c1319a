"""A point in time of a generation: what all searches of a reader see until it moves on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from indexer.engines.elasticsearch.cluster import Cluster
from indexer.engines.elasticsearch.commits import Committed
from indexer.engines.elasticsearch.conditions import Body
from indexer.engines.elasticsearch.failures import failure, has_lost_context
from indexer.errors import IndexerError, UnavailableError

_log = logging.getLogger(__name__)


class LostSnapshotError(UnavailableError):
    """A snapshot has expired, or a node is gone that kept it; a new one can be taken."""


class Snapshot:
    """One point in time, which the server keeps as long as it is asked now and then.

    Args:
        name: of the Elasticsearch index.
        committed: what is in it at least.
        spread: the index has several shards, whose scores are to be compared.
        lenient: answers may lack shards: it was taken since the one before it lacked some.
    """

    def __init__(
        self, cluster: Cluster, name: str, committed: Committed, *, spread: bool, lenient: bool = False
    ) -> None:
        self.committed = committed
        self.lenient = lenient
        self._name = name
        self._cluster = cluster
        # The number was read first, so that the point in time has all that it stands for.
        if not committed.refreshed:
            cluster.ask("POST", name, "_refresh", timeout_s=cluster.settings.write_s)
        params = {"keep_alive": cluster.settings.keep_alive, "allow_partial_search_results": "true"}
        self._id: str = cluster.ask("POST", name, "_pit", params=params)["id"]
        # Without it each shard goes by its own frequencies of words.
        self._header = b'{"search_type":"dfs_query_then_fetch"}' if spread else b"{}"
        self._lock = threading.Lock()
        self._users = 0
        self._retired = False

    def one(self, body: Body) -> dict[str, Any]:
        """Asks one body; its answer, which may lack shards.

        Raises:
            IndexerError: there is none; see `sound`.
        """
        return sound(self.search([body])[0], self._name)

    def search(self, bodies: Sequence[Body], timeout_s: float | None = None) -> list[dict[str, Any]]:
        """Asks several bodies at once; each answer as Elasticsearch gives it, an error under "error".

        Raises:
            LostSnapshotError: the server does not keep this snapshot any more, or not all of it.
        """
        lines: list[Any] = []
        for body in bodies:
            lines += [self._header, {**body, "pit": {"id": self._id, "keep_alive": self._cluster.settings.keep_alive}}]
        answers: list[dict[str, Any]] = self._cluster.ask_lines(("_msearch",), lines, timeout_s=timeout_s)["responses"]
        if any(map(has_lost_context, answers)) or (not self.lenient and any(map(_lacks_shards, answers))):
            raise LostSnapshotError(f"Elasticsearch does not keep a snapshot of {self._name} any more; ask again")
        return answers

    @contextmanager
    def used(self) -> Iterator[Snapshot]:
        """Keeps it from being given up meanwhile."""
        with self._lock:
            self._users += 1
        try:
            yield self
        finally:
            with self._lock:
                self._users -= 1
                last = self._retired and not self._users
            if last:
                self._give_up()

    def retire(self) -> None:
        """Gives it up, once nobody uses it any more."""
        with self._lock:
            last = not self._retired and not self._users
            self._retired = True
        if last:
            self._give_up()

    def _give_up(self) -> None:
        try:
            self._cluster.ask("DELETE", "_pit", body={"id": self._id}, missing=None)
        except IndexerError as error:
            _log.info("a snapshot of Elasticsearch is kept until it expires: %s", error)


def _lacks_shards(answer: dict[str, Any]) -> bool:
    """A snapshot lies on one copy of each shard; where that is lost, another one may have it."""
    return "error" not in answer and bool(answer["_shards"]["failed"])


def sound(answer: dict[str, Any], name: str) -> dict[str, Any]:
    """An answer that is none of an error.

    Raises:
        UnavailableError: no shard could answer.
        IndexerError: it is one; see `failure`.
    """
    if "error" in answer:
        raise failure(int(answer.get("status", 500)), answer["error"], f"index {name}")
    shards = answer["_shards"]
    if shards["failed"] and not shards["successful"]:
        raise UnavailableError(f"no shard of the Elasticsearch index {name} answers; it is tried again by itself")
    return answer
