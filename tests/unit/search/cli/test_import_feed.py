"""`shelfwise import`: what it prints, what it refuses, and what stays when it is stopped."""

from __future__ import annotations

import gzip
import json
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

import pytest

from indexer.encoders.hashing import HashingEncoder
from indexer.feeds.names import TARGETS


def rows(start: int, end: int, filler: str = "", **attributes: str) -> str:
    return "".join(
        json.dumps({"id": f"P-{n}", "title": f"Product number {n}", "description": filler, **attributes}) + "\n"
        for n in range(start, end)
    )


def test_first_import_builds_and_the_second_writes_nothing(shell, lines) -> None:
    feed = shell.write("feed.csv", shell.feed)
    *_, first = lines(shell.ok("import", feed, "--index", "shop", "--json"))
    *_, second = lines(shell.ok("import", feed, "--index", "shop", "--json"))
    picked = ("rows", "created", "updated", "unchanged", "rejected", "change_number", "generation", "vectors")
    assert [first["summary"][name] for name in picked] == [3, 3, 0, 0, 0, 3, 1, {"computed": 3, "reused": 0}]
    assert [second["summary"][name] for name in picked] == [3, 0, 0, 3, 0, 3, 1, {"computed": 0, "reused": 0}]


def test_each_committed_chunk_is_a_line(shell, lines) -> None:
    *chunks, last = lines(shell.ok("import", shell.write("feed.jsonl", rows(0, 1200)), "--index", "shop", "--json"))
    assert [(chunk["last_line"], chunk["change_number"]) for chunk in chunks] == [
        (500, 500),
        (1000, 1000),
        (1200, 1200),
    ]
    assert last["summary"]["rows"] == 1200


def test_summary_for_people_tells_of_rejects(shell) -> None:
    feed = shell.write("feed.csv", shell.feed + "A-4,Teapot,Acme,,free,Kitchen,white\n")
    printed = shell.ok("import", feed, "--index", "shop")
    assert re.search(r"^shop: 4 rows in ", printed)
    assert re.search(r"created +3\n", printed)
    assert re.search(r"rejected +1\n +line 5, field price: not a price.*\(seen: free\)", printed)
    (rejects,) = (shell.data / "imports").glob("*.rejects.jsonl")
    assert str(rejects) in printed
    assert "generation 1 is live" in printed


@pytest.mark.usefixtures("picky")
def test_summary_names_what_the_engine_rejects(shell, lines) -> None:
    feed = shell.write("feed.csv", shell.feed)
    *_, first = lines(shell.ok("import", feed, "--index", "shop", "--json"))
    assert first["summary"]["not_indexed"] == {"products": 1, "reasons": {"A-2": "too blue"}}
    assert shell.json("search", "kettle", "--mode", "lexical")["total"] == 1
    *_, again = lines(shell.ok("import", feed, "--index", "shop", "--json"))
    assert again["summary"]["not_indexed"] == {"products": 0, "reasons": {}}
    changed = shell.write("changed.csv", shell.feed.replace("Blue kettle", "Blue pot"))
    printed = shell.ok("import", changed, "--index", "shop")
    assert re.search(r"not indexed +1  kept, but .*\n +A-2: too blue\n", printed)


def test_columns_and_currency_can_be_named(shell) -> None:
    feed = shell.write("feed.csv", "nr,label,price\nX1,Red kettle,9.50\n")
    shell.ok("import", feed, "--index", "shop", "--map", "id=nr", "--map", "title=label", "--currency", "eur")
    (hit,) = shell.json("search", "kettle")["hits"]
    assert (hit["id"], hit["document"]["price"]["amount"], hit["document"]["price"]["currency"]) == ("X1", 9.5, "EUR")


def test_encoding_can_be_named(shell) -> None:
    feed = shell.write("feed.csv", "sku,name\nA-1,Wyciskarka do cytrusów żółta\n".encode("cp1250"))
    assert shell.json("import", feed, "--dry-run")["encoding"] == "cp1252"
    assert shell.json("import", feed, "--dry-run", "--encoding", "windows-1250")["encoding"] == "cp1250"
    shell.ok("import", feed, "--index", "shop", "--encoding", "cp1250")
    (hit,) = shell.json("search", "wyciskarka", "--mode", "lexical")["hits"]
    assert hit["document"]["title"] == "Wyciskarka do cytrusów żółta"


def test_language_and_encoder_are_those_of_a_new_index(shell) -> None:
    feed = shell.write("feed.csv", shell.feed)
    shell.ok("import", feed, "--index", "shop", "--language", "de", "--encoder", "none")
    schema = shell.json("indexes", "show", "shop")["settings"]["schema"]
    assert (schema["language"], schema["encoder"]) == ("de", "")
    refused = shell("import", feed, "--index", "shop", "--encoder", "hashing")
    assert refused.exit_code == 1
    assert "indexes settings shop --set schema.encoder=" in refused.stderr
    shell.ok("import", feed, "--index", "shop", "--encoder", "none")


def test_standard_input(shell) -> None:
    shell.ok("import", "-", "--index", "shop", stdin=shell.feed)
    assert shell.json("search", "kettle", "--mode", "lexical")["total"] == 2


