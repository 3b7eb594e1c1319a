"""The import of a feed: what the command does, and how it says what became of the rows."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import click

from indexer.errors import ConfigurationError, NotFoundError
from indexer.feeds import open_feed
from indexer.feeds.errors import UnrecognisedError
from indexer.fields import Schema, check_schema
from indexer.jobs.importing import Acknowledgement, ImportOptions
from indexer.product import UNKNOWN_CURRENCY
from search.cli.dry_run import print_columns_seen, print_description
from search.cli.exits import Failure, wrong_value
from search.cli.import_warnings import import_warnings
from search.cli.left_out import left_out, print_left_out
from search.cli.output import count, print_json
from search.cli.progress import stoppable
from search.cli.session import Session
from search.maintenance import Imported, Maintenance
from search.services import Services
from search.settings import settings_from_json

NO_ENCODER = "none"


@dataclass(frozen=True, slots=True)
class FeedRequest:
    """A feed and how to read it.

    Args:
        feed: its path, "-" for stdin.
        format: "" to detect it.
        mapping: column by target.
        currency: of prices that name none, "" for unknown.
        language: of a new index, "" for the one it would have anyway.
        encoder: of a new index, "none" for none, "" for that of the settings.
        encoding: of the feed's text, "" to detect it.
    """

    feed: str
    format: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    currency: str = ""
    language: str = ""
    encoder: str = ""
    encoding: str = ""


def describe_feed(session: Session, request: FeedRequest, *, as_json: bool) -> None:
    """Prints what is recognised of a feed, and imports nothing."""
    try:
        with _opened(session, request, request.language or Schema().language) as feed:
            if as_json:
                print_json(asdict(feed.description))
            else:
                print_description(request.feed, feed.description)
    except UnrecognisedError as error:
        if as_json:
            print_json({"columns": [{"name": name, "example": example} for name, example in error.columns]})
        else:
            print_columns_seen(error.columns)
        raise


def import_feed(session: Session, index: str, request: FeedRequest, options: ImportOptions, *, as_json: bool) -> None:
    """Imports a feed and prints what became of it.

    Raises:
        Failure: the index exists with another encoder or language than asked for, the feed breaks off, or none of its
            rows could be taken.
        RefusedError: a bad row under --strict, or a sync that would remove too much; the rows are searchable.
        IndexerError, Interrupted: the message says what is kept.
    """
    started = time.monotonic()
    with session.services() as services:
        maintenance = Maintenance(services)
        schema = _schema(services, index, request)
        acknowledged = _Acknowledged(request.feed, as_json)
        with (
            _opened(session, request, schema.language) as feed,
            stoppable(session.shows_progress and not as_json, acknowledged.kept) as progress,
        ):
            if schema.encoder:
                # One that cannot be had is told of before the rows are read, not after.
                services.encoder(schema.encoder, schema.encoder_languages)
            progress.reading(feed)
            imported = maintenance.import_feed(
                index, feed, options, progress, acknowledge=acknowledged.hear, schema=schema
            )
        seconds = time.monotonic() - started
        warnings = import_warnings(services, index, imported)
        summary = _summary(index, imported, services.engine.live(index), warnings, seconds)
    if as_json:
        print_json({"summary": summary}, indent=False)
    else:
        _print_summary(summary)
    if imported.report.truncated:
        raise Failure(f"{imported.report.truncated}; what came before it is imported")
    if imported.report.rows and imported.report.rejected == imported.report.rows:
        raise Failure(
            f"none of the {count(imported.report.rows, 'row')} could be taken: see how it is read with --dry-run"
        )


@dataclass
class _Acknowledged:
    """What is durable so far."""

    feed: str
    as_json: bool
    last: Acknowledgement | None = None

    def hear(self, acknowledgement: Acknowledgement) -> None:
        """Passes it on at once: for the reader of stdout, that line is the acknowledgement."""
        self.last = acknowledgement
        if self.as_json:
            print_json(asdict(acknowledgement), indent=False)

    def kept(self) -> str:
        again = "the same command" if self.feed != "-" else "the same command with the same input"
        if self.last is None:
            return f"Nothing was written yet; {again} begins anew."
        return (
            f"The rows up to line {self.last.last_line:,} are kept (change number {self.last.change_number:,}); "
            f"{again} goes on from there, and makes all of it searchable."
        )


def _opened(session: Session, request: FeedRequest, language: str) -> Any:
    source: Path | BinaryIO = sys.stdin.buffer if request.feed == "-" else Path(request.feed)
    with wrong_value(ConfigurationError):
        return open_feed(
            source,
            format=request.format or None,
            mapping=request.mapping,
            default_currency=request.currency or UNKNOWN_CURRENCY,
            default_language=language,
            encoding=request.encoding or None,
            max_row_bytes=session.config.max_row_bytes,
        )


def _schema(services: Services, index: str, request: FeedRequest) -> Schema:
    """The schema of the index: as it is, or as a new one will have it.

    Raises:
        Failure: it exists and differs from what was asked for, or there is no such language.
    """
    encoder = "" if request.encoder == NO_ENCODER else request.encoder or services.config.text_model
    wanted = Schema(encoder=encoder)
    if request.language:
        wanted = replace(wanted, language=request.language)
        with wrong_value(ConfigurationError):
            check_schema(wanted)
    try:
        record = services.catalogue.get_index(index)
    except NotFoundError:
        return wanted
    schema = settings_from_json(record.settings).schema
    for name, given in (("encoder", request.encoder), ("language", request.language)):
        if given and getattr(wanted, name) != getattr(schema, name):
            raise Failure(
                f"index {index!r} exists with {name} {getattr(schema, name)!r}, and --{name} {given} speaks of a new "
                f"index; change it with `shelfwise indexes settings {index} --set schema.{name}=…`"
            )
    return schema


def _summary(
    index: str, imported: Imported, generation: int | None, warnings: Iterable[str], seconds: float
) -> dict[str, Any]:
    report = imported.report
    return {
        "index": index,
        "rows": report.rows,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "duplicates": report.duplicates,
        "rejected": report.rejected,
        "rejects_file": str(report.rejects_file) if report.rejects_file is not None else None,
        "first_rejects": [asdict(reject) for reject in report.first_rejects],
        "removed": report.removed,
        "not_indexed": left_out(imported.applied),
        "vectors": {"computed": imported.computed_vectors, "reused": imported.reused_vectors},
        "last_line": report.last_line,
        "change_number": report.change_number,
        "generation": generation,
        "truncated": report.truncated or None,
        "warnings": list(warnings),
        "seconds": round(seconds, 3),
        "rows_per_s": round(report.rows / seconds, 1),
    }


_COUNTS = {
    "created": "",
    "updated": "",
    "unchanged": "",
    "duplicates": "the last row of each id counts",
    "removed": "the feed does not have them any more",
    "rejected": "",
}


def _print_summary(summary: Mapping[str, Any]) -> None:
    click.echo(
        f"{summary['index']}: {count(summary['rows'], 'row')} in {summary['seconds']:,.1f} s "
        f"({summary['rows_per_s']:,.0f}/s)"
    )
    for name, remark in _COUNTS.items():
        if summary[name]:
            click.echo(f"  {name:<11}{summary[name]:>9,}{f'  {remark}' if remark else ''}")
    for reject in summary["first_rejects"]:
        where = f"line {reject['line']:,}" + (f", field {reject['field']}" if reject["field"] else "")
        seen = f" (seen: {reject['value']})" if reject["value"] else ""
        click.echo(f"      {where}: {reject['reason']}{seen}")
    if summary["rejects_file"]:
        click.echo(f"      all of them: {summary['rejects_file']}")
    print_left_out(summary["not_indexed"])
    vectors = summary["vectors"]
    if any(vectors.values()):
        click.echo(f"  vectors    {vectors['computed']:>9,} computed, {vectors['reused']:,} known already")
    for warning in summary["warnings"]:
        click.echo(f"  warning: {warning}")
    click.echo(f"  generation {summary['generation']} is live, at change number {summary['change_number']:,}")
