"""Search results as text for a terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

import click
from rich.text import Text

from indexer.product import text_in
from search.cli.output import count, print_table, table
from search.highlight import CLOSE, OPEN
from search.request import Mode
from search.response import ResultHit, SearchResponse

_VALUES_OF_A_FACET = 8
_UNITS = {"understand", "encode", "retrieve", "rank", "present"}
_MARKED = re.compile(f"{OPEN}(.*?){CLOSE}", re.DOTALL)


def print_response(response: SearchResponse, language: str, start: int, explain_id: str = "") -> None:
    """Prints the results as a table, with what the query was taken for, facets and timings.

    Args:
        language: of the texts that are shown, where a product has several.
        start: the place of the first result, from 0.
        explain_id: the product that was asked after, "" for none.
    """
    _print_understanding(response)
    explains = any(hit.explain is not None for hit in response.hits)
    more = ("words", "meaning") if explains else ()
    if response.hits:
        # Products that are browsed are ranked by no score.
        scored = any(hit.score for hit in response.hits)
        score = ("score",) if scored else ()
        shown = table(("#", "title", "brand", "price", "id", *score, *more), right=("#", "price", "score"))
        for place, hit in enumerate(response.hits, start + 1):
            cells = [_price(hit), hit.id]
            cells += [f"{hit.score:.4f}"] if scored else []
            cells += _sides(hit.explain) if hit.explain is not None else ()
            shown.add_row(Text(str(place)), _title_cell(hit, language), _brand_cell(hit), *map(Text, cells))
        print_table(shown)
    click.echo(f"{count(response.total, 'product')} found{_part(response, start)}")
    for name, counts in response.facets.items():
        if not counts and name in response.facet_stats:
            continue  # a field of numbers: its range stands below
        values = ", ".join(f"{value} ({number:,})" for value, number in counts[:_VALUES_OF_A_FACET])
        rest = f", and {len(counts) - _VALUES_OF_A_FACET:,} more" if len(counts) > _VALUES_OF_A_FACET else ""
        click.echo(f"  {name}: {values or 'no values'}{rest}")
    for name, stats in response.facet_stats.items():
        click.echo(f"  {name}: " + ", ".join(f"{what} {value:g}" for what, value in stats.items()))
    if explain_id:
        _print_explained(response, start, explain_id)
    if response.next_cursor:
        click.echo(f"next page: --index {response.index['name']} --cursor {response.next_cursor}")
    _print_degraded(response)
    click.echo(_timings(response))


def print_answers(answers: Mapping[str, SearchResponse], language: str) -> None:
    """Prints the answers of several modes in columns, place by place.

    Args:
        answers: by mode, in the order of the columns; hybrid is among them.
        language: see `print_response`.
    """
    _print_understanding(answers[Mode.HYBRID.value])
    shown = table(("#", *answers), right=("#",))
    depth = max(len(response.hits) for response in answers.values())
    for place in range(depth):
        cells = [
            Text(_title(response.hits[place], language)) if place < len(response.hits) else Text("")
            for response in answers.values()
        ]
        shown.add_row(str(place + 1), *cells)
    if depth:
        print_table(shown)
    for mode, response in answers.items():
        click.echo(f"{mode:<8} {count(response.total, 'product')} in {response.timings_ms['total']:.1f} ms")
        _print_degraded(response)


def _print_understanding(response: SearchResponse) -> None:
    matching = response.matching
    if response.corrected_query:
        click.echo(f"Searched for: {response.corrected_query}")
    if matching.get("given_up"):
        click.echo(f"Given up, so that more products match: {', '.join(matching['given_up'])}")
    if matching.get("lexical_only"):
        click.echo(f"By words only: {matching['lexical_only']}")


def _part(response: SearchResponse, start: int) -> str:
    """Which part of the results is shown, "" for all."""
    if start == 0 and len(response.hits) == response.total:
        return ""
    return f", from place {start + 1}" if start % response.page_size else f", page {response.page}"


def _print_explained(response: SearchResponse, start: int, explain_id: str) -> None:
    if response.missing is not None:
        click.echo(f"{explain_id} is not on this page: {_missing(response.missing)}")
        return
    place = next(place for place, hit in enumerate(response.hits, start + 1) if hit.id == explain_id)
    click.echo(f"{explain_id} is in place {place}; --explain shows what brought it there")


def _missing(missing: Mapping[str, Any]) -> str:
    detail = missing["detail"]
    text = detail if isinstance(detail, str) else ", ".join(map(str, detail))
    vector = f"; by meaning: {missing['vector']}" if "vector" in missing else ""
    return f"dropped by {missing['dropped_by']}: {text}{vector}"


def _print_degraded(response: SearchResponse) -> None:
    for part in response.degraded:
        click.echo(f"without {part.stage}: {part.reason}", err=True)


def _timings(response: SearchResponse) -> str:
    parts = ", ".join(f"{name} {ms:.1f}" for name, ms in response.timings_ms.items() if name in _UNITS)
    index = response.index
    return f"{response.timings_ms['total']:.1f} ms ({parts}) by {index['name']}@{index['generation']}"


def _title(hit: ResultHit, language: str) -> str:
    return text_in(hit.document.get("title", ""), language, language)


def _title_cell(hit: ResultHit, language: str) -> Text:
    """The title, and below it the part of the description that matches; both marked where that was asked for."""
    marks = hit.highlights
    cell = _marked(marks["title"]) if "title" in marks else Text(_title(hit, language))
    if "description" in marks:
        cell.append("\n").append_text(_marked(marks["description"]))
    return cell


def _brand_cell(hit: ResultHit) -> Text:
    marked = hit.highlights.get("brand")
    return Text(str(hit.document.get("brand", ""))) if marked is None else _marked(marked)


def _marked(html: str) -> Text:
    """A highlight as text: matching words between asterisks, and bold where the terminal can."""
    text = Text()
    for number, part in enumerate(_MARKED.split(html)):
        text.append(f"*{unescape(part)}*", "bold") if number % 2 else text.append(unescape(part))
    return text


def _price(hit: ResultHit) -> str:
    price = hit.document.get("price")
    return str(price["text"]) if price else ""


def _sides(explain: Mapping[str, Any]) -> tuple[str, str]:
    lexical, vector = explain["lexical"], explain["vector"]
    words = f"{lexical['rank']}. ({lexical['score']:.2f})" if lexical else "–"
    meaning = f"{vector['rank']}. ({vector['cosine']:.3f})" if vector else "–"
    return words, meaning