def test_dry_run_shows_and_writes_nothing(shell) -> None:
    feed = shell.write("feed.csv", shell.feed)
    printed = shell.ok("import", feed, "--dry-run")
    for column, becomes in (("sku", "id"), ("name", "title"), ("colour", "attribute")):
        assert re.search(rf"^ {column} +{becomes} ", printed, flags=re.MULTILINE)
    assert "all 3 rows" in printed
    described = shell.json("import", feed, "--dry-run")
    assert described["columns"][0] == {
        "name": "sku", "becomes": "id", "filled": 3, "examples": ["A-1", "A-2", "A-3"]
    }  # fmt: skip
    assert not shell.data.exists()


def test_strict_stops_at_the_first_bad_row(shell) -> None:
    feed = shell.write("feed.csv", shell.feed + "A-4,Teapot,Acme,,free,Kitchen,white\n")
    result = shell("import", feed, "--index", "shop", "--strict")
    assert result.exit_code == 1
    assert "line 5, field 'price'" in result.stderr
    assert "the rows before it are imported and searchable" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert shell.json("search", "kettle", "--mode", "lexical", "--facet", "colour")["total"] == 2


def test_sync_removes_what_is_gone_and_refuses_what_looks_wrong(shell, lines) -> None:
    shell.ok("import", shell.write("all.jsonl", rows(0, 10)), "--index", "shop")
    *_, last = lines(shell.ok("import", shell.write("nine.jsonl", rows(0, 9)), "--index", "shop", "--sync", "--json"))
    assert last["summary"]["removed"] == 1
    few = shell.write("few.jsonl", rows(0, 2))
    refused = shell("import", few, "--index", "shop", "--sync")
    assert refused.exit_code == 1
    assert "7 of 9 products would be removed" in refused.stderr
    assert "the rows of the feed are imported and searchable" in refused.stderr
    assert shell.json("search", "product")["total"] == 9
    shell.ok("import", few, "--index", "shop", "--sync", "--force")
    assert shell.json("search", "product")["total"] == 2


