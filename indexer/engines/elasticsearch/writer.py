"""The one writer of a generation.

What is written waits in memory until the commit, so that nothing of it can be seen before. A commit sends it in bulks,
each durable when it is answered, and writes the commit down last: whatever a crash leaves undone is not taken for done.
A deleted product leaves a small document behind, whose change number keeps older changes out for good.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from indexer.engines.elasticsearch.bulk import Action, Bulk
from indexer.engines.elasticsearch.cluster import Cluster
from indexer.engines.elasticsearch.commits import Commits, Committed
from indexer.engines.elasticsearch.described import Described, describe
from indexer.engines.elasticsearch.documents import product_body, tombstone_body
from indexer.engines.elasticsearch.fields import Fields
from indexer.engines.elasticsearch.finishing import compact, fit_candidates, save_fitted
from indexer.engines.elasticsearch.patience import Patience
from indexer.engines.elasticsearch.tombstones import purge
from indexer.engines.protocol import IndexDocument, WriteReport
from indexer.errors import IndexerError, NotFoundError

_log = logging.getLogger(__name__)
_PURGED_EVERY_S = 3_600.0


class ElasticsearchWriter:
    """See `EngineWriter`.

    Args:
        described: what Elasticsearch says of the generation's index.
        live: searches go to it, so that each commit is made visible at once; of another one a reader does it.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        cluster: Cluster,
        commits: Commits,
        described: Described,
        *,
        live: bool,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._cluster = cluster
        self._commits = commits
        self._described = described
        self._live = live
        self._fields = Fields(described.spec.schema)
        self._bulk = Bulk(cluster, described.name)
        self._committed, self._place = commits.read_place(described.name, described.uuid)
        self._name = uuid4().hex
        self._pending: dict[str, Action] = {}
        self._clock = clock
        self._purged_at_s = 0.0

    @property
    def change_number(self) -> int:
        return self._committed.change_number

    def write(self, documents: Sequence[IndexDocument]) -> WriteReport:
        versions = self._versions([document.id for document in documents])
        written = skipped = 0
        for document in documents:
            if versions.get(document.id, -1) >= document.change_number:
                skipped += 1
                continue
            body = product_body(document, self._fields, self._commit)
            versions[document.id] = document.change_number
            self._pending[document.id] = Action(document.id, document.change_number, body)
            written += 1
        return WriteReport(written, skipped)

    def delete(self, ids: Mapping[str, int]) -> WriteReport:
        versions = self._versions(list(ids))
        written = skipped = 0
        for id_, number in ids.items():
            if versions.get(id_, -1) >= number:
                skipped += 1
                continue
            self._pending[id_] = Action(id_, number, tombstone_body(number, self._commit, self._clock()))
            written += 1
        return WriteReport(written, skipped)

    def commit(self, change_number: int) -> Mapping[str, str]:
        number = max(change_number, self._committed.change_number)
        if not self._pending and number == self._committed.change_number:
            return {}
        rejected: dict[str, str] = {}
        patience = self._patience()
        if self._pending:
            patience.until_done(self._check_there)
            rejected = self._bulk.send(list(self._pending.values()), patience).rejected
            # What was there of them before is not how they are now.
            buried = [
                Action(id_, version, tombstone_body(version, self._commit, self._clock()))
                for id_, version, _ in map(self._pending.__getitem__, rejected)
            ]
            self._bulk.send(buried, patience)
            if self._live:
                patience.until_done(self._refresh)
        committed = Committed(self._described.uuid, number, self._commit, self._live, self._name)
        place = self._place
        self._place = patience.until_done(lambda: self._commits.write(self._described.name, committed, place))
        self._committed = committed
        self._pending = {}
        self._purge()
        return rejected

    def finish(self, min_cosine: float | None = None, queries: NDArray[np.float32] | None = None) -> None:
        """Merges the segments into few, and finds out how far a vector search has to look."""
        self._patience().until_done(self._refresh)
        compact(self._cluster, self._described.name)
        present = describe(self._cluster, self._described.name)
        least = present.fitted.min_cosine if min_cosine is None else min_cosine
        candidates = present.fitted.candidates
        if queries is not None and present.spec.dim:
            candidates = fit_candidates(self._cluster, present, queries)
        save_fitted(self._cluster, present, least, candidates)

    def close(self) -> None:
        """Forgets what was not committed."""
        self._pending = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _commit(self) -> int:
        """The number of the commit that is being prepared."""
        return self._committed.commits + 1

    def _versions(self, ids: list[str]) -> dict[str, int]:
        """The change number of each id that is known, be it of a deletion."""
        asked = [id_ for id_ in dict.fromkeys(ids) if id_ not in self._pending]
        result = {id_: self._pending[id_].version for id_ in ids if id_ in self._pending}
        if not asked or not self._committed.commits:
            return result
        params = {"_source": "false", "filter_path": "docs._id,docs._version"}
        answer: dict[str, Any] = self._patience().until_done(
            lambda: self._cluster.ask(
                "POST", self._described.name, "_mget", body={"ids": asked}, params=params,
                timeout_s=self._cluster.settings.write_s,
            )
        )  # fmt: skip
        result.update({found["_id"]: int(found["_version"]) for found in answer["docs"] if "_version" in found})
        return result

    def _check_there(self) -> None:
        """Elasticsearch would make an index of its own for what is written to none."""
        answer = self._cluster.ask(
            "GET", self._described.name, "_settings", params={"filter_path": "*.settings.index.uuid"}, missing={}
        )
        found = answer.get(self._described.name, {}).get("settings", {}).get("index", {}).get("uuid")
        if found != self._described.uuid:
            raise NotFoundError(
                f"the Elasticsearch index {self._described.name} was removed or made anew while it was written to: "
                "build it again with `shelfwise indexes rebuild`"
            )

    def _purge(self) -> None:
        """Now and then removes what nobody needs; a commit is none the worse without it."""
        now_s = self._clock()
        if not self._live or now_s - self._purged_at_s < _PURGED_EVERY_S:
            return
        self._purged_at_s = now_s
        try:
            purge(self._cluster, self._described.name, now_s)
        except IndexerError as error:
            _log.warning("what is left of deleted products stays in %s for now: %s", self._described.name, error)

    def _patience(self) -> Patience:
        return Patience(self._cluster.settings.retry_s, self._described.name)

    def _refresh(self) -> None:
        self._cluster.ask("POST", self._described.name, "_refresh", timeout_s=self._cluster.settings.write_s)
