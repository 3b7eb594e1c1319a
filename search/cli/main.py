"""The program `shelfwise`."""

from __future__ import annotations

import click

from search.cli.commands.doctor import doctor
from search.cli.commands.evaluate import evaluate
from search.cli.commands.import_feed import import_feed
from search.cli.commands.indexes import indexes
from search.cli.commands.personal import personal
from search.cli.commands.records import records
from search.cli.commands.safekeeping import backup, restore
from search.cli.commands.search import search
from search.cli.commands.serve import serve, worker
from search.cli.commands.upgrade import upgrade
from search.cli.commands.version import version
from search.cli.program import Program


@click.group("shelfwise", cls=Program)
@click.version_option(package_name="shelfwise", message="%(prog)s %(version)s")
def shelfwise() -> None:
    """Product search on one machine: import a feed, search it, measure it, keep it well.

    \b
    shelfwise import products.csv --index shop
    shelfwise search "red running shoes"

    Each command has --help with examples, and most have --json. Settings come from defaults, then shelfwise.toml, then
    environment variables such as SHELFWISE_DATA_DIR, then options; the later ones win.
    """


for command in (
    import_feed,
    search,
    indexes,
    serve,
    worker,
    records,
    personal,
    evaluate,
    doctor,
    backup,
    restore,
    upgrade,
    version,
):
    shelfwise.add_command(command)


def main() -> None:
    """Runs what was typed, and ends the process."""
    shelfwise(prog_name="shelfwise")
