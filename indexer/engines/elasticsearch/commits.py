"""What was committed to each generation: one small document each, in an index of their own.

It is written behind the products, so it never speaks of what is not there. Where it is lost, the generation counts as
having nothing, and is brought up to date again: what it has already is not written twice.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from indexer.engines.elasticsearch.cluster import Cluster
from indexer.engines.elasticsearch.names import Names
from indexer.errors import ConflictError


@dataclass(frozen=True, slots=True)
class Committed:
    """The newest commit of a generation.

    Args:
        uuid: of the Elasticsearch index; of another one of the same name it says nothing.
        change_number: nothing older is missing.
        commits: how many there were.
        refreshed: it was made visible to searches when it was written.
    """

    uuid: str
    change_number: int = 0
    commits: int = 0
    refreshed: bool = True


class Commits:
    """Reads and writes them."""

    def __init__(self, cluster: Cluster, names: Names) -> None:
        self._cluster = cluster
        self._index = names.commits

    def prepare(self) -> None:
        """Makes their index, where there is none yet."""
        settings = {"number_of_shards": 1, "number_of_replicas": self._cluster.settings.replicas}
        numbers = {"change_number": {"type": "long"}, "commits": {"type": "long"}}
        properties = {"uuid": {"type": "keyword"}, **numbers, "refreshed": {"type": "boolean"}}
        body = {"settings": {"index": settings}, "mappings": {"dynamic": False, "properties": properties}}
        if self._cluster.ask("GET", self._index, "_alias", missing=None) is not None:
            return
        try:
            self._cluster.ask("PUT", self._index, body=body, timeout_s=self._cluster.settings.write_s)
        except ConflictError:
            return  # another process made it meanwhile

    def read(self, generation: str, uuid: str) -> Committed:
        """The newest commit of a generation: none, where nothing is known of this very index."""
        answer: dict[str, Any] = self._cluster.ask("GET", self._index, "_doc", generation, missing={})
        source = answer.get("_source", {})
        if source.get("uuid") != uuid:
            return Committed(uuid)
        return Committed(uuid, int(source["change_number"]), int(source["commits"]), bool(source["refreshed"]))

    def write(self, generation: str, committed: Committed) -> None:
        """Writes down a commit; it is durable when this returns."""
        settings = self._cluster.settings
        self._cluster.ask(
            "PUT", self._index, "_doc", generation, body=asdict(committed), timeout_s=settings.write_s
        )  # fmt: skip

    def forget(self, generation: str) -> None:
        """Removes what is written down of a generation."""
        self._cluster.ask("DELETE", self._index, "_doc", generation, missing=None)
