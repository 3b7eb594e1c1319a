"""Backup: the catalogue as of one moment, with the settings of its indexes and all embeddings, in one file.

Generations are not in it: `restore` builds them again, without computing a vector anew.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import fields
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from indexer.errors import InputError
from indexer.files import disk_errors
from indexer.models.source import file_hash
from indexer.store.catalogue import open_catalogue
from search.cli.archive import CATALOGUE, BackupManifest, check_name, write_archive
from search.cli.exits import wrong_value
from search.cli.output import count, megabytes, print_json
from search.cli.progress import following
from search.cli.session import Session
from search.config import Config


def back_up(session: Session, path: Path, *, as_json: bool) -> None:
    """Writes a backup, while others search and import.

    Raises:
        Failure: the name is taken, or no backup's.
        StorageError: the disk refused; no file is left behind.
    """
    with wrong_value(InputError):
        check_name(path)
    started = time.monotonic()
    shown = session.shows_progress and not as_json
    with session.existing() as services, disk_errors(path), tempfile.TemporaryDirectory(dir=path.parent) as folder:
        copy = Path(folder) / CATALOGUE
        with following(shown) as progress:
            progress.stage("copying the catalogue", None)
            services.catalogue.backup(copy)
            manifest = _manifest(session.config, copy)
            progress.stage("packing (bytes)", manifest.catalogue_bytes)
            write_archive(path, manifest, copy, progress.advance)
    result: dict[str, Any] = {
        "file": str(path),
        "bytes": path.stat().st_size,
        "indexes": list(manifest.indexes),
        "seconds": round(time.monotonic() - started, 3),
    }
    if as_json:
        print_json(result)
    else:
        names = ", ".join(f"{one['name']} ({count(one['products'], 'product')})" for one in manifest.indexes)
        click.echo(f"{path}: {megabytes(result['bytes'])}, {names or 'no index'}")


def _manifest(config: Config, copy: Path) -> BackupManifest:
    """The manifest of a copy, of what is in the copy itself: the catalogue has gone on meanwhile."""
    catalogue = open_catalogue(f"sqlite:///{copy.resolve()}")
    try:
        indexes = [
            {"name": record.name, "products": record.product_count, "change_number": record.change_number}
            for record in catalogue.list_indexes()
        ]
    finally:
        catalogue.close()
    settings = {
        f.name: getattr(config, f.name) for f in fields(config) if f.name != "data_dir" and not f.metadata["secret"]
    }
    return BackupManifest(
        shelfwise=version("shelfwise"),
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        catalogue_sha256=file_hash(copy),
        catalogue_bytes=copy.stat().st_size,
        indexes=indexes,
        settings=settings,
    )
