"""`shelfwise records`: what was searched for over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from search.app import create_app
from search.cli.recorded import read_time
from search.config import Config
from search.errors import RequestError

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)


@pytest.fixture
def asked(shop: Any) -> Any:
    """The shop, after some searches over HTTP."""
    app = create_app(Config(data_dir=shop.data, text_model="hashing", threads=1))
    client = app.test_client()
    queries = (
        {"q": "kettle", "page_size": 1, "user_id": "alma"},
        {"q": "Kettle", "filters": "brand:Acme"},
        {"q": "spaceship zzz", "mode": "lexical"},
        {"q": "kettle unicorn", "mode": "lexical"},
    )
    answers = [client.get("/v1/indexes/shop/search", query_string=query).get_json() for query in queries]
    assert [answer["total"] for answer in answers][2:] == [0, 2]
    client.get("/v1/indexes/shop/search", query_string={"cursor": answers[0]["next_cursor"]})
    app.extensions["shelfwise"].close()
    return shop


def test_the_most_frequent_queries(asked: Any) -> None:
    first, *rest = asked.json("records")
    assert (first["query"], first["index"], first["searches"]) == ("kettle", "shop", 2)
    assert len(rest) == 2
    printed = asked.ok("records", "--top", "--limit", "1")
    assert "kettle" in printed
    assert "spaceship" not in printed


def test_queries_without_results_and_those_that_gave_words_up(asked: Any) -> None:
    assert [one["query"] for one in asked.json("records", "--zero-results")] == ["spaceship zzz"]
    (relaxed,) = asked.json("records", "--relaxed")
    assert (relaxed["query"], relaxed["given_up"]) == ("kettle unicorn", ["unicorn"])
    assert "unicorn" in asked.ok("records", "--relaxed")


def test_what_there_is_none_of(asked: Any) -> None:
    assert asked.json("records", "--index", "else") == []
    assert asked.json("records", "--since", "2999-01-01") == []
    assert "There are no such records" in asked.ok("records", "--index", "else")
    assert len(asked.json("records", "--since", "1h")) == 3


def test_the_command_line_leaves_no_records(shop: Any) -> None:
    shop.ok("search", "kettle")
    assert shop.json("records") == []


def test_an_export_has_every_record(asked: Any, tmp_path: Path) -> None:
    path = str(tmp_path / "searches.parquet")
    assert asked.json("records", "--export", path) == {"file": path, "records": 5}
    rows = pq.read_table(path).to_pylist()
    assert [row["kind"] for row in rows] == ["search"] * 4 + ["page"]
    first, filtered, _, relaxed, page = rows
    assert (first["q"], first["index"], first["user_id"], first["total"]) == ("kettle", "shop", "alma", 3)
    assert len(first["ids"]) == 1
    assert len(first["window_ids"]) == len(first["window_fused"]) == len(first["window_vector_rank"]) == 3
    assert first["time"].tzinfo is not None
    assert filtered["filters"] == "brand:Acme"
    assert relaxed["given_up"] == ["unicorn"]
    assert (page["query_id"], page["start"], page["q"], page["window_ids"]) == (first["query_id"], 1, None, None)
    again = asked("records", "--export", path)
    assert again.exit_code == 1
    assert "exists already; choose another name" in again.stderr


def test_the_time_is_read(shop: Any) -> None:
    assert read_time("36h", NOW) == NOW - timedelta(hours=36)
    assert read_time("7d", NOW) == NOW - timedelta(days=7)
    assert read_time("30m", NOW) == NOW - timedelta(minutes=30)
    assert read_time("2026-01-31", NOW) == datetime(2026, 1, 31, tzinfo=UTC)
    assert read_time("2026-01-31T10:00+02:00", NOW) == datetime(2026, 1, 31, 8, tzinfo=UTC)
    for wrong in ("yesterday", "7w", "999999d"):
        with pytest.raises(RequestError, match=f"'{wrong}' is no time; wanted is a day such as"):
            read_time(wrong, NOW)


def test_pyarrow_is_for_exports_alone(asked: Any) -> None:
    assert "pyarrow" not in asked.loaded_by("records")
