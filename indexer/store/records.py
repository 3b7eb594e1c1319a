"""What the catalogue store takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

MAX_BATCH = 500
"""How many products one call may write: a transaction holds the write lock for well under a second."""


@dataclass(frozen=True, slots=True)
class IndexRecord:
    """An index.

    Args:
        created_at: in UTC.
        settings: plain JSON types; the store reads nothing in it.
        settings_version: grows by one with each change of the settings, from 1 (the ETag).
        change_number: of the newest change, 0 before the first.
        product_count: products that are not deleted.
    """

    name: str
    created_at: datetime
    settings: Mapping[str, Any]
    settings_version: int
    change_number: int
    product_count: int


@dataclass(frozen=True, slots=True)
class StoredProduct:
    """A product to be written.

    Args:
        id: 1 to 512 bytes in UTF-8.
        document: its canonical JSON.
        content_hash: 16 bytes, of the document.
        text_hash: 16 bytes, of the text that is embedded.
    """

    id: str
    document: bytes
    content_hash: bytes
    text_hash: bytes


@dataclass(frozen=True, slots=True)
class ProductRecord:
    """A product as it stands in the catalogue.

    Args:
        change_number: of the change that wrote it.
        updated_at: when that was, in UTC.
    """

    id: str
    document: bytes
    content_hash: bytes
    text_hash: bytes
    change_number: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """The present state of a product that changed.

    Args:
        document: its canonical JSON, None when it was deleted.
        text_hash: of the text that is embedded, None when it was deleted.
    """

    id: str
    change_number: int
    document: bytes | None
    text_hash: bytes | None


class Outcome(StrEnum):
    """What became of a product that was written."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class UpsertReport:
    """What became of a batch.

    Args:
        outcomes: one per product, in their order.
        change_number: the index's newest, as of this commit.
    """

    outcomes: tuple[Outcome, ...]
    change_number: int

    def count(self, outcome: Outcome) -> int:
        """How many products came out as `outcome`."""
        return self.outcomes.count(outcome)


@dataclass(frozen=True, slots=True)
class DeleteReport:
    """What a deletion did.

    Args:
        deleted: ids that were there, in order of their change numbers.
        change_number: the index's newest, as of this commit.
    """

    deleted: tuple[str, ...]
    change_number: int


class GenerationState(StrEnum):
    """Where a generation is in its life."""

    BUILDING = "building"
    READY = "ready"
    LIVE = "live"
    PREVIOUS = "previous"  # what a roll-back goes to; at most one
    RETIRED = "retired"  # to be dropped
    FAILED = "failed"  # to be dropped


@dataclass(frozen=True, slots=True)
class GenerationRecord:
    """A generation of an index.

    Args:
        number: from 1; never used twice within an index.
        spec: plain JSON types: all that is needed to build it again, settings included.
        change_number: the engine has committed every change up to it.
        note: a sentence for people: why it was built, or why it failed.
    """

    index: str
    number: int
    state: GenerationState
    spec: Mapping[str, Any]
    created_at: datetime
    change_number: int
    note: str


@dataclass(frozen=True, slots=True)
class AttributeCount:
    """How often an attribute occurs in an index.

    Args:
        count: products that have it.
        types: products by the type that its value looks like.
    """

    name: str
    count: int
    types: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What a request was answered with.

    Args:
        fingerprint: 16 bytes that change when anything of the request changes.
        status: of the answer.
        body: of the answer.
    """

    fingerprint: bytes
    status: int
    body: bytes
