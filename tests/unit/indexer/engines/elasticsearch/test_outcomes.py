"""What is made of each answer to a write."""

from __future__ import annotations

from typing import Any

import pytest

from indexer.engines.elasticsearch.failures import failure, has_lost_context
from indexer.engines.elasticsearch.outcomes import Outcome, outcome_of
from indexer.errors import (
    ConfigurationError,
    ConflictError,
    IndexerError,
    NotFoundError,
    StorageError,
    UnavailableError,
)

READ_ONLY = "blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only block];"


@pytest.mark.parametrize(
    ("status", "kind", "outcome"),
    [
        (200, "", Outcome.DONE),
        (201, "", Outcome.DONE),
        (409, "version_conflict_engine_exception", Outcome.SKIPPED),
        (429, "es_rejected_execution_exception", Outcome.RETRY),
        (429, "circuit_breaking_exception", Outcome.RETRY),
        (503, "unavailable_shards_exception", Outcome.RETRY),
        (500, "node_disconnected_exception", Outcome.RETRY),
        (500, "something_new", Outcome.RETRY),
        (400, "document_parsing_exception", Outcome.REJECTED),
        (400, "illegal_argument_exception", Outcome.REJECTED),
        (429, "cluster_block_exception", Outcome.FATAL),
        (403, "cluster_block_exception", Outcome.FATAL),
        (403, "security_exception", Outcome.FATAL),
        (404, "index_not_found_exception", Outcome.FATAL),
    ],
)
def test_outcomes(status: int, kind: str, outcome: Outcome) -> None:
    item: dict[str, Any] = {"status": status}
    if kind:
        item["error"] = {"type": kind, "reason": "because", "caused_by": {"type": "inner", "reason": "of this"}}
    found = outcome_of({"index": item})
    assert found.outcome is outcome
    assert found.reason == ("inner: of this" if kind else "")


@pytest.mark.parametrize(
    ("status", "error", "kind", "message"),
    [
        (429, {"type": "cluster_block_exception", "reason": READ_ONLY}, StorageError, "read-only in Elasticsearch"),
        (
            429,
            {"type": "es_rejected_execution_exception", "reason": "queue is full"},
            UnavailableError,
            "queue is full",
        ),
        (503, "no healthy upstream", UnavailableError, "no healthy upstream"),
        (404, {"type": "index_not_found_exception", "reason": "no such index [x]"}, NotFoundError, "rebuild"),
        (401, {"type": "security_exception", "reason": "missing credentials"}, ConfigurationError, "API key"),
        (400, {"type": "resource_already_exists_exception", "reason": "exists"}, ConflictError, "exists already"),
        (400, {"error": {"root_cause": [{"type": "a", "reason": "bad query"}]}}, StorageError, "bad query"),
    ],
)
def test_errors_say_what_to_do(status: int, error: Any, kind: type[IndexerError], message: str) -> None:
    found = failure(status, error, "index x")
    assert type(found) is kind
    assert message in str(found)


def test_a_snapshot_that_is_gone_is_noticed() -> None:
    lost = {"type": "search_context_missing_exception"}
    assert has_lost_context({"error": {"root_cause": [lost]}, "status": 404})
    assert not has_lost_context({"error": {"root_cause": [{"type": "other"}]}, "status": 404})
    assert not has_lost_context({"_shards": {"failed": 0}})
