"""`shelfwise backup` and `shelfwise restore`."""

from __future__ import annotations

from pathlib import Path

import click

from search.cli.program import Command
from search.cli.session import Session


@click.command(
    "backup",
    cls=Command,
    examples=("shelfwise backup monday.tar.gz", "shelfwise --data-dir /srv/shop backup /backups/shop.tar --json"),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def backup(context: click.Context, file: Path, as_json: bool) -> None:
    """Write all products, settings and embeddings to one file.

    FILE ends in .tar, or in .tar.gz to compress it. It holds the catalogue as of one moment, while searches and imports
    go on. What the search engine keeps is not in it: `restore` builds that again.
    """
    from search.cli.backup import back_up

    back_up(context.ensure_object(Session), file, as_json=as_json)


@click.command(
    "restore",
    cls=Command,
    examples=("shelfwise --data-dir ./restored restore monday.tar.gz", "shelfwise restore monday.tar.gz --force"),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Move aside what is in the data directory.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def restore(context: click.Context, file: Path, force: bool, as_json: bool) -> None:
    """Read a backup into a data directory, and rebuild its indexes.

    The file is checked before anything is changed. Stop the web service first: while another process has the data open,
    nothing is restored over them.
    """
    from search.cli.restore import restore as run

    run(context.ensure_object(Session), file, force=force, as_json=as_json)
