"""Suggestions for one index: completions, products and categories. The last two are those of a search by words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from indexer.engines.query import Filter
from indexer.fields import PATH_SEPARATOR
from search.filters import FacetRequest
from search.request import Mode, ResolvedRequest, SearchRequest, SoldOut, resolve
from search.response import ResultHit
from search.searcher import IndexSearcher
from search.stopwatch import Stopwatch
from search.suggest.completions import Completer, Completion
from search.suggest.typed import Typed, read_typed
from search.suggest.written import PLAIN_LANGUAGES, Written
from search.understand.language import detect_language
from search.understand.understand import no_words, scope_of

SHOWN_FIELDS = ("id", "title", "images", "price", "list_price")
"""What a suggestion shows of a product."""
_WINDOW = 50
"""So many of the best are ranked together where what is sold out goes behind the others."""
_CATEGORIES = 1_000


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What is suggested.

    Args:
        query: the query that products and categories are of: the first completion, else what was typed.
        corrected: what was taken for a mistake in it, by the word as typed.
        completions: those with most products first, behind them those that take a mistake; none while nothing is typed.
        products: the best of the query, found by its words; the most popular while nothing is typed.
        categories: (category, products of the query in it), those with most products first.
        total: products that the query finds by its words.
        timings_ms: by stage, and "total".
        index: name, generation, change_number.
    """

    query: str
    corrected: Mapping[str, str]
    completions: tuple[Completion, ...]
    products: tuple[ResultHit, ...]
    categories: tuple[tuple[str, int], ...]
    total: int
    timings_ms: Mapping[str, float]
    index: Mapping[str, Any]


def suggest(
    searcher: IndexSearcher, resolved: ResolvedRequest, is_finished: bool, limit: int, enforced: Filter | None
) -> Suggestions:
    """Suggests for what was typed so far.

    Args:
        resolved: its `q`, filters, language and channel are read, and no more.
        is_finished: white space follows the last word.
        limit: so many of each kind at most.
        enforced: the filter of the caller's key; everything is under it.
    """
    watch = Stopwatch()
    schema, asked = searcher.schema, resolved.request
    language = asked.language or detect_language(asked.q, schema) or schema.language
    with watch.stage("complete"):
        typed = read_typed(asked.q, is_finished)
        completions = _completions(searcher, resolved, typed, language, limit, enforced)
    best = completions[0] if completions else Completion(asked.q, 0)
    with watch.stage("search"):
        request = SearchRequest(
            q=best.text,
            mode=Mode.LEXICAL,
            facets=(FacetRequest("category", _CATEGORIES),),
            page_size=limit,
            fields=SHOWN_FIELDS,
            language=language,
            channel=asked.channel,
        )
        answer = _few(searcher, limit, best.count).search(_of(request, resolved, searcher), enforced)
    return Suggestions(
        query=answer.corrected_query or best.text,
        corrected=best.corrected or answer.matching["corrected"],
        completions=tuple(completions),
        products=answer.hits,
        categories=_most_specific(answer.facets["category"])[:limit],
        total=answer.total,
        timings_ms=watch.finished(),
        index=answer.index,
    )


def _completions(
    searcher: IndexSearcher,
    resolved: ResolvedRequest,
    typed: Typed,
    language: str,
    limit: int,
    enforced: Filter | None,
) -> list[Completion]:
    if typed.parsed.is_empty:
        return []
    schema, ranking = searcher.schema, searcher.ranking
    scope = scope_of(resolved, typed.parsed, ranking.sold_out, schema, enforced)
    base = no_words(language, schema, ranking)
    found = Completer(searcher.reader, base, scope, enforced, ranking.min_matches).complete(typed, limit)
    if language in PLAIN_LANGUAGES:
        return found
    written = Written(searcher.reader, base, enforced)
    return [written.completion(completion) for completion in found]


def _few(searcher: IndexSearcher, limit: int, known_matches: int) -> IndexSearcher:
    """A searcher of the same products that ranks few of them: nobody pages through suggestions.

    Args:
        known_matches: so many products are known to have every word; where it is enough, they are not counted again.
    """
    ranking = searcher.ranking
    window = _WINDOW if ranking.sold_out is SoldOut.LAST else limit
    min_matches = 0 if known_matches >= ranking.min_matches else ranking.min_matches
    return IndexSearcher(searcher.reader, replace(ranking, window=window, min_matches=min_matches), None)


def _of(request: SearchRequest, resolved: ResolvedRequest, searcher: IndexSearcher) -> ResolvedRequest:
    """The request, under the filters that were resolved already."""
    return replace(resolve(request, searcher.schema), filter=resolved.filter)


def _most_specific(counts: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
    """The categories without those that have no product but what their subcategories have."""
    below: dict[str, int] = {}
    for path, count in counts:
        parent = path.rpartition(PATH_SEPARATOR)[0]
        below[parent] = below.get(parent, 0) + count
    return tuple((path, count) for path, count in counts if below.get(path, 0) < count)
