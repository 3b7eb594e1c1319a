"""`shelfwise search`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from search.cli.program import Command
from search.cli.session import Session

MODES = ("hybrid", "lexical", "vector")
PAGE_SIZE = 10


@click.command(
    "search",
    cls=Command,
    examples=(
        'shelfwise search "red running shoes"',
        'shelfwise search "coffee grinder" --index shop --filters \'price < 100 AND brand IN ("Bosch", "Graef")\'',
        "shelfwise search drill --facet brand --facet price --refine brand=Makita --sort price:asc",
        'shelfwise search "something to boil water" --compare',
        "shelfwise search kettle --explain --explain-id SKU-17",
        "shelfwise search --similar-to SKU-17 --json",
        "shelfwise search --cursor WyJjNDA0…",
    ),
)
@click.argument("query", default="")
@click.option("--index", default="", help="May be left out where there is only one.")
@click.option("--filters", default="", metavar="FILTER", help="Search only these products.")
@click.option("--refine", metavar="FIELD=VALUE", multiple=True, help="A choice of a facet; repeatable.")
@click.option("--facet", "facets", metavar="FIELD", multiple=True, help="Count the values of a field; repeatable.")
@click.option("--sort", metavar="FIELD[:asc|desc]", multiple=True, help="Order by a field; up to three of them.")
@click.option("--page", type=click.IntRange(min=1), help="From 1.")
@click.option("--page-size", type=click.IntRange(1, 200), show_default=str(PAGE_SIZE), help="Results on a page.")
@click.option("--cursor", help="The next page of an earlier answer, which told it; takes QUERY's place.")
@click.option("--mode", type=click.Choice(MODES), help=f"Words, meaning or both; {MODES[0]} by default.")
@click.option("--language", default="", metavar="CODE", help="Of the query, such as en.")
@click.option("--channel", default="", help="The sales channel whose prices and stock count.")
@click.option("--fields", metavar="FIELD,…", multiple=True, help="Parts of the products, for --json.")
@click.option("--highlight", is_flag=True, help="Mark the words that match.")
@click.option("--explain", is_flag=True, help="Show what each side of the search did to each result.")
@click.option("--explain-id", default="", metavar="ID", help="Tell why this product is, or is not, there.")
@click.option("--similar-to", default="", metavar="ID", help="Products like this one, in the place of a query.")
@click.option("--sold-out", type=click.Choice(("show", "last", "hide")), help="What becomes of sold-out products.")
@click.option("--compare", is_flag=True, help="The three modes side by side.")
@click.option("--json", "as_json", is_flag=True, help="The answer as the HTTP API gives it.")
@click.pass_context
def search(
    context: click.Context,
    query: str,
    index: str,
    filters: str,
    refine: Sequence[str],
    facets: Sequence[str],
    sort: Sequence[str],
    page: int | None,
    page_size: int | None,
    cursor: str | None,
    mode: str | None,
    language: str,
    channel: str,
    fields: Sequence[str],
    highlight: bool,
    explain: bool,
    explain_id: str,
    similar_to: str,
    sold_out: str | None,
    compare: bool,
    as_json: bool,
) -> None:
    """Search an index.

    Without a QUERY all products are browsed. "Quotes" in it keep words together, -word leaves products out.
    """
    from search.cli.searching import compare_modes
    from search.cli.searching import search as run

    session = context.ensure_object(Session)
    # As the query string of the HTTP API has them: one grammar, one set of checks, one set of messages.
    raw: dict[str, str | list[str]] = {
        "q": query,
        "filters": filters,
        "facets": list(facets),
        "sort": list(sort),
        "page": "" if page is None else str(page),
        "language": language,
        "channel": channel,
        "fields": list(fields),
        "highlight": "true" if highlight else "",
        "explain": "true" if explain else "",
        "explain_id": explain_id,
        "similar_to": similar_to,
        "sold_out": sold_out or "",
    }
    if cursor is not None:
        raw["cursor"] = cursor
    if page_size is not None or cursor is None:
        raw["page_size"] = str(page_size or PAGE_SIZE)
    for choice in refine:
        field, equals, value = choice.partition("=")
        if not (field and equals and value):
            raise click.BadParameter(f"{choice!r} is no choice; wanted is FIELD=VALUE, such as brand=Sony")
        raw.setdefault(f"refine.{field}", [])
        raw[f"refine.{field}"] = [*raw[f"refine.{field}"], value]
    if compare and cursor is not None:
        raise click.UsageError("--compare starts from a query; leave out --cursor")
    if compare:
        compare_modes(session, index, raw, as_json=as_json)
    else:
        run(session, index, {**raw, "mode": mode} if mode else raw, as_json=as_json)
