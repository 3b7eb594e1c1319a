"""Records as a Parquet file, one row each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from indexer.errors import InputError
from indexer.files import disk_errors

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS = 2_000
"""So many rows are in memory at a time."""


def export_parquet(records: Iterable[Mapping[str, Any]], path: Path) -> int:
    """Writes records to a new file, whole or not at all.

    Args:
        records: as read back.

    Returns:
        How many.

    Raises:
        InputError: there is such a file already.
        StorageError: the disk refused.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if path.exists():
        raise InputError(f"{path} exists already; choose another name, or move it away first")
    partial = path.with_name(path.name + ".partial")
    schema = _schema()
    written = 0
    try:
        with disk_errors(path), pq.ParquetWriter(partial, schema, compression="zstd") as writer:
            for rows in _batches(_row(record) for record in records):
                writer.write_table(pa.Table.from_pylist(rows, schema))
                written += len(rows)
        with disk_errors(path):
            partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return written


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := list(islice(rows, _ROWS)):
        yield batch


def _schema() -> pa.Schema:
    import pyarrow as pa

    text, texts, whole = pa.string(), pa.list_(pa.string()), pa.int64()
    scores, ranks = pa.list_(pa.float64()), pa.list_(pa.int32())
    columns: dict[str, Any] = {
        "kind": text,
        "time": pa.timestamp("ms", tz="UTC"),
        "query_id": text,
        "index": text,
        "generation": whole,
        "change_number": whole,
        "encoder": text,
        "q": text,
        "corrected_query": text,
        "similar_to": text,
        "filters": text,
        "refine": text,
        "sort": texts,
        "mode": text,
        "language": text,
        "channel": text,
        "page_size": whole,
        "user_id": text,
        "session_id": text,
        "caller": text,
        "given_up": texts,
        "total": whole,
        "start": whole,
        "ids": texts,
        "window_ids": texts,
        "window_lexical": scores,
        "window_lexical_rank": ranks,
        "window_vector": scores,
        "window_vector_rank": ranks,
        "window_fused": scores,
        "degraded": texts,
        "total_ms": pa.float64(),
    }
    return pa.schema(list(columns.items()))


def _row(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a page has not is null."""
    request, index = record.get("request", {}), record["index"]
    row: dict[str, Any] = {
        **{name: record.get(name) for name in ("kind", "query_id", "encoder", "corrected_query", "user_id")},
        **{name: record.get(name) for name in ("session_id", "total", "start", "ids")},
        **{name: request.get(name) for name in ("q", "similar_to", "filters", "sort", "mode", "language", "channel")},
        "time": datetime.fromisoformat(record["time"]),
        "index": index["name"],
        "generation": index["generation"],
        "change_number": index["change_number"],
        "page_size": request.get("page_size"),
        "refine": orjson.dumps(request["refine"]).decode() if request else None,
        "caller": record.get("caller", {}).get("role"),
        "given_up": record.get("matching", {}).get("given_up"),
        "degraded": [part["stage"] for part in record["degraded"]] if "degraded" in record else None,
        "total_ms": record.get("timings_ms", {}).get("total"),
    }
    row.update({f"window_{name}": column for name, column in record.get("window", {}).items()})
    return row
