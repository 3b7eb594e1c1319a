"""What the page says above the results: corrections, words that were given up, parts that were missing."""

from __future__ import annotations

from dataclasses import dataclass

from search.api.page.address import Address
from search.response import SearchResponse
from search.suggest.completions import replaced


@dataclass(frozen=True, slots=True)
class Notes:
    """What is said.

    Args:
        corrected: the query as it was searched, "" where it was taken as typed.
        literal_url: searches for what was typed, letter by letter.
        given_up: words that no product has together with the others.
        only_words: why meaning was not asked, "" where it was.
        missing: parts that could not be had, each with its reason.
    """

    corrected: str
    literal_url: str
    given_up: tuple[str, ...]
    only_words: str
    missing: tuple[str, ...]


def notes(response: SearchResponse, address: Address) -> Notes:
    """What there is to say of an answer."""
    matching = response.matching
    # A phrase is never corrected.
    literal = replaced(address.q, {word: f'"{word}"' for word in matching["corrected"]})
    return Notes(
        corrected=response.corrected_query,
        literal_url=address.searching(literal).url,
        given_up=tuple(matching["given_up"]),
        only_words="" if response.degraded else matching.get("lexical_only", ""),
        missing=tuple(f"{part.stage}: {part.reason}" for part in response.degraded),
    )
