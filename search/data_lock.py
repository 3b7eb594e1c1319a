"""Who has a data directory open: every process that does shares one lock, and who replaces its data takes it alone.

The locks are the kernel's: they end with the process that holds them, however it ends.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from indexer.errors import ConflictError
from indexer.files import disk_errors

_log = logging.getLogger(__name__)


@contextmanager
def sharing(data_dir: Path) -> Iterator[None]:
    """Says that this process has the data directory open, as often as it likes.

    Where the directory is read-only, nobody can replace its data either, and no lock is held.

    Raises:
        ConflictError: its data are being replaced.
    """
    path = _lock_path(data_dir)
    with ExitStack() as stack:
        try:
            path.parent.mkdir(exist_ok=True)
            # To share a lock, a file need not be writable.
            descriptor = os.open(path, os.O_RDONLY | os.O_CREAT, 0o666)
            stack.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConflictError(
                f"a backup is being restored into {data_dir} by another process: try again when it is done"
            ) from error
        except OSError as error:
            _log.info("%s: %s; nothing says that the data directory is in use", path, error.strerror)
        yield


@contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """Makes sure that nobody has the data directory open, and keeps everybody from opening it.

    Raises:
        ConflictError: somebody has it open.
        StorageError: the disk refused.
    """
    path = _lock_path(data_dir)
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        with disk_errors(path):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ConflictError(
                    f"{data_dir} is open in another process, such as the web service, an import or a search: stop it, "
                    f"then run this again (`fuser {path}` lists the processes); nothing was changed"
                ) from error
        yield
    finally:
        os.close(descriptor)


def _lock_path(data_dir: Path) -> Path:
    # No index can have it as its own: those end in `.lock`.
    return data_dir / "locks" / "open"
