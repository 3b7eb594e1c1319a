"""`shelfwise import`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from search.cli.exits import wrong_value
from search.cli.program import Command
from search.cli.session import Session

FORMATS = ("jsonl", "json", "csv", "tsv", "shopify", "xml", "parquet")


@click.command(
    "import",
    cls=Command,
    examples=(
        "shelfwise import products.csv --index shop --dry-run",
        "shelfwise import products.jsonl.gz --index shop",
        "shelfwise import export.csv --index shop --map title=name --currency EUR --sync",
        "curl https://shop.example/feed.xml | shelfwise import - --index shop --json",
    ),
)
@click.argument("feed")
@click.option("--index", help="The index to write to; made where it does not exist.  [required]")
@click.option("--map", "pairs", metavar="TARGET=COLUMN", multiple=True, help="Takes a column for a field; repeatable.")
@click.option("--format", "format_", type=click.Choice(FORMATS), help="Detected unless given.")
@click.option("--encoding", metavar="NAME", default="", help="Of its text, such as cp1250; detected unless given.")
@click.option("--currency", metavar="CODE", default="", help="Of prices that name none, such as EUR.")
@click.option("--sync", is_flag=True, help="Also remove the products that the feed does not have.")
@click.option("--force", is_flag=True, help="Sync even where it looks like a mistake.")
@click.option("--strict", is_flag=True, help="Stop at the first bad row.")
@click.option("--dry-run", is_flag=True, help="Show how the feed is read; import nothing.")
@click.option("--language", metavar="CODE", default="", help="Main language of a new index, such as en.")
@click.option("--encoder", metavar="NAME", default="", help="Text model of a new index; `none` searches by words only.")
@click.option("--json", "as_json", is_flag=True, help="A line per committed chunk, then a summary.")
@click.pass_context
def import_feed(
    context: click.Context,
    feed: str,
    index: str | None,
    pairs: Sequence[str],
    format_: str | None,
    encoding: str,
    currency: str,
    sync: bool,
    force: bool,
    strict: bool,
    dry_run: bool,
    language: str,
    encoder: str,
    as_json: bool,
) -> None:
    """Import a product feed into an index.

    FEED is a file, or - for standard input: JSON lines, JSON, CSV, TSV, Google Merchant, Shopify or Parquet, each also
    gzipped. Columns are recognised by their usual names; all others become attributes.

    --map takes the targets id, title, description, brand, category, sku, mpn, gtin, url, image, rating, rating_count,
    popularity, released_at, price, sale_price, list_price, currency and availability; title@de and description@de take
    a column in one language. It holds for this import alone.

    What is in the index already is updated; the same feed again writes nothing. Bad rows go to a file and stop nothing.
    After Ctrl-C, what was committed is kept, and the same command goes on from there.

    With --json each committed chunk is a line with `last_line` and `change_number`; what it says is on disk.
    """
    from indexer.feeds.errors import MappingError
    from indexer.jobs.importing import ImportOptions
    from search.cli.importing import FeedRequest, describe_feed
    from search.cli.importing import import_feed as run

    session = context.ensure_object(Session)
    request = FeedRequest(feed, format_ or "", _mapping(pairs), currency.upper(), language.lower(), encoder, encoding)
    if not (index or dry_run):
        raise click.UsageError("--index is missing: name the index to write to (--dry-run alone needs none)")
    if feed != "-" and not Path(feed).exists():
        raise click.BadParameter(f"{feed!r} does not exist; name a file, or - for standard input", param_hint="FEED")
    with wrong_value(MappingError):
        if dry_run or not index:
            describe_feed(session, request, as_json=as_json)
        else:
            run(session, index, request, ImportOptions(sync, force, strict), as_json=as_json)


def _mapping(pairs: Sequence[str]) -> dict[str, str]:
    mapping: dict[str, str] = {}
    for pair in pairs:
        target, equals, column = pair.partition("=")
        if not (target and equals and column):
            raise click.BadParameter(f"{pair!r} is no pair; wanted is TARGET=COLUMN, such as title=name")
        mapping[target] = column
    return mapping
