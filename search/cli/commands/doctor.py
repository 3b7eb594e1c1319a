"""`shelfwise doctor`."""

from __future__ import annotations

import click

from search.cli.exits import Exit
from search.cli.program import Command
from search.cli.session import Session


@click.command(
    "doctor",
    cls=Command,
    examples=("shelfwise doctor", "shelfwise doctor --json", "shelfwise --data-dir /srv/shop doctor"),
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Check the installation and the data, and say what to do.

    Looks at libraries, text models, disk, catalogue and every index. It changes nothing. The exit code is 1 when
    something is wrong; a warning alone is not.
    """
    from search.cli.checkup import check_all

    if not check_all(context.ensure_object(Session), as_json=as_json):
        context.exit(Exit.REFUSED.value)