def test_feed_that_breaks_off_is_imported_and_told_of(shell) -> None:
    whole = gzip.compress(rows(0, 2000).encode())
    result = shell("import", shell.write("cut.jsonl.gz", whole[: len(whole) // 2]), "--index", "shop")
    assert result.exit_code == 1
    assert "breaks off" in result.stderr
    assert "what came before it is imported" in result.stderr
    assert shell.json("search", "product")["total"] > 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["feed.csv"], 2, "--index is missing"),
        (["feed.csv", "--index", "shop", "--map", "title"], 2, "TARGET=COLUMN"),
        (["nowhere.csv", "--index", "shop"], 2, "'nowhere.csv' does not exist"),
        (["feed.csv", "--index", "shop", "--map", "title=nome"], 2, "nome"),
        (["feed.csv", "--index", "shop", "--map", "titel=name"], 2, "there is no field 'titel'"),
        (["feed.csv", "--dry-run", "--map", "title@xx=name"], 2, "'xx' is no language"),
        (["feed.csv", "--index", "shop", "--currency", "EURO"], 2, "EURO"),
        (["feed.csv", "--index", "shop", "--language", "English"], 2, "'english'"),
        (["feed.csv", "--index", "shop", "--encoder", "./no/model"], 3, "no such folder"),
        (["feed.csv", "--index", "shop", "--encoding", "cp12500"], 2, "there is no encoding 'cp12500'"),
        (["feed.csv", "--index", "shop", "--encoding", "base64"], 2, "there is no encoding 'base64'"),
        (["bad.csv", "--index", "shop"], 1, "none of the 1 row could be taken"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(shell, arguments: list[str], code: int, words: str) -> None:
    shell.write("feed.csv", shell.feed)
    shell.write("bad.csv", "sku,name,price\nA-1,Kettle,free\n")
    result = shell("import", *arguments)
    assert result.exit_code == code, result.output
    assert words in result.stderr
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_an_encoder_that_cannot_be_had_makes_no_index(shell) -> None:
    shell("import", shell.write("feed.csv", shell.feed), "--index", "shop", "--encoder", "./no/model")
    assert shell.json("indexes", "list") == []


@contextmanager
def importing(shell) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes], Callable[[], Any]]]:
    """An import of what is still to be written: (process, its stdin, a function that reads a line of its stdout)."""
    command = [*shell.command, "import", "-", "--index", "shop", "--json", "--format", "jsonl"]
    process = subprocess.Popen(
        command,
        env=shell.whole_environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    stdout = process.stdout
    try:
        yield process, process.stdin, lambda: json.loads(stdout.readline())
    finally:
        process.kill()
        process.communicate()


FILLER = "x" * 600
"""Makes a row long enough that a few thousand of them fill the buffers between two processes."""


def test_an_acknowledged_chunk_survives_kill_9(shell) -> None:
    with importing(shell) as (process, stdin, next_line):
        stdin.write(rows(0, 3000, FILLER, colour="red").encode())
        stdin.flush()
        acknowledged = next_line()  # while the feed goes on
        process.send_signal(signal.SIGKILL)
    assert shell.json("indexes", "show", "shop")["change_number"] >= acknowledged["change_number"] == 500
    assert "run `shelfwise indexes update shop`" in shell("doctor").stdout
    shell.ok("indexes", "update", "shop")
    answer = shell.json("search", "product", "--mode", "lexical", "--facet", "colour")
    assert answer["total"] >= 500
    assert [bucket["value"] for bucket in answer["facets"]["colour"]] == ["red"]


def test_ctrl_c_keeps_what_is_committed_and_the_same_command_goes_on(shell, lines) -> None:
    with importing(shell) as (process, stdin, next_line):
        stdin.write(rows(0, 3000, FILLER).encode())
        stdin.flush()
        next_line()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    last = lines(out.decode())[-1]["last_line"]
    assert f"Stopped. The rows up to line {last:,} are kept" in err.decode()
    assert "Traceback" not in err.decode()
    feed = shell.write("all.jsonl", rows(0, 3100, FILLER))
    *_, summary = lines(shell.ok("import", feed, "--index", "shop", "--json"))
    assert summary["summary"]["unchanged"] >= 500
    assert summary["summary"]["unchanged"] + summary["summary"]["created"] == 3100


def test_dry_run_shows_the_columns_that_it_cannot_tell(shell) -> None:
    feed = shell.write("feed.csv", "nummer;bezeichnung\n17;Stuhl\n")
    result = shell("import", feed, "--dry-run")
    assert result.exit_code == 1
    assert re.search(r"bezeichnung +Stuhl", result.stdout)
    assert "told to be the id" in result.stderr
    result = shell("import", feed, "--dry-run", "--json")
    assert {"name": "nummer", "example": "17"} in json.loads(result.stdout)["columns"]


def test_help_lists_what_a_column_can_be_mapped_to(shell) -> None:
    printed = set(re.findall(r"\w+", shell.ok("import", "--help").partition("--map takes")[2].partition(".")[0]))
    assert set(TARGETS) <= printed


def test_a_feed_without_rows_is_warned_of(shell, lines) -> None:
    feed = shell.write("feed.csv", "sku,name\n")
    assert "warning: the feed has no rows" in shell.ok("import", feed, "--index", "shop")
    *_, last = lines(shell.ok("import", feed, "--index", "shop", "--json"))
    assert last["summary"]["warnings"] == ["the feed has no rows: no product was imported"]


def test_prices_in_a_currency_that_the_index_does_not_take_are_warned_of(shell, lines) -> None:
    feed = shell.feed + "A-4,Teapot,Acme,,9.00 USD,Kitchen,white\nA-5,Cup,Acme,,,Kitchen,white\n"
    *_, last = lines(shell.ok("import", shell.write("feed.csv", feed), "--index", "shop", "--json"))
    (warning,) = last["summary"]["warnings"]
    assert warning.startswith("1 offer in USD where channel 'default' takes EUR: ")
    assert "`shelfwise indexes settings shop --set schema.currencies.default=USD`" in warning
    later = shell.write("later.csv", shell.feed.replace("EUR", "GBP"))
    printed = shell.ok("import", later, "--index", "shop")
    assert "warning: 3 offers in GBP where channel 'default' takes EUR: " in printed
    *_, last = lines(shell.ok("import", shell.write("euros.csv", shell.feed), "--index", "shop", "--json"))
    assert last["summary"]["warnings"] == []


def test_prices_that_name_no_currency_are_warned_of_at_first_and_the_remedy_works(shell, lines) -> None:
    feed = shell.write("feed.csv", "id,title,price\nX1,Red kettle,9.50\n")
    *_, first = lines(shell.ok("import", feed, "--index", "shop", "--json"))
    (warning,) = first["summary"]["warnings"]
    assert warning.startswith("1 offer without a currency: ")
    shell.ok("indexes", "settings", "shop", "--set", "schema.currencies.default=EUR")
    *_, again = lines(shell.ok("import", feed, "--index", "shop", "--currency", "EUR", "--json"))
    assert again["summary"]["warnings"] == []
    (hit,) = shell.json("search", "kettle", "--filters", "price < 10")["hits"]
    assert hit["document"]["price"]["currency"] == "EUR"


def test_a_first_import_in_a_language_that_the_model_does_not_cover_is_warned_of(
    shell, lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.services.open_encoder", lambda *_, **__: HashingEncoder(languages=["en"]))
    feed = shell.write("feed.csv", shell.feed)
    *_, first = lines(shell.ok("import", feed, "--index", "shop", "--language", "de", "--json"))
    (warning,) = first["summary"]["warnings"]
    assert warning.startswith("the text model 'hashing' does not cover 'de': searches in such a language go by words")
    assert "SHELFWISE_TEXT_MODEL" in warning
    *_, again = lines(shell.ok("import", feed, "--index", "shop", "--json"))
    *_, english = lines(shell.ok("import", feed, "--index", "english", "--json"))
    assert again["summary"]["warnings"] == english["summary"]["warnings"] == []
