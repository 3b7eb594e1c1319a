"""A search request, read and checked as far as that needs no index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from search.filters import Choice, FacetRequest

DEFAULT_PAGE_SIZE = 20


class Mode(StrEnum):
    """Which sides the result set comes from."""

    HYBRID = "hybrid"
    LEXICAL = "lexical"
    VECTOR = "vector"


class SoldOut(StrEnum):
    """What becomes of products that nobody can buy."""

    SHOW = "show"
    LAST = "last"
    HIDE = "hide"


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What a caller asked for.

    Args:
        q: what the shopper typed, in NFC and without control characters, at most 512 characters; "" browses.
        filters: the scope, in the language of `search.filters`, "" for all.
        refine: the shopper's facet choices, by field.
        facets: what to count.
        sort: "field", "field:asc" or "field:desc"; () by relevance.
        page: from 1.
        page_size: hits on a page, 1 to 200.
        cursor: `next_cursor` of an earlier answer, "" for none; it takes the place of `page`.
        mode: which sides the result set comes from.
        fields: which parts of the documents come back, None for all.
        highlight: whether matching words are marked.
        language: ISO 639 code in lower case, "" when not given.
        channel: sales channel, "" for the index's default.
        user_id: the shopper, "" when unknown.
        session_id: the visit, "" when unknown.
        similar_to: id of a product whose like is looked for in the place of `q`, "" for none.
        explain: whether each hit carries what the stages did to it.
        explain_id: id of a product of which the answer tells why it is, or is not, there; "" for none.
        sold_out: None for the index's default.
    """

    q: str = ""
    filters: str = ""
    refine: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    facets: tuple[FacetRequest, ...] = ()
    sort: tuple[str, ...] = ()
    page: int = 1
    page_size: int = DEFAULT_PAGE_SIZE
    cursor: str = ""
    mode: Mode = Mode.HYBRID
    fields: tuple[str, ...] | None = None
    highlight: bool = False
    language: str = ""
    channel: str = ""
    user_id: str = ""
    session_id: str = ""
    similar_to: str = ""
    explain: bool = False
    explain_id: str = ""
    sold_out: SoldOut | None = None

    @property
    def offset(self) -> int:
        """How many hits come before the page."""
        return (self.page - 1) * self.page_size
