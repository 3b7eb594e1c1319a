"""`shelfwise indexes`: list, show, settings, copy, update, rebuild, rollback, delete."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from search.cli.program import Commands
from search.cli.session import Session

_JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")


@click.group("indexes", cls=Commands)
def indexes() -> None:
    """List, look into, change, copy, rebuild and delete indexes."""


@indexes.command("list", examples=("shelfwise indexes list", "shelfwise indexes list --json"))
@_JSON
@click.pass_context
def list_(context: click.Context, as_json: bool) -> None:
    """List all indexes."""
    from search.cli.managing import list_indexes

    list_indexes(context.ensure_object(Session), as_json=as_json)


@indexes.command("show", examples=("shelfwise indexes show shop", "shelfwise indexes show shop --json"))
@click.argument("name")
@_JSON
@click.pass_context
def show(context: click.Context, name: str, as_json: bool) -> None:
    """Show what is in an index.

    Its generations, the fields that can be filtered, counted and sorted by, and the attributes that cannot.
    """
    from search.cli.managing import show_index

    show_index(context.ensure_object(Session), name, as_json=as_json)


@indexes.command(
    "settings",
    examples=(
        "shelfwise indexes settings shop > settings.json",
        "shelfwise indexes settings shop --set ranking.vector_weight=0.4 --set ranking.field_weights.title=4",
        "shelfwise indexes settings shop --set schema.currencies.default=EUR --dry-run",
        "shelfwise indexes settings shop --file settings.json",
    ),
)
@click.argument("name")
@click.option("--set", "assignments", metavar="PATH=VALUE", multiple=True, help="A new value as JSON; repeatable.")
@click.option(
    "--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="New values as JSON."
)
@click.option("--dry-run", is_flag=True, help="Say what the change needs; change nothing.")
@_JSON
@click.pass_context
def settings(
    context: click.Context, name: str, assignments: Sequence[str], file: Path | None, dry_run: bool, as_json: bool
) -> None:
    """Print or change the settings of an index.

    What ranks (`ranking`) is in force at once. What is declared (`schema`) needs a rebuild, which the change starts;
    the old settings answer until it is done. A file may hold all settings or only those that change.
    """
    from search.cli.changing import change_settings, print_settings

    session = context.ensure_object(Session)
    if assignments or file is not None:
        change_settings(session, name, assignments, file, dry_run=dry_run, as_json=as_json)
    elif dry_run:
        raise click.UsageError("--dry-run speaks of a change: give one with --set or --file")
    else:
        print_settings(session, name)


@indexes.command("copy", examples=("shelfwise indexes copy shop shop-test", "shelfwise indexes copy shop b --json"))
@click.argument("name")
@click.argument("new")
@_JSON
@click.pass_context
def copy(context: click.Context, name: str, new: str, as_json: bool) -> None:
    """Copy an index under a NEW name."""
    from search.cli.managing import copy_index

    copy_index(context.ensure_object(Session), name, new, as_json=as_json)


@indexes.command("update", examples=("shelfwise indexes update shop", "shelfwise indexes update shop --json"))
@click.argument("name")
@_JSON
@click.pass_context
def update(context: click.Context, name: str, as_json: bool) -> None:
    """Bring an index up to date with the catalogue.

    Makes searchable what an import that was stopped or refused has written.
    """
    from search.cli.managing import update_index

    update_index(context.ensure_object(Session), name, as_json=as_json)


@indexes.command("rebuild", examples=("shelfwise indexes rebuild shop", "shelfwise indexes rebuild shop --json"))
@click.argument("name")
@_JSON
@click.pass_context
def rebuild(context: click.Context, name: str, as_json: bool) -> None:
    """Build an index anew from the catalogue.

    The new generation is checked, then switched to. The present one answers until then, and stays for a rollback.
    Whether the disk has room is checked first.
    """
    from search.cli.managing import rebuild_index

    rebuild_index(context.ensure_object(Session), name, as_json=as_json)


@indexes.command("rollback", examples=("shelfwise indexes rollback shop", "shelfwise indexes rollback shop --json"))
@click.argument("name")
@_JSON
@click.pass_context
def rollback(context: click.Context, name: str, as_json: bool) -> None:
    """Go back to the generation before.

    With its settings, and with today's products. The same command again goes forward.
    """
    from search.cli.managing import roll_back_index

    roll_back_index(context.ensure_object(Session), name, as_json=as_json)


@indexes.command("delete", examples=("shelfwise indexes delete shop-test", "shelfwise indexes delete shop-test --yes"))
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_JSON
@click.pass_context
def delete(context: click.Context, name: str, yes: bool, as_json: bool) -> None:
    """Delete an index. It asks first.

    All its products, settings and generations go with it, and the rejects files of its imports.
    """
    from search.cli.managing import delete_index

    delete_index(context.ensure_object(Session), name, confirmed=yes, as_json=as_json)
