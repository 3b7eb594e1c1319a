"""The settings of an index: printed, edited by path or file, and put in force."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import orjson

from indexer.errors import ConfigurationError as IndexerConfigurationError
from search.cli.exits import Exit, Failure
from search.cli.managing import print_state
from search.cli.output import print_json
from search.cli.progress import stoppable
from search.cli.session import Session
from search.errors import ConfigurationError
from search.filters import nearest
from search.maintenance import Maintenance
from search.settings import IndexSettings, check_settings, settings_from_json, settings_to_json


def print_settings(session: Session, index: str) -> None:
    """Prints the settings of an index as JSON."""
    with session.existing() as services:
        settings, _ = services.settings(index)
        print_json(settings_to_json(settings))


def change_settings(
    session: Session, index: str, assignments: Sequence[str], file: Path | None, *, dry_run: bool, as_json: bool
) -> None:
    """Puts new settings in force, with a rebuild where they need one; or says what they would need.

    Args:
        assignments: "path=value" each, on top of the file's.
        file: settings as JSON, all or some.

    Raises:
        Failure: a path, a value or the file is wrong.
        ConfigurationError: a value that was stored is wrong.
    """
    started = time.monotonic()
    with session.existing() as services:
        maintenance = Maintenance(services)
        old, version = services.settings(index)
        edited = settings_to_json(old)
        if file is not None:
            edited = merged(edited, _read(file))
        for assignment in assignments:
            edited = assigned(edited, assignment)
        with _told_by(assignments, old):
            new = settings_from_json(edited)
            reasons = maintenance.plan_settings(index, new).rebuild_reasons
        if reasons:
            maintenance.check_space(index)
        if new.schema.encoder != old.schema.encoder and new.schema.encoder:
            services.encoder(new.schema.encoder, new.schema.encoder_languages)  # refused before anything is changed
        plan = {"index": index, "changed": new != old, "needs_rebuild": bool(reasons), "reasons": list(reasons)}
        if dry_run or (new == old and not reasons):
            _print_plan(plan, as_json=as_json)
            return
        kept = (
            f"The new settings are kept and the old generation answers: go on with `shelfwise indexes rebuild {index}`."
        )
        with stoppable(session.shows_progress and not as_json, lambda: kept) as progress:
            built = maintenance.change_settings(index, new, version, progress)
        if built is not None:
            print_state(services, index, built.applied, time.monotonic() - started, as_json=as_json)
        else:
            _print_plan({**plan, "in_force": True}, as_json=as_json)


@contextmanager
def _told_by(assignments: Sequence[str], old: IndexSettings) -> Iterator[None]:
    """What is wrong with new settings is wrong on the command line or in the file, unless it was so before."""
    try:
        yield
    except (ConfigurationError, IndexerConfigurationError) as error:
        try:
            check_settings(old)
        except (ConfigurationError, IndexerConfigurationError):
            raise error from None
        raise Failure(str(error), Exit.USAGE if assignments else Exit.REFUSED) from error


def merged(settings: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with the values of `part` in the place of theirs, setting by setting."""
    sections = {**settings, **{name: part[name] for name in part if name not in settings}}
    for name in settings:
        if isinstance(part.get(name), Mapping):
            sections[name] = {**settings[name], **part[name]}
        elif name in part:
            raise Failure(f"{name} is {part[name]!r}; an object of settings is wanted, as `indexes settings` prints it")
    return sections


def assigned(settings: Mapping[str, Any], assignment: str) -> dict[str, Any]:
    """The settings with one value changed.

    Args:
        assignment: "ranking.vector_weight=0.4", or deeper: "ranking.field_weights.title=4". The value is JSON; what is
            no JSON is a text.

    Raises:
        Failure: it has not that form, or no setting is called so.
    """
    path, equals, written = assignment.partition("=")
    if not equals:
        raise Failure(f"--set {assignment!r}: wanted is PATH=VALUE, such as ranking.vector_weight=0.4", Exit.USAGE)
    section, _, rest = path.strip().partition(".")
    name, _, inner = rest.partition(".")
    if name not in settings.get(section, {}):
        known = [f"{one}.{two}" for one in settings for two in settings[one]]
        near = nearest(path, known)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known)}"
        raise Failure(f"--set {path}: there is no such setting; {hint}", Exit.USAGE)
    try:
        value = orjson.loads(written)
    except orjson.JSONDecodeError:
        value = written
    if inner:
        if not isinstance(settings[section][name], Mapping):
            raise Failure(f"--set {path}: {section}.{name} has no parts; set it as a whole", Exit.USAGE)
        value = {**settings[section][name], inner: value}
    return {**settings, section: {**settings[section], name: value}}


def _read(file: Path) -> Mapping[str, Any]:
    try:
        data = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as error:
        raise Failure(f"{file} is no JSON: {error}") from error
    if not isinstance(data, Mapping):
        raise Failure(f"{file} holds no object; settings are wanted as `shelfwise indexes settings` prints them")
    return data


def _print_plan(plan: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(plan)
    elif not plan["changed"]:
        click.echo("These are the settings already: nothing was changed")
    elif plan.get("in_force"):
        click.echo("The new settings are in force")
    elif plan["needs_rebuild"]:
        click.echo(
            f"It needs a rebuild ({'; '.join(plan['reasons'])}), and the disk has room for it. Nothing was changed"
        )
    else:
        click.echo("It would be in force at once, without a rebuild. Nothing was changed")
