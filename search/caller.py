"""Who calls, and what they may see and do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from indexer.engines.query import Filter
from indexer.fields import Schema
from search.errors import ConfigurationError, RequestError
from search.filters import parse


class Role(StrEnum):
    """What a caller may do."""

    OPERATOR = "operator"
    SHOP_WINDOW = "shop window"


@dataclass(frozen=True, slots=True)
class Caller:
    """One who asks.

    Args:
        role: an operator may do everything; a shop window may search, suggest, read facets and send events.
        key: tells one key from another and gives none away; "" where none was needed.
        filter_text: the enforced filter, in the language of `search.filters`; "" sees everything.
    """

    role: Role = Role.OPERATOR
    key: str = ""
    filter_text: str = ""

    @property
    def may_manage(self) -> bool:
        return self.role is Role.OPERATOR

    def enforced(self, schema: Schema) -> Filter | None:
        """The enforced filter in the terms of an index, None for a caller who sees everything.

        Prices and availability in it are those of the index's default channel.

        Raises:
            ConfigurationError: the filter speaks of what the index does not declare. Nothing is shown then.
        """
        if not self.filter_text:
            return None
        try:
            return parse(self.filter_text, schema, parameter="search_key_filter")
        except RequestError as error:
            raise ConfigurationError(f"the filter of the search key does not fit the index: {error}") from error


OPERATOR = Caller()
"""Somebody at the machine itself: the command line, or a program beside a service that has no keys."""
