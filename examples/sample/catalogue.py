"""The whole sample catalogue: composed, judged, spoilt and written."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from .asked import ask
from .compose import compose
from .flaws import Planted, plant
from .item import Item
from .judge import Judgment, judge
from .query import Query
from .rows import Row, row
from .stock import Stock


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A sample catalogue.

    Args:
        items: the products as the generator knows them.
        feed: the rows of the feed, flaws included.
        flaws: where they are.
        queries: what is asked.
        judgments: how well the products answer.
    """

    items: list[Item]
    feed: list[Row]
    flaws: list[Planted]
    queries: list[Query]
    judgments: list[Judgment]


def make(seed: int = 7, size: int = 2000) -> Catalogue:
    """A catalogue of `size` products, the same for the same seed.

    Raises:
        ValueError: the size is negative.
    """
    items = compose(seed, size)
    stock = Stock(items)
    queries = ask(stock, seed)
    feed, flaws = plant([row(item, seed) for item in items], seed)
    return Catalogue(items, feed, flaws, queries, judge(queries, stock, seed))


def write(catalogue: Catalogue, folder: Path) -> list[Path]:
    """Writes products.jsonl, judgments.csv, queries.csv and flaws.json into `folder`; returns their paths.

    Raises:
        OSError: the folder cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    judged = Counter(judgment.query for judgment in catalogue.judgments)
    answers = Counter(judgment.query for judgment in catalogue.judgments if judgment.grade)
    products = folder / "products.jsonl"
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in catalogue.feed)
    products.write_text("".join(lines), encoding="utf-8")
    judgments = _write_csv(
        folder / "judgments.csv",
        ("query", "product_id", "grade"),
        [(judgment.query, judgment.product_id, judgment.grade) for judgment in catalogue.judgments],
    )
    queries = _write_csv(
        folder / "queries.csv",
        ("query", "class", "language", "relevant", "judged"),
        [(q.text, q.query_class.value, q.language, answers[q.text], judged[q.text]) for q in catalogue.queries],
    )
    flaws = folder / "flaws.json"
    report = {
        "rows": len(catalogue.feed),
        "products": len(catalogue.items),
        "flaws": [{**asdict(flaw), "rows": len(flaw.lines)} for flaw in catalogue.flaws],
    }
    flaws.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return [products, judgments, queries, flaws]


def _write_csv(path: Path, header: tuple[str, ...], rows: list[tuple[str | int, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path
