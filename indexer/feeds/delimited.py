"""CSV, TSV and their like: a header, then a record a row, whose quoted cells may span lines."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from indexer.errors import FeedError, RowError
from indexer.feeds.dialect import Dialect
from indexer.feeds.errors import TruncatedFeedError
from indexer.feeds.lines import Line, lines
from indexer.feeds.pairs import Pairs
from indexer.feeds.records import Record, shown, too_long

_ESCAPED_BYTES = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class _Cells:
    """A row as split: where it begins and ends, its cells as far as they can be read, what is wrong."""

    first: Line
    last: Line
    cells: Sequence[str]
    fault: RowError | None = None


def read_delimited(
    chunks: Iterator[bytes], max_row_bytes: int, dialect: Dialect, encoding: str, *, fold_pairs: bool = True
) -> Iterator[Record]:
    """Records of a delimited text, by the names in its header; empty cells are left out, empty rows passed over.

    Where quoting is broken only the line where it begins is at fault: reading goes on in the next one.

    Raises:
        TruncatedFeedError: the last row has no end.
        FeedError: the header cannot be read, or what `chunks` raises.
    """
    feeder = _Feeder(lines(chunks, max_row_bytes, dialect.terminator), dialect.skip_lines, max_row_bytes, encoding)
    rows = _split(feeder, dialect.delimiter, max_row_bytes)
    head = next(rows, None)
    if head is None or head.fault is not None or any(map(_ESCAPED_BYTES.search, head.cells)):
        why = "there is none" if head is None else head.fault or f"it is not {encoding}"
        raise feeder.failure or FeedError(f"the header of the feed cannot be read: {why}")
    header = unique_names(head.cells)
    pairs = Pairs.among(header) if fold_pairs else Pairs()
    for row in rows:
        if row.fault is None and not any(row.cells):
            continue
        values = {name: cell for name, cell in zip(header, row.cells, strict=False) if cell}
        fault = row.fault or _fault_of(row, values, head.cells, encoding)
        yield Record(row.first.number, row.first.offset_bytes, pairs.fold(values), fault)
        if fault is not None and not row.last.ended and not row.last.cut:
            raise TruncatedFeedError(f"the feed breaks off in line {row.first.number}; fetch it again")
    if feeder.failure is not None:
        raise feeder.failure


def unique_names(cells: Sequence[str]) -> list[str]:
    """The names of a header: the second `image` is `image_2`, a column without a name `column 7`."""
    names: dict[str, int] = {}
    for position, cell in enumerate(cells, 1):
        name = stem = cell.strip() or f"column {position}"
        while name in names:
            names[stem] += 1
            name = f"{stem}_{names[stem]}"
        names[name] = 1
    return list(names)


def _fault_of(row: _Cells, values: dict[str, str], header: Sequence[str], encoding: str) -> RowError | None:
    for name, cell in values.items():
        if _ESCAPED_BYTES.search(cell):
            return RowError(name, shown(cell), f"not {encoding}; write the whole feed in one encoding, best UTF-8")
    if row.last.cut:
        return RowError("", shown(row.first.data), "the feed breaks off within this row")
    cells = row.cells
    # Even where the cells too many are empty: a delimiter within an unquoted cell has moved all behind it.
    if len(cells) != len(header):
        reason = f"the row has {len(cells)} cells where the header has {len(header)}; quote cells that hold a delimiter"
        return RowError("", shown(row.first.data), reason)
    if len(cells) > 1 and cells == header:
        return RowError("", shown(row.first.data), "the header once more")
    return None


def _split(feeder: _Feeder, delimiter: str, max_row_bytes: int) -> Iterator[_Cells]:
    # The limit of the csv module is one for the whole process; it is only ever raised.
    csv.field_size_limit(max(csv.field_size_limit(), max_row_bytes))
    parser = csv.reader(feeder, delimiter=delimiter, strict=True)
    while True:
        feeder.taken.clear()
        try:
            cells = next(parser)
        except StopIteration:
            return
        except _OverlongError:
            first = feeder.give_back()
            yield _Cells(first, first, feeder.leading_cells(first, delimiter), too_long(first.data, max_row_bytes))
        except csv.Error as error:
            first = feeder.give_back()
            reason = f"quotes do not fit ({error}); a quote within a quoted cell is written twice"
            fault = RowError("", shown(first.data), reason)
            yield _Cells(first, first, feeder.leading_cells(first, delimiter), fault)
        else:
            if cells:
                yield _Cells(feeder.taken[0], feeder.taken[-1], cells)


class _OverlongError(Exception):
    """The row at hand is above the limit; it never leaves this file."""


class _Feeder:
    """Hands lines to the csv parser and knows which ones the row at hand is made of.

    Args:
        taken: the lines of the row at hand.
        failure: what ended the lines before their end.
    """

    def __init__(self, source: Iterator[Line], skip_lines: int, max_row_bytes: int, encoding: str) -> None:
        self.taken: list[Line] = []
        self.failure: FeedError | None = None
        self._source = islice(source, skip_lines, None)
        self._returned: deque[Line] = deque()
        self._max_row_bytes = max_row_bytes
        self._encoding = encoding
        self._size = 0

    def __iter__(self) -> _Feeder:
        return self

    def __next__(self) -> str:
        line = self._returned.popleft() if self._returned else self._next_line()
        self._size = len(line.data) + (self._size if self.taken else 0)
        self.taken.append(line)
        if line.overlong or self._size > self._max_row_bytes:
            raise _OverlongError
        return self._text(line)

    def give_back(self) -> Line:
        """The first line of the row at hand; the others will come again."""
        first, *others = self.taken
        self._returned.extendleft(reversed(others))
        return first

    def leading_cells(self, line: Line, delimiter: str) -> Sequence[str]:
        """The cells of a broken line up to the last, which may be cut."""
        text = self._text(line).replace("\r", "")
        return next(csv.reader([text], delimiter=delimiter), [""])[:-1]

    def _next_line(self) -> Line:
        try:
            return next(self._source)
        except FeedError as error:
            self.failure = error
            raise StopIteration from error

    def _text(self, line: Line) -> str:
        # Escaped, bytes of another encoding cannot disturb the cells beside theirs.
        return line.data.decode(self._encoding, "surrogateescape") + "\n"
