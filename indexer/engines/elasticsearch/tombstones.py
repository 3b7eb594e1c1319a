"""What stays of deleted products, and is removed once no late writer can speak of them any more."""

from __future__ import annotations

from typing import Any

import orjson

from indexer.engines.elasticsearch.cluster import Cluster
from indexer.engines.elasticsearch.fields import DELETED_AT

KEPT_S = 24 * 3_600.0
_AT_ONCE = 1_000


def purge(cluster: Cluster, name: str, now_s: float) -> int:
    """Removes tombstones that are older than a day, at most a thousand.

    Elasticsearch itself remembers the deletions for another hour (`gc_deletes`).

    Returns:
        How many were found.
    """
    body: dict[str, Any] = {
        "query": {"range": {DELETED_AT: {"lt": int(now_s - KEPT_S), "format": "epoch_second"}}},
        "size": _AT_ONCE,
        "version": True,
        "_source": False,
        "track_total_hits": False,
    }
    hits = cluster.ask("POST", name, "_search", body=body)["hits"]["hits"]
    if hits:
        # One that has become a product again since is newer, and stays.
        lines = [
            orjson.dumps({"delete": {"_id": hit["_id"], "version": hit["_version"], "version_type": "external_gte"}})
            for hit in hits
        ]
        cluster.ask_lines((name, "_bulk"), lines, {"filter_path": "errors"}, timeout_s=cluster.settings.write_s)
    return len(hits)
