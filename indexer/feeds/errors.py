"""Errors of reading feeds, beside those of `indexer.errors`."""

from __future__ import annotations

from indexer.errors import FeedError


class TruncatedFeedError(FeedError):
    """The feed breaks off: what came before is good, but what is missing from it may still exist in the shop."""


class UnrecognisedError(FeedError):
    """The columns cannot be told, or not as they were named: say which is which.

    Args:
        message: what is wrong and the remedy.
        columns: (name, example) of each column seen; the example is "" where none has a value.
    """

    def __init__(self, message: str, columns: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message, columns)
        self.message = message
        self.columns = columns

    def __str__(self) -> str:
        return self.message


class MappingError(UnrecognisedError):
    """A mapping names a field, a language or a column that there is not."""
