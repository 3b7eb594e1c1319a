"""Lines of bytes with a limit on their length, so that a line of any size costs no more memory than the limit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from indexer.errors import FeedError

KEPT_BYTES = 65_536
"""So much of a line above the limit is kept, to read its id from."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its terminator.

    Args:
        number: from 1.
        offset_bytes: where it begins.
        data: the bytes; of a line above the limit only the first, at most 65,536.
        overlong: it is above the limit.
        ended: a terminator follows; only the last line may lack it.
        cut: the feed broke off within it.
    """

    number: int
    offset_bytes: int
    data: bytes
    overlong: bool = False
    ended: bool = True
    cut: bool = False


def lines(chunks: Iterator[bytes], max_row_bytes: int, terminator: bytes = b"\n") -> Iterator[Line]:
    """Splits chunks into lines.

    Raises:
        FeedError: what `chunks` raises, after what came of the last line was given.
    """
    number, offset, length = 1, 0, 0
    pending: list[bytes] = []
    kept = 0

    def line(*, ended: bool = True, cut: bool = False) -> Line:
        data = b"".join(pending)
        overlong = length > max_row_bytes
        return Line(number, offset, data[: min(KEPT_BYTES, max_row_bytes)] if overlong else data, overlong, ended, cut)

    failure: FeedError | None = None
    while True:
        try:
            chunk = next(chunks)
        except StopIteration:
            break
        except FeedError as error:
            failure = error
            break
        for index, part in enumerate(chunk.split(terminator)):
            if index:
                yield line()
                number, offset, length = number + 1, offset + length + len(terminator), 0
                pending.clear()
                kept = 0
            length += len(part)
            if kept <= max_row_bytes:
                pending.append(part)
                kept += len(part)
    if length:
        yield line(ended=False, cut=failure is not None)
    if failure is not None:
        raise failure
