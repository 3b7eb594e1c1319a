"""`shelfwise serve` and `shelfwise worker`."""

from __future__ import annotations

import click

from search.cli.program import Command
from search.cli.session import Session

DEFAULT_PORT = 8700


@click.command(
    "serve",
    cls=Command,
    examples=(
        "shelfwise serve",
        "shelfwise serve --port 9000 --web 4",
        "SHELFWISE_MASTER_KEY_FILE=master.key shelfwise serve --host 0.0.0.0",
    ),
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to answer at; others need a key.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=DEFAULT_PORT, show_default=True, help="0: any free one."
)
@click.option("--web", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that answer.")
@click.option(
    "--workers", type=click.IntRange(0, 64), default=1, show_default=True, help="Processes that do tasks; 0: none here."
)
@click.pass_context
def serve(context: click.Context, host: str, port: int, web: int, workers: int) -> None:
    """Answer over HTTP, and do the work behind it.

    Starts the web service and the workers as programs of their own, starts them again when one ends, and stops them
    cleanly at Ctrl-C. Nothing else needs to run: messages between them are files in the data directory, unless
    SHELFWISE_BROKER_URL names a broker.
    """
    from search.cli.serving import serve as run

    run(context.ensure_object(Session), host, port, web, workers)


@click.command("worker", cls=Command, examples=("shelfwise worker", "shelfwise --data-dir /srv/shop worker"))
@click.pass_context
def worker(context: click.Context) -> None:
    """Do tasks, beside a service that has no workers of its own or too few.

    The same as `celery -A workers.app worker`. Stops at Ctrl-C, when what it does can be gone on with by another.
    """
    from search.cli.serving import work

    work(context.ensure_object(Session))
