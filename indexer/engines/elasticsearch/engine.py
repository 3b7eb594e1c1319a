"""All generations of a cluster, under one prefix: see `Engine`."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from typing import Any

from indexer.engines.elasticsearch.checks import check_version, cluster_problems
from indexer.engines.elasticsearch.cluster import Cluster
from indexer.engines.elasticsearch.commits import Commits
from indexer.engines.elasticsearch.described import describe
from indexer.engines.elasticsearch.mapping import FORMAT, META, index_body, stored_format
from indexer.engines.elasticsearch.names import Names
from indexer.engines.elasticsearch.reader import ElasticsearchReader
from indexer.engines.elasticsearch.settings import ElasticsearchSettings
from indexer.engines.elasticsearch.writer import ElasticsearchWriter
from indexer.engines.protocol import GenerationSpec, Outdated
from indexer.errors import ConflictError, CorruptionError, IndexerError, NotFoundError


class ElasticsearchEngine:
    """The engine of one cluster. Thread-safe; nothing is asked before the first call.

    Args:
        settings: where the cluster is, and how it is used.
    """

    def __init__(self, settings: ElasticsearchSettings) -> None:
        self._settings = settings
        self._names = Names(settings.prefix)
        self._unchecked = Cluster(settings)
        self._commits = Commits(self._unchecked, self._names)
        self._checking = threading.Lock()
        self._is_checked = False

    def create(self, spec: GenerationSpec) -> None:
        name = self._names.generation(spec.index, spec.number)
        self._commits_ready()
        try:
            self._cluster.ask("PUT", name, body=index_body(spec, self._settings), timeout_s=self._settings.write_s)
        except ConflictError as error:
            raise ConflictError(f"generation {spec.name} exists already") from error

    def generations(self, index: str) -> list[int]:
        found = self._cluster.ask("GET", self._names.generations(index), "_alias", missing={})
        numbers = (self._names.number(index, name) for name in found)
        return sorted(number for number in numbers if number is not None)

    def spec(self, index: str, number: int) -> GenerationSpec:
        return describe(self._cluster, self._names.generation(index, number)).spec

    def writer(self, index: str, number: int) -> ElasticsearchWriter:
        self._commits_ready()
        described = describe(self._cluster, self._names.generation(index, number))
        live = self._names.alias(index) in described.aliases
        return ElasticsearchWriter(self._cluster, self._commits, described, live=live)

    def reader(self, index: str, number: int) -> ElasticsearchReader:
        described = describe(self._cluster, self._names.generation(index, number))
        return ElasticsearchReader(self._cluster, self._commits, described)

    def live(self, index: str) -> int | None:
        alias = self._names.alias(index)
        found = self._cluster.ask("GET", "_alias", alias, missing={})
        names = [name for name, held in found.items() if alias in held.get("aliases", {})]
        if not names:
            return None
        number = self._names.number(index, names[0])
        if len(names) > 1 or number is None:
            raise CorruptionError(
                f"the alias {alias} in Elasticsearch points at {', '.join(sorted(names))} instead of one generation: "
                f"run `shelfwise indexes rebuild {index}`"
            )
        return number

    def switch(self, index: str, number: int) -> None:
        numbers = self.generations(index)
        if number not in numbers:
            raise NotFoundError(f"index {index!r} has no generation {number}; it has {numbers}")
        alias, name = self._names.alias(index), self._names.generation(index, number)
        held = self._cluster.ask("GET", "_alias", alias, missing={})
        actions: list[dict[str, Any]] = [
            {"remove": {"index": other, "alias": alias, "must_exist": False}}
            for other, aliases in held.items()
            if other != name and alias in aliases.get("aliases", {})
        ]
        actions.append({"add": {"index": name, "alias": alias}})
        self._cluster.ask("POST", "_aliases", body={"actions": actions}, timeout_s=self._settings.write_s)

    def drop(self, index: str, number: int) -> None:
        if self.live(index) == number:
            raise ConflictError(f"generation {index}@{number} is live: switch to another one before dropping it")
        self._remove(self._names.generation(index, number))

    def drop_index(self, index: str) -> None:
        for number in self.generations(index):
            self._remove(self._names.generation(index, number))

    def outdated(self) -> list[Outdated]:
        result: list[Outdated] = []
        for name, index, version, aliases in self._kept():
            number = self._names.number(index, name)
            if number is not None and version < FORMAT and self._names.alias(index) in aliases:
                result.append(Outdated(index, number, version, FORMAT))
        return sorted(result, key=lambda found: found.index)

    def size_bytes(self, index: str, number: int) -> int:
        stats = self._cluster.ask("GET", self._names.generation(index, number), "_stats", "store", missing=None)
        return 0 if stats is None else int(stats["_all"]["total"]["store"]["size_in_bytes"])

    def free_bytes(self) -> int:
        params = {"filter_path": "nodes.*.fs.total.available_in_bytes"}
        nodes = self._cluster.ask("GET", "_nodes", "stats", "fs", params=params).get("nodes", {})
        return sum(int(node["fs"]["total"]["available_in_bytes"]) for node in nodes.values())

    def strays(self, known: Collection[str]) -> list[str]:
        return sorted(name for name, index, _, _ in self._kept() if index not in known)

    def problems(self) -> list[str]:
        try:
            check_version(self._unchecked)
            return cluster_problems(self._unchecked)
        except IndexerError as error:
            return [str(error)]  # which says what to do

    def close(self) -> None:
        """Lets go of the connections."""
        self._unchecked.close()

    @property
    def _cluster(self) -> Cluster:
        """The cluster, once it is known to be what it should be."""
        if not self._is_checked:
            with self._checking:
                if not self._is_checked:
                    check_version(self._unchecked)
                    self._is_checked = True
        return self._unchecked

    def _kept(self) -> Iterator[tuple[str, str, int, Collection[str]]]:
        """(name, index, format, aliases) of all generations under the prefix."""
        params = {"filter_path": f"*.aliases,*.mappings._meta.{META}"}
        for name, held in self._cluster.ask("GET", self._names.everything, params=params, missing={}).items():
            mappings = held.get("mappings", {})
            index = mappings.get("_meta", {}).get(META, {}).get("index", "")
            if index:
                yield name, str(index), stored_format(mappings), held.get("aliases", {})

    def _commits_ready(self) -> None:
        self._commits.prepare()

    def _remove(self, name: str) -> None:
        self._cluster.ask("DELETE", name, timeout_s=self._settings.write_s, missing=None)
        self._commits.forget(name)
