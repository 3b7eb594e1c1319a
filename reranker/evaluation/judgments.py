"""Judgments: how well products answer queries, as people graded them, read from a CSV file."""

from __future__ import annotations

import csv
import gzip
import io
import math
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from reranker.errors import EvaluationError, JudgmentsError

REQUIRED_COLUMNS = ("query", "product_id", "grade")
MAX_GRADE = 1000.0
"""The metrics count per hundredth of a grade; a larger scale would only cost memory."""

NOTHING_RELEVANT = "no product above the lowest grade"
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Item:
    """What a judgments file says of a product; empty where it has no such columns."""

    title: str = ""
    description: str = ""

    @property
    def text(self) -> str:
        """Title and description, what is there of them, one below the other."""
        return "\n".join(part for part in (self.title, self.description) if part)


@dataclass(frozen=True, slots=True)
class Selection:
    """The queries that a protocol measures.

    Args:
        queries: in the order of the file.
        left_out: how many were left out, by reason.
    """

    queries: tuple[str, ...]
    left_out: Mapping[str, int]


@dataclass(frozen=True)
class Judgments:
    """The grades of a file.

    Args:
        grades: by query and product id; several grades of one pair have become their mean.
        lowest: the lowest grade of the scale: a product above it is relevant.
        items: title and description by product id, of the first line that has them.
        duplicates: how many lines graded a pair that an earlier line had graded.
    """

    grades: Mapping[str, Mapping[str, float]]
    lowest: float
    items: Mapping[str, Item] = field(default_factory=dict)
    duplicates: int = 0

    def select(self, min_judgments: int = 1) -> Selection:
        """The queries with a product above the lowest grade and at least `min_judgments` judged products."""
        queries: list[str] = []
        left_out: dict[str, int] = defaultdict(int)
        for query, grades in self.grades.items():
            if max(grades.values()) <= self.lowest:
                left_out[NOTHING_RELEVANT] += 1
            elif len(grades) < min_judgments:
                left_out[f"fewer than {min_judgments} judgments"] += 1
            else:
                queries.append(query)
        return Selection(tuple(queries), dict(left_out))

    def only(self, queries: Iterable[str]) -> Judgments:
        """The same judgments for these queries alone, on the same scale; for the folds of a cross-validation.

        Raises:
            EvaluationError: a query has no judgments.
        """
        wanted = tuple(queries)
        unknown = [query for query in wanted if query not in self.grades]
        if unknown:
            raise EvaluationError(f"query {unknown[0]!r} has no judgments; wanted one of the {len(self.grades)} judged")
        return replace(self, grades={query: self.grades[query] for query in wanted})

    def title_of(self, product_id: str) -> str:
        """The product's title in the file, "" where it has none."""
        return self.items.get(product_id, Item()).title


def read_judgments(path: Path, lowest: float | None = None) -> Judgments:
    """Reads a CSV file with the columns query, product_id, grade, and title and description where it has them.

    The file is UTF-8, with or without a byte order mark, gzipped or not; further columns are ignored. Where a pair of
    query and product is graded more than once, the mean of its grades counts: the graders are peers.

    Args:
        path: of the file.
        lowest: the scale's lowest grade; without it the lowest that occurs.

    Raises:
        JudgmentsError: the file cannot be read, or a line of it is wrong.
    """
    rows = csv.DictReader(io.StringIO(_text(path), newline=""), strict=True)
    seen: dict[str, dict[str, list[float]]] = {}
    items: dict[str, Item] = {}
    duplicates = 0
    try:
        _check_columns(path, rows.fieldnames or ())
        for row in rows:
            query, product_id, grade = _judgment(path, rows.line_num, row, lowest)
            given = seen.setdefault(query, {}).setdefault(product_id, [])
            duplicates += bool(given)
            given.append(grade)
            if product_id not in items:
                item = Item((row.get("title") or "").strip(), (row.get("description") or "").strip())
                if item.text:
                    items[product_id] = item
    except csv.Error as error:
        raise JudgmentsError(
            str(path), rows.reader.line_num, f"not CSV ({error}); quote texts as RFC 4180 says"
        ) from error
    if not seen:
        raise JudgmentsError(str(path), 0, "holds no judgments; wanted a line for each graded product")
    means = {q: {i: math.fsum(given) / len(given) for i, given in by_id.items()} for q, by_id in seen.items()}
    if lowest is None:
        lowest = min(min(given) for by_id in seen.values() for given in by_id.values())
    return Judgments(means, lowest, items, duplicates)


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        if data.startswith(_GZIP_MAGIC):
            data = gzip.decompress(data)
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        raise JudgmentsError(str(path), line, f"byte 0x{byte:02x} is not UTF-8; save the file as UTF-8") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise JudgmentsError(str(path), 0, f"the gzip stream is damaged ({error}); copy the file again") from error
    except OSError as error:
        raise JudgmentsError(str(path), 0, f"cannot be read ({error.strerror}); check path and permissions") from error


def _check_columns(path: Path, seen: Iterable[str]) -> None:
    columns = tuple(seen)
    missing = [column for column in REQUIRED_COLUMNS if column not in columns]
    if missing:
        raise JudgmentsError(
            str(path),
            1,
            f"no column {', '.join(missing)}; saw {', '.join(columns) or 'nothing'}; "
            f"wanted a header with {','.join(REQUIRED_COLUMNS)} and, where known, title and description",
        )


def _judgment(
    path: Path, line: int, row: Mapping[str | None, str | None], lowest: float | None
) -> tuple[str, str, float]:
    if None in row or None in row.values():
        raise JudgmentsError(str(path), line, "another number of fields than the header; quote texts with commas")
    query, product_id, written = ((row[column] or "").strip() for column in REQUIRED_COLUMNS)
    for name, value in (("query", query), ("product_id", product_id), ("grade", written)):
        if not value:
            raise JudgmentsError(str(path), line, f"{name} is empty; fill it in or remove the line")
    try:
        grade = float(written)
    except ValueError:
        grade = math.nan
    if not 0 <= grade <= MAX_GRADE:
        raise JudgmentsError(str(path), line, f"grade {written!r} is no number from 0 to {MAX_GRADE:g}")
    if lowest is not None and grade < lowest:
        raise JudgmentsError(
            str(path), line, f"grade {written} is below the lowest grade {lowest:g} that was given; give a lower one"
        )
    return query, product_id, grade
