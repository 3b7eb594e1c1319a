"""`shelfwise doctor`: all checks, one after the other, and their report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict

import click

from indexer.errors import ConfigurationError, IndexerError, StorageError
from indexer.store.database import Database, open_database
from indexer.store.upgrade import CURRENT_VERSION, stored_version
from search.cli.finding import Finding, State
from search.cli.index_checks import check_engine, check_index
from search.cli.machine_checks import check_data_dir, check_libraries, check_model, is_made
from search.cli.output import count, print_json
from search.cli.session import Session
from search.config import Config
from search.settings import settings_from_json

_MARKS = {State.OK: "ok       ", State.WARNING: "warning  ", State.PROBLEM: "PROBLEM  "}


def check_all(session: Session, *, as_json: bool) -> bool:
    """Prints the report of all checks; whether nothing is wrong."""
    findings = list(_findings(session))
    problems = sum(finding.state is State.PROBLEM for finding in findings)
    if as_json:
        print_json({"ok": not problems, "checks": [asdict(finding) for finding in findings]})
        return not problems
    for finding in findings:
        click.echo(f"{_MARKS[finding.state]}{finding.check}: {finding.detail}")
        if finding.remedy:
            click.echo(f"           → {finding.remedy}")
    warnings = sum(finding.state is State.WARNING for finding in findings)
    remark = f" ({count(warnings, 'warning')})" if warnings else ""
    click.echo(f"{count(problems, 'problem') if problems else 'Nothing is wrong'}{remark}")
    return not problems


def _findings(session: Session) -> Iterator[Finding]:
    config = session.config
    yield from check_libraries()
    yield from check_data_dir(config)
    catalogue, is_there = _check_catalogue(config)
    yield catalogue
    if catalogue.state is State.PROBLEM or not is_there:
        yield check_model(config, config.text_model)
        return
    with session.services() as services:
        records = services.catalogue.list_indexes()
        named = [settings_from_json(record.settings).schema.encoder for record in records]
        models = {name: check_model(config, name) for name in dict.fromkeys((config.text_model, *named))}
        yield from models.values()
        for record, encoder in zip(records, named, strict=True):
            yield from check_index(services, record, searchable=is_made(config, encoder))
        yield from check_engine(services, [record.name for record in records])


def _check_catalogue(config: Config) -> tuple[Finding, bool]:
    """(what is to be said of the catalogue, whether there is one)."""
    try:
        with closing(open_database(config.catalogue_url)) as database:
            if not database.is_there():
                detail = f"there is none at {database.name} yet: the first import makes it"
                return Finding("catalogue", State.OK, detail), False
            return _judged(database, stored_version(database)), True
    except (StorageError, ConfigurationError) as error:
        return Finding("catalogue", State.PROBLEM, str(error)), True  # which says what to do
    except IndexerError as error:
        return Finding(
            "catalogue", State.PROBLEM, str(error), "a backup comes back with `shelfwise restore FILE --force`"
        ), True


def _judged(database: Database, version: int) -> Finding:
    if version > CURRENT_VERSION:
        detail = f"{database.name} has tables of version {version}, this release knows them up to {CURRENT_VERSION}"
        return Finding("catalogue", State.PROBLEM, detail, "install the release that wrote it, or a later one")
    if version < CURRENT_VERSION:
        detail = f"{database.name} has tables of version {version}; the next command brings them to {CURRENT_VERSION}"
        return Finding("catalogue", State.WARNING, detail, "make a backup first: copy the data directory")
    if not database.is_durable():
        detail = f"{database.name} does not sync what it commits: a crash of its machine loses what was acknowledged"
        return Finding("catalogue", State.WARNING, detail, "set fsync = on in the server's settings")
    return Finding("catalogue", State.OK, f"{database.name}, tables of version {version}")
