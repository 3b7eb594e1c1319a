"""What was committed to each generation: one small document each, in an index of their own.

It is written behind the products, so it never speaks of what is not there, and only over the one that the writer began
from: of two writers, the one that comes late is told. Where it is lost, the generation counts as having nothing, and is
brought up to date again: what it has already is not written twice.
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
        writer: who wrote it.
    """

    uuid: str
    change_number: int = 0
    commits: int = 0
    refreshed: bool = True
    writer: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Which state of the small document was read: it is the only one that may be written over.

    Args:
        seq_no, primary_term: as Elasticsearch has them; -1 where there was no document.
    """

    seq_no: int = -1
    primary_term: int = -1

    @property
    def params(self) -> dict[str, str]:
        if self.seq_no < 0:
            return {"op_type": "create"}
        return {"if_seq_no": str(self.seq_no), "if_primary_term": str(self.primary_term)}


class Commits:
    """Reads and writes them."""

    def __init__(self, cluster: Cluster, names: Names) -> None:
        self._cluster = cluster
        self._index = names.commits

    def prepare(self) -> None:
        """Makes their index, where there is none yet."""
        settings = {"number_of_shards": 1, "number_of_replicas": self._cluster.settings.replicas}
        numbers = {"change_number": {"type": "long"}, "commits": {"type": "long"}}
        texts = {"uuid": {"type": "keyword"}, "writer": {"type": "keyword"}}
        properties = {**texts, **numbers, "refreshed": {"type": "boolean"}}
        body = {"settings": {"index": settings}, "mappings": {"dynamic": False, "properties": properties}}
        if self._cluster.ask("GET", self._index, "_alias", missing=None) is not None:
            return
        try:
            self._cluster.ask("PUT", self._index, body=body, timeout_s=self._cluster.settings.write_s)
        except ConflictError:
            return  # another process made it meanwhile

    def read(self, generation: str, uuid: str) -> Committed:
        """The newest commit of a generation: none, where nothing is known of this very index."""
        return self.read_place(generation, uuid)[0]

    def read_place(self, generation: str, uuid: str) -> tuple[Committed, Place]:
        """The newest commit of a generation, and what `write` has to know to write over it."""
        answer: dict[str, Any] = self._cluster.ask("GET", self._index, "_doc", generation, missing={})
        source = answer.get("_source", {})
        place = Place(int(answer["_seq_no"]), int(answer["_primary_term"])) if source else Place()
        if source.get("uuid") != uuid:
            return Committed(uuid), place
        numbers = int(source["change_number"]), int(source["commits"])
        return Committed(uuid, *numbers, bool(source["refreshed"]), str(source["writer"])), place

    def write(self, generation: str, committed: Committed, place: Place) -> Place:
        """Writes down a commit; it is durable when this returns, and may be done twice.

        Args:
            place: of the commit that it follows.

        Returns:
            Its own.

        Raises:
            ConflictError: another writer has written another one meanwhile.
        """
        path = ("PUT", self._index, "_doc", generation)
        timeout_s = self._cluster.settings.write_s
        try:
            answer = self._cluster.ask(*path, body=asdict(committed), params=place.params, timeout_s=timeout_s)
        except ConflictError as error:
            there, found = self.read_place(generation, committed.uuid)
            if there == committed:
                return found  # it was written before, and the answer got lost
            raise ConflictError(
                f"{generation} in Elasticsearch was written to by another writer meanwhile, up to change "
                f"{there.change_number}; nothing is lost, and the changes are written again by the next task"
            ) from error
        return Place(int(answer["_seq_no"]), int(answer["_primary_term"]))

    def forget(self, generation: str) -> None:
        """Removes what is written down of a generation."""
        self._cluster.ask("DELETE", self._index, "_doc", generation, missing=None)
