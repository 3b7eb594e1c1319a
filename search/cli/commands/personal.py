"""`shelfwise personal`: places, export, erase."""

from __future__ import annotations

import click

from search.cli.program import Commands
from search.cli.session import Session

_USER = click.option("--user", default="", metavar="ID", help="The user_id of searches and events.")
_SESSION = click.option("--session", default="", metavar="ID", help="The session_id of searches and events.")
_JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")


@click.group("personal", cls=Commands)
def personal() -> None:
    """List, export and erase what is held of a person."""


@personal.command("places", examples=("shelfwise personal places", "shelfwise personal places --json"))
@_JSON
@click.pass_context
def places(context: click.Context, as_json: bool) -> None:
    """List every place that holds personal data, and how long."""
    from search.cli.personal import print_places

    print_places(context.ensure_object(Session), as_json=as_json)


@personal.command(
    "export",
    examples=("shelfwise personal export --user u-17", "shelfwise personal export --user u-17 --session s-4711 --json"),
)
@_USER
@_SESSION
@_JSON
@click.pass_context
def export(context: click.Context, user: str, session: str, as_json: bool) -> None:
    """Print all that is held of a person.

    What was theirs is found by the user, by the session, and by the searches of both. With --json it is whole.
    """
    from search.cli.personal import export_person

    _check(user, session)
    export_person(context.ensure_object(Session), user, session, as_json=as_json)


@personal.command(
    "erase",
    examples=("shelfwise personal erase --user u-17", "shelfwise personal erase --session s-4711 --yes --json"),
)
@_USER
@_SESSION
@click.option("--yes", is_flag=True, help="Do not ask.")
@_JSON
@click.pass_context
def erase(context: click.Context, user: str, session: str, yes: bool, as_json: bool) -> None:
    """Erase all that is held of a person. It asks first.

    The service may go on meanwhile. Backups, exports and the logs of other programs are not reached.
    """
    from search.cli.personal import erase_person

    _check(user, session)
    erase_person(context.ensure_object(Session), user, session, confirmed=yes, as_json=as_json)


def _check(user: str, session: str) -> None:
    if not (user or session):
        raise click.UsageError("say whose: give --user, --session or both")
