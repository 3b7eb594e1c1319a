"""`shelfwise evaluate`: the shape of its JSON, its words, and the files that it writes."""

from __future__ import annotations

import gzip

import pytest

JUDGMENTS = """query,product_id,grade,title
kettle,A-1,3,Red kettle
kettle,A-2,2,Blue kettle
kettle,A-3,0,Coffee grinder
kettle,A-9,0,Gone
coffee,A-3,3,Coffee grinder
coffee,A-1,0,Red kettle
nothing,A-1,0,Red kettle
"""
METRICS = {"ndcg@10", "ndcg@10_condensed", "judged@10", "recall@100", "mrr@10"}


def judged_only() -> str:
    """Two queries with eight judged products each: those of grade 3 hold the query's word."""
    lines = ["query,product_id,grade,title"]
    for query in ("kettle", "grinder"):
        lines += [f"{query},{query}-{n},{3 if n < 2 else 0},{query if n < 2 else 'thing'} {n}" for n in range(8)]
    return "\n".join(lines)


def test_json_has_the_four_systems_with_intervals(shop) -> None:
    figures = shop.json("evaluate", "--judgments", shop.write("j.csv", JUDGMENTS))
    assert (figures["queries"], figures["left_out"]) == (2, 1)
    assert list(figures["systems"]) == ["random", "bm25", "vector", "hybrid"]
    for name, system in figures["systems"].items():
        assert set(system) == METRICS | {"ci95", "vs_bm25"}
        assert set(system["ci95"]) == METRICS
        assert set(system["vs_bm25"]) == (set() if name == "bm25" else METRICS)
    assert set(figures["systems"]["hybrid"]["vs_bm25"]["ndcg@10"]) == {"diff", "lo", "hi", "mdd"}
    # The words find both kettles, the worse one first: (3 + 7 / log2(3)) / (7 + 3 / log2(3)) = .8340; coffee is found.
    assert figures["systems"]["bm25"]["ndcg@10"] == pytest.approx((0.8340 + 1) / 2, abs=1e-4)


def test_words_for_people(shop) -> None:
    result = shop("evaluate", "--judgments", shop.write("j.csv", JUDGMENTS))
    assert "2 of 3 queries; left out: 1 with no product above the lowest grade" in result.stdout
    assert "not shown" in result.stdout
    assert "hybrid against bm25" in result.stdout
    assert "1 of 4 judged products are not in the index" in result.stderr


def test_report_and_unjudged_results_are_files(shop) -> None:
    report, unjudged = shop.folder / "report.html", shop.folder / "next.csv"
    printed = shop.ok(
        "evaluate", "--judgments", shop.write("j.csv", JUDGMENTS), "--report", str(report), "--unjudged", str(unjudged)
    )
    assert "Red kettle" in report.read_text()
    # Two of three results are judged for "coffee" by meaning, and all by words: too far apart to trust nDCG alone.
    assert unjudged.read_text().splitlines() == ["query,product_id,grade", "coffee,A-2,"]
    assert str(report) in printed
    assert str(unjudged) in printed


def test_modes_can_be_left_out(shop) -> None:
    figures = shop.json("evaluate", "--judgments", shop.write("j.csv", JUDGMENTS), "--mode", "hybrid")
    assert list(figures["systems"]) == ["random", "bm25", "hybrid"]


def test_an_index_without_vectors_is_measured_by_words(shell) -> None:
    shell.ok("import", shell.write("feed.csv", shell.feed), "--index", "shop", "--encoder", "none")
    result = shell("evaluate", "--judgments", shell.write("j.csv", JUDGMENTS), "--json")
    assert "Left out, since shop has no text encoder: vector, hybrid" in result.stderr
    assert result.exit_code == 0


@pytest.mark.parametrize("encoder", ["none", "hashing"])
def test_judged_only_needs_no_index(shell, encoder: str) -> None:
    file = shell.write("j.csv.gz", gzip.compress(judged_only().encode()))
    figures = shell.json("evaluate", "--judged-only", file, "--encoder", encoder)
    systems = ["random", "bm25"] if encoder == "none" else ["random", "bm25", "vector", "hybrid"]
    assert list(figures["systems"]) == systems
    assert figures["systems"]["bm25"]["ndcg@10"] == 1.0
    assert set(figures["systems"]["bm25"]) == {"ndcg@10", "ci95", "vs_bm25"}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "--judgments FILE"),
        (["--judgments", "j.csv", "--judged-only", "j.csv"], 2, "--judgments FILE"),
        (["--judged-only", "j.csv", "--index", "shop"], 2, "needs no index"),
        (["--judgments", "j.csv", "--encoder", "none"], 2, "--encoder goes with --judged-only"),
        (["--judgments", "other.csv"], 1, "has none of the 1 judged product (such as 'X-1')"),
        (["--judgments", "bad.csv"], 1, "bad.csv, line 2: grade 'good' is no number"),
        (["--judgments", "j.csv", "--lowest", "1"], 1, "below the lowest grade 1"),
        (["--judged-only", "j.csv"], 1, "fewer than 8 judgments"),
        (["--judgments", "j.csv", "--report", "no/such/folder/r.html"], 2, "there is no folder no/such/folder"),
    ],
)
def test_what_is_wrong_is_told(shop, arguments: list[str], code: int, words: str) -> None:
    shop.write("j.csv", JUDGMENTS)
    shop.write("other.csv", "query,product_id,grade\nkettle,X-1,1\n")
    shop.write("bad.csv", "query,product_id,grade\nkettle,A-1,good\n")
    result = shop("evaluate", *arguments)
    assert result.exit_code == code, result.output
    assert words in result.stderr
