"""`shelfwise version`."""

from __future__ import annotations

import platform

import click

from search.cli.program import Command


@click.command(
    "version", cls=Command, examples=("shelfwise version", "shelfwise version --json", "shelfwise --version")
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def version(as_json: bool) -> None:
    """Say which release this is."""
    from importlib.metadata import version as installed

    from search.cli.output import print_json

    release = installed("shelfwise")
    if as_json:
        print_json({"shelfwise": release, "python": platform.python_version()})
    else:
        click.echo(f"shelfwise {release}")
