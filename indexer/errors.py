"""Errors of the indexer, cut by what the caller can do about them.

    IndexerError
    ├── InputError            fix the input: a feed, a row, a product, a filter
    │   ├── FeedError         the feed as a whole cannot be read
    │   ├── RowError          one row of a feed is wrong; it is rejected and the rest goes on
    │   │   └── NoVariantError    it speaks of a variant that its product has not
    │   └── RefusedError      a safeguard refused a feed: fix it, or say that it is meant so
    ├── ConfigurationError    fix a setting, a path, a model or a version
    ├── NotFoundError         a name that does not exist: an index, a generation, a product
    ├── ConflictError         somebody else holds it, or it has changed meanwhile: retry
    │   └── LostLeaseError    a lease went to somebody else: stop the work, they do it
    ├── StorageError          the disk, the database or the search server said no: make room, repair, retry
    │   └── UnavailableError      a server cannot be reached or is too busy: retry, nothing needs mending here
    └── CorruptionError       stored data is damaged or foreign: rebuild from the catalogue

A message names the thing, the value seen, the value wanted and the remedy. All survive pickling.
"""

from __future__ import annotations


class IndexerError(Exception):
    """Base of all errors that the indexer raises on purpose."""


class InputError(IndexerError):
    """The input is wrong; the message says where and what would be right."""


class FeedError(InputError):
    """A feed cannot be read at all, or not to its end."""


class RowError(InputError):
    """One row of a feed is wrong.

    Args:
        field: the column or field at fault, or "" when it is the row as a whole.
        value: what was seen, shortened for display.
        reason: what is wrong and what was wanted.
    """

    def __init__(self, field: str, value: str, reason: str) -> None:
        super().__init__(field, value, reason)
        self.field = field
        self.value = value
        self.reason = reason

    def __str__(self) -> str:
        where = f"field {self.field!r}: " if self.field else ""
        return f"{where}{self.reason}"


class NoVariantError(RowError):
    """A change speaks of a variant that the product does not have."""


class RefusedError(InputError):
    """A safeguard refused what a feed would do: fix the feed, or switch the safeguard off, as the message says how."""


class ConfigurationError(IndexerError):
    """A setting, path, model or version is wrong; the message says which and the remedy."""


class NotFoundError(IndexerError):
    """What was named does not exist; the message lists what does."""


class ConflictError(IndexerError):
    """Another process holds it, or it changed meanwhile; retrying is right."""


class LostLeaseError(ConflictError):
    """Another holder has the lease now; what this one would write is refused, and it stops its work."""


class StorageError(IndexerError):
    """The disk, the database or the search server refused; nothing acknowledged is lost."""


class UnavailableError(StorageError):
    """A server cannot be reached, or answers too late or that it is too busy; retrying is right."""


class CorruptionError(IndexerError):
    """Stored data is damaged, half-written or foreign; the catalogue can rebuild it."""
