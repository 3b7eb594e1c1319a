from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from reranker.errors import EvaluationError
from reranker.evaluation.catalogue import evaluate_catalogue, random_search
from reranker.evaluation.evaluation import Evaluation
from reranker.evaluation.judgments import Judgments
from reranker.evaluation.report import render_report, write_report

HOSTILE = "<script>alert('1')</script>"


def evaluated() -> Evaluation:
    judgments = Judgments({"good": {"a": 1, "b": 0}, HOSTILE: {"a": 1, "b": 0}, "empty": {"a": 1}}, lowest=0)
    found = {"good": [("a", 2.0), ("b", 1.0)], HOSTILE: [("u", 2.0), ("a", 1.0)], "empty": []}
    best_first = {query: [("a", 1.0)] for query in found}
    return evaluate_catalogue(
        judgments,
        {
            "random": random_search(["a", "b", "u"]),
            "bm25": lambda query, k: best_first[query],
            "hybrid": lambda query, k: found[query],
        },
    )


def title_of(product_id: str) -> str:
    return {"a": "Apple & pear", "u": "<b>Unjudged</b>"}.get(product_id, "")


def test_the_file_needs_nothing_else(tmp_path: Path) -> None:
    write_report(tmp_path / "report.html", evaluated(), title_of, source="mine.csv")

    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"<script|<link|https?://|url\(", html)
    assert "mine.csv" in html
    assert 'name="viewport"' in html
    pictures = re.findall(r'src="([^"]*)"', html)
    assert len(pictures) == 2
    for picture in pictures:
        kind, encoded = picture.split(",")
        assert kind == "data:image/png;base64"
        assert base64.b64decode(encoded).startswith(b"\x89PNG")


def test_what_queries_and_titles_say_is_shown_and_not_run() -> None:
    html = render_report(evaluated(), title_of)

    assert "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;" in html
    assert "&lt;b&gt;Unjudged&lt;/b&gt;" in html
    assert "Apple &amp; pear" in html


def test_it_says_what_is_shown_judged_won_and_lost() -> None:
    html = " ".join(render_report(evaluated(), title_of).split())

    assert "not shown" in html
    assert "Products that nobody judged" in html
    assert "1 pairs to judge next" in html
    assert "hybrid: 0 wins, 2 losses, 1 ties" in html
    worst = html[html.index("Worst queries of hybrid") :]
    assert worst.index("<strong>empty</strong> · bm25 1.000 · hybrid .000") < worst.index("<strong>good</strong>")
    assert "No results." in worst
    assert '<span class="grade">unjudged</span> &lt;b&gt;Unjudged&lt;/b&gt;' in worst
    assert '<span class="grade">1</span> Apple &amp; pear <span class="quiet">a</span>' in worst


def test_the_subject_can_be_another_system() -> None:
    assert "Worst queries of bm25" in render_report(evaluated(), title_of, subject="bm25")
    with pytest.raises(EvaluationError, match="no system 'vector' to report on"):
        render_report(evaluated(), title_of, subject="vector")
