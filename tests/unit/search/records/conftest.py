"""Records to write, and writers in a folder of the test's own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from search.caller import Caller, Role
from search.fuse import Fused
from search.records.record import SearchRecord
from search.records.retention import Retention
from search.records.writer import RecordWriter
from search.request import SearchRequest
from search.response import Degraded

KEPT = Retention(days=30, max_bytes=1_000_000_000)
WINDOW = (
    Fused("p1", 0.0246, 0, 1, 8.21, 2, 0.71, 0.0164, 0.0082),
    Fused("p2", 0.0161, 1, 2, 7.5, None, None, 0.0161, 0.0),
    Fused("p3", 0.0082, 2, None, None, 1, 0.75, 0.0, 0.0082),
)


def record(
    query_id: str = "q1",
    q: str = "desk lamp",
    user_id: str = "",
    session_id: str = "",
    total: int = 3,
    at_s: float | None = None,
    given_up: tuple[str, ...] = (),
    index: str = "shop",
    page: int = 1,
) -> SearchRecord:
    return SearchRecord(
        at_s=time.time() if at_s is None else at_s,
        request=SearchRequest(q=q, user_id=user_id, session_id=session_id, page=page),
        caller=Caller(Role.SHOP_WINDOW, "search:abc", "brand:Alma"),
        encoder="hashing-1",
        query_id=query_id,
        ids=("p1", "p2") if total else (),
        total=total,
        window=tuple(zip(*WINDOW)) if total else (),
        matching={"words": q.split(), "given_up": list(given_up), "corrected": {}, "language": "en"},
        corrected_query="",
        degraded=(Degraded("vector", "broken"),),
        timings_ms={"total": 1.5},
        index={"name": index, "generation": 1, "change_number": 40},
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "records"


@pytest.fixture
def new_record() -> Callable[..., SearchRecord]:
    return record


@pytest.fixture
def new_writer(folder: Path) -> Iterator[Callable[..., RecordWriter]]:
    opened: list[RecordWriter] = []

    def build(**options: object) -> RecordWriter:
        opened.append(RecordWriter(folder, **{"retention": KEPT, **options}))  # type: ignore[arg-type]
        return opened[-1]

    yield build
    for writer in opened:
        writer.close()


@pytest.fixture
def writer(new_writer: Callable[..., RecordWriter]) -> RecordWriter:
    return new_writer()
