"""Creates the tables of a catalogue, and brings those of an earlier release up to date."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from indexer.errors import ConfigurationError, CorruptionError

if TYPE_CHECKING:
    from indexer.store.database import Database

CURRENT_VERSION = 4
"""The number of the newest file in `migrations/versions`."""

VERSION_TABLE = "shelfwise_version"

UPGRADE_TIMEOUT_S = 600.0
"""How long a start waits for another process that upgrades the tables."""

_log = logging.getLogger(__name__)


def stored_version(database: Database) -> int:
    """The version of the tables; 0 where there are none yet.

    Raises:
        CorruptionError: the file is damaged, or the database of another program.
    """
    with database.read() as connection:
        tables = inspect(connection).get_table_names()
        if not tables:
            return 0
        if VERSION_TABLE not in tables:
            raise CorruptionError(
                f"catalogue {database.name} is the database of another program (it has the table {tables[0]!r} but no "
                f"{VERSION_TABLE!r}); move it away, or name another one in SHELFWISE_DATABASE_URL"
            )
        return int(connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one())  # noqa: S608


def upgrade(database: Database) -> None:
    """Makes the tables those of this release; at most one process does it, the others wait. Cheap when nothing is due.

    Raises:
        ConfigurationError: a later release wrote them.
        CorruptionError: the file is damaged, or the database of another program.
        ConflictError: another process is at it for too long.
    """
    if _is_current(database):
        return
    with database.upgrade_lock():
        if _is_current(database):
            return
        database.make_durable()
        create_tables(database)


def create_tables(database: Database) -> None:
    """Makes the tables those of this release. Nobody else is at it: the caller sees to that."""
    # Imported here: it takes longer than all the rest of a start, which hardly ever needs it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "indexer.store:migrations")
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, f"{CURRENT_VERSION:04d}")
    _log.info("catalogue %s has tables of version %d", database.name, CURRENT_VERSION)


def _is_current(database: Database) -> bool:
    version = stored_version(database)
    if version > CURRENT_VERSION:
        raise ConfigurationError(
            f"catalogue {database.name} has tables of version {version}, and this release knows them up to "
            f"{CURRENT_VERSION}; install the release that wrote it, or restore a backup made before the upgrade"
        )
    return version == CURRENT_VERSION and database.is_durable()
