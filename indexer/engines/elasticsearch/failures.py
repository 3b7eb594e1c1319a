"""What went wrong with Elasticsearch, as errors that say what to do. Pure functions of its answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from indexer.errors import (
    ConfigurationError,
    ConflictError,
    IndexerError,
    NotFoundError,
    StorageError,
    UnavailableError,
)

LOST_CONTEXT = "search_context_missing_exception"
_BUSY = {429, 502, 503, 504}


def failure(status: int, error: Any, where: str) -> IndexerError:
    """The error that an answer of Elasticsearch's means.

    Args:
        status: of HTTP.
        error: what its answer has under "error", or the whole answer.
        where: what was asked for, as in "index shelfwise-shop@1".
    """
    kind, reason = told(error)
    said = f"Elasticsearch, asked for {where}, says {reason or kind or f'HTTP {status}'}"
    if kind == "cluster_block_exception":
        return StorageError(read_only(reason, where))
    if kind == "resource_already_exists_exception":
        return ConflictError(f"{where} exists already")
    if status == 409:
        return ConflictError(f"{said}: another one has changed it meanwhile")
    if status == 404:
        return NotFoundError(f"{said}: there is no such thing; a generation that is gone is made again with "
                             "`shelfwise indexes rebuild`")  # fmt: skip
    if status in (401, 403):
        return ConfigurationError(
            f"{said}: the credentials are wrong or may not do this; set an API key that may manage, read and write "
            "the indexes under the prefix"
        )
    if status in _BUSY or kind == "circuit_breaking_exception":
        return UnavailableError(f"{said}; it is too busy or not all up: it is tried again by itself")
    return StorageError(said)


def read_only(reason: str, where: str) -> str:
    """What to say where Elasticsearch takes no writes."""
    return (
        f"{where} is read-only in Elasticsearch ({reason}): make room on its disks, whose flood stage it has passed in "
        'most cases, or take the block away with PUT INDEX/_settings {"index.blocks.write": false, '
        '"index.blocks.read_only": false}; nothing acknowledged is lost'
    )


def told(error: Any) -> tuple[str, str]:
    """(type, reason) of an error: of its cause, where it names one."""
    if not isinstance(error, Mapping):
        return "", str(error)[:500]
    if isinstance(error.get("error"), (Mapping, str)):
        return told(error["error"])
    innermost: Mapping[str, Any] = error
    for cause in _causes(error):
        innermost = cause
    return str(innermost.get("type", "")), str(innermost.get("reason", ""))[:500]


def has_lost_context(answer: Mapping[str, Any]) -> bool:
    """Whether there is no answer because a snapshot is not kept any more, which a newer one mends."""
    return LOST_CONTEXT in repr(answer.get("error", ""))


def _causes(error: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    causes = error.get("root_cause") or ()
    if causes and isinstance(causes[0], Mapping):
        yield causes[0]
    for shard in (error.get("failed_shards") or ())[:1]:
        if isinstance(shard, Mapping) and isinstance(shard.get("reason"), Mapping):
            yield shard["reason"]
    cause = error.get("caused_by")
    while isinstance(cause, Mapping):
        yield cause
        cause = cause.get("caused_by")
