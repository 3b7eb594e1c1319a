"""What an import did not refuse, but somebody has to know to find all products."""

from __future__ import annotations

from collections.abc import Iterator

from indexer.jobs.importing import ImportReport
from search.cli.output import count
from search.maintenance import Imported
from search.services import Services

_NAMED = 5
"""Currencies that are named; a feed with more of them has something else wrong with it."""


def import_warnings(services: Services, index: str, imported: Imported) -> Iterator[str]:
    """One sentence with its remedy for each."""
    if not imported.report.rows:
        yield "the feed has no rows: no product was imported"
    yield from _unused_currencies(services, index, imported.report)
    if imported.built is not None:
        yield from _unnamed_currency(index, imported.report)
        yield from _uncovered_languages(services, index)


def _unused_currencies(services: Services, index: str, report: ImportReport) -> Iterator[str]:
    taken = services.settings(index)[0].schema.currencies
    unused = list(report.currencies.unused(taken))
    if not unused:
        return
    named = [
        f"{count(number, 'offer')} in {currency} where channel {channel!r} takes {taken.get(channel, 'none')}"
        for channel, currency, number in unused[:_NAMED]
    ]
    more = f", and {len(unused) - _NAMED:,} more such currencies" if len(unused) > _NAMED else ""
    channel, currency, _ = unused[0]
    yield (
        f"{', '.join(named)}{more}: their prices are kept, but no filter, facet or sort sees them; give each currency "
        f"a channel of its own in the feed, or take another one with `shelfwise indexes settings {index} --set "
        f"schema.currencies.{channel}={currency}`"
    )


def _unnamed_currency(index: str, report: ImportReport) -> Iterator[str]:
    unnamed = report.currencies.unnamed()
    if unnamed:
        yield (
            f"{count(unnamed, 'offer')} without a currency: filters and sorts work, but nobody can say in what; import "
            f"the feed again with `--currency EUR` (or what it is), after `shelfwise indexes settings {index} --set "
            "schema.currencies.default=EUR`"
        )


def _uncovered_languages(services: Services, index: str) -> Iterator[str]:
    schema = services.settings(index)[0].schema
    if not schema.encoder:
        return
    manifest = services.encoder(schema.encoder, schema.encoder_languages).manifest
    uncovered = [language for language in schema.all_languages if not manifest.weight_for(language)]
    if uncovered:
        yield (
            f"the text model {schema.encoder!r} does not cover {', '.join(map(repr, uncovered))}: searches in "
            "such a language go by words alone; name a multilingual model with `shelfwise indexes settings "
            f"{index} --set schema.encoder=MODEL`, and as SHELFWISE_TEXT_MODEL for new indexes"
        )
