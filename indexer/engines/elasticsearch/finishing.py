"""The end of a build: what makes reading fast."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.engines.elasticsearch.cluster import Cluster
from indexer.engines.elasticsearch.described import Described
from indexer.engines.elasticsearch.fields import VECTOR
from indexer.engines.elasticsearch.mapping import Fitted, meta
from indexer.errors import StorageError, UnavailableError

RECALL = 0.999
"""Of the `_NEAREST` nearest, the share that a vector search has to find."""
_NEAREST = 200
_TRIED = (1_000, 2_000, 3_500, 6_000)
_ALL = 10_000
_ASKED = 50
_AT_ONCE = 10
_LOOK_S = 0.5
_MERGED_WITHIN_S = 6 * 3_600.0


def compact(cluster: Cluster, name: str) -> None:
    """Merges each shard's segments into one, however long it takes.

    Raises:
        StorageError: Elasticsearch could not, or took hours.
    """
    params = {"max_num_segments": "1", "wait_for_completion": "false"}
    task = cluster.ask("POST", name, "_forcemerge", params=params, timeout_s=cluster.settings.write_s)["task"]
    deadline = time.monotonic() + _MERGED_WITHIN_S
    pause_s = 0.01
    while True:
        try:
            # A node that was restarted does not know of it any more; the next build merges again.
            state = cluster.ask("GET", "_tasks", task, missing={"completed": True})
        except UnavailableError:
            state = {"completed": False}
        if state["completed"]:
            break
        if time.monotonic() > deadline:
            raise StorageError(f"Elasticsearch did not merge {name} within {_MERGED_WITHIN_S / 3600:.0f} hours")
        time.sleep(pause_s)
        pause_s = min(_LOOK_S, 2 * pause_s)
    if "error" in state:
        raise StorageError(f"Elasticsearch could not merge {name}: {state['error']}")
    cluster.ask("POST", name, "_refresh", timeout_s=cluster.settings.write_s)


def fit_candidates(cluster: Cluster, described: Described, queries: NDArray[np.float32]) -> int:
    """So many candidates a vector search has to look at, for each shard, to find nearly all it should.

    Args:
        queries: float32 (n, dim), vectors such as searches will ask with.
    """
    asked = queries[:_ASKED]
    nearest = _found(cluster, described, asked, _ALL)
    wanted = sum(map(len, nearest))
    for candidates in _TRIED:
        found = _found(cluster, described, asked, candidates)
        if sum(len(exact & near) for exact, near in zip(nearest, found, strict=True)) >= RECALL * wanted:
            return candidates
    return _ALL


def save_fitted(cluster: Cluster, described: Described, min_cosine: float, candidates: int) -> None:
    """Keeps what was found out with the generation."""
    body = {"_meta": meta(described.spec, Fitted(min_cosine, candidates))}
    cluster.ask("PUT", described.name, "_mapping", body=body, timeout_s=cluster.settings.write_s)


def _found(
    cluster: Cluster, described: Described, queries: NDArray[np.float32], candidates: int
) -> list[frozenset[str]]:
    """The ids that each query finds."""
    result: list[frozenset[str]] = []
    for start in range(0, len(queries), _AT_ONCE):
        lines: list[dict[str, Any]] = []
        for query in queries[start : start + _AT_ONCE]:
            knn = {"field": VECTOR, "query_vector": query.tolist(), "k": _NEAREST, "num_candidates": candidates}
            lines += [{}, {"knn": knn, "size": _NEAREST, "_source": False}]
        answers = cluster.ask_lines((described.name, "_msearch"), lines, timeout_s=cluster.settings.write_s)
        for answer in answers["responses"]:
            hits = answer.get("hits", {}).get("hits", ())
            result.append(frozenset(hit["_id"] for hit in hits))
    return result
