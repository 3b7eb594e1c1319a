from __future__ import annotations

import pytest

from reranker.errors import EvaluationError
from reranker.evaluation.evaluation import Evaluation, evaluate, wins_and_losses
from reranker.evaluation.judgments import Judgments
from reranker.evaluation.protocols import CATALOGUE, CONDENSED, JUDGED, MRR, NDCG, RECALL
from reranker.evaluation.ranking import Ranking, rank
from reranker.evaluation.summary import left_out_text, summary_rows, to_json, verdict

QUERIES = ("up", "down", "same", "same too")
JUDGMENTS = Judgments({**{q: {"a": 1, "b": 0} for q in QUERIES}, "nothing": {"a": 0}}, lowest=0)


def answering(**orders: str) -> Ranking:
    results = {query.replace("_", " "): ids for query, ids in orders.items()}
    return rank({query: [(i, -float(place)) for place, i in enumerate(ids)] for query, ids in results.items()})


def evaluated() -> Evaluation:
    """The system hybrid wins "up", loses "down", and is as good as bm25 elsewhere."""
    return evaluate(
        JUDGMENTS,
        {
            "random": answering(),
            "bm25": answering(up="ba", down="ab", same="ab", same_too="ab"),
            "hybrid": answering(up="ab", down="u", same="ab", same_too="ab"),
        },
        CATALOGUE,
    )


def test_json_has_exactly_the_promised_shape() -> None:
    printed = to_json(evaluated())

    metrics = {NDCG, CONDENSED, JUDGED, RECALL, MRR}
    assert set(printed) == {"queries", "left_out", "systems"}
    assert (printed["queries"], printed["left_out"]) == (4, 1)
    assert list(printed["systems"]) == ["random", "bm25", "hybrid"]
    for name, system in printed["systems"].items():
        assert set(system) == metrics | {"ci95", "vs_bm25"}
        assert set(system["ci95"]) == metrics
        assert set(system["vs_bm25"]) == (set() if name == "bm25" else metrics)
    assert printed["systems"]["random"][NDCG] == 0
    assert printed["systems"]["bm25"][MRR] == pytest.approx((1 / 2 + 1 + 1 + 1) / 4)
    against = printed["systems"]["hybrid"]["vs_bm25"][MRR]
    assert set(against) == {"diff", "lo", "hi", "mdd"}
    assert against["diff"] == pytest.approx((1 / 2 - 1) / 4)
    assert against["lo"] < against["diff"] < against["hi"]


def test_wins_and_losses_greatest_win_first() -> None:
    tally = wins_and_losses(evaluated(), "hybrid")

    assert (tally.wins, tally.losses, tally.ties) == (1, 1, 2)
    assert [query for query, _, _ in tally.by_query] == ["up", "same", "same too", "down"]
    assert tally.by_query[0][1:] == pytest.approx((1, 1 - 0.63093), abs=1e-5)
    assert tally.by_query[-1][1:] == pytest.approx((0, -1))
    with pytest.raises(EvaluationError, match=r"no system 'vector'.*random, bm25, hybrid"):
        wins_and_losses(evaluated(), "vector")


def test_rows_of_the_table() -> None:
    headings, random, bm25, hybrid = summary_rows(evaluated())

    assert headings == (
        "system", NDCG, CONDENSED, JUDGED, RECALL, MRR, "ndcg@10 against bm25", "wins / losses / ties",
        "ndcg@10, unjudged as mean",
    )  # fmt: skip
    assert random[0:2] == ("random", ".000 [.000, .000]")
    assert bm25[0] == "bm25"
    assert bm25[1].startswith(".908 [")
    assert bm25[-3:] == ("", "", ".848")
    assert hybrid[-3].startswith("-.158 [")
    assert hybrid[-3].endswith("not shown")
    assert hybrid[-2] == "1 / 1 / 2"
    assert hybrid[-1] == ".845"
    assert random[-1] == ""


def test_without_bounds_the_table_has_no_column_for_them() -> None:
    ranking = answering(up="ab", down="ab", same="ab", same_too="ab")

    rows = summary_rows(evaluate(JUDGMENTS, {"random": answering(), "bm25": ranking}, CATALOGUE))

    assert {row[-1] for row in rows} == {"wins / losses / ties", "0 / 4 / 0", ""}


def test_small_differences_are_not_shown_rather_than_none() -> None:
    evaluation = evaluated()

    assert "hybrid against bm25: -.158, not shown." in verdict("hybrid", evaluation.systems["hybrid"])
    assert verdict("random", evaluation.systems["random"]).startswith("random is worse than bm25 by .908 (95 %")


def test_what_was_left_out_is_said() -> None:
    assert left_out_text(evaluated()) == "4 of 5 queries; left out: 1 with no product above the lowest grade"


def test_a_table_without_its_yardsticks_is_refused() -> None:
    with pytest.raises(EvaluationError, match="no system named random among bm25"):
        evaluate(JUDGMENTS, {"bm25": answering()}, CATALOGUE)


def test_one_query_is_too_few() -> None:
    with pytest.raises(EvaluationError, match=r"1 of 2 queries can be measured \(left out: 1 with no product"):
        evaluate(JUDGMENTS.only(["up", "nothing"]), {"random": answering(), "bm25": answering()}, CATALOGUE)
