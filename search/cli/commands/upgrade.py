"""`shelfwise upgrade`."""

from __future__ import annotations

import click

from search.cli.program import Command
from search.cli.session import Session


@click.command(
    "upgrade",
    cls=Command,
    examples=("shelfwise upgrade --check", "shelfwise upgrade"),
)
@click.option("--check", is_flag=True, help="Only say what is due; exit code 1 where something is.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def upgrade(context: click.Context, check: bool, as_json: bool) -> None:
    """Bring data that an earlier release wrote up to this one.

    Stop the service first: the tables change under it. The catalogue is brought up to date, and indexes in an older
    format are built anew from it. Nothing of it can be undone but by a backup, so make one before.
    """
    from search.cli.upgrading import check_upgrade
    from search.cli.upgrading import upgrade as run

    (check_upgrade if check else run)(context.ensure_object(Session), as_json=as_json)
