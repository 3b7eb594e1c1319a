"""Where windows are kept for their later pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from search.pages.window import KeptWindow

KEEP_S = 600


class Pages(Protocol):
    """The windows of the last ten minutes. Thread-safe, and shared by all processes that open the same place."""

    def keep(self, query_id: str, kept: KeptWindow) -> None:
        """Keeps a window under its answer's id.

        Raises:
            StorageError: it cannot be written.
        """
        ...

    def find(self, query_id: str, binding: str) -> KeptWindow:
        """The window that was kept, of whatever index.

        Raises:
            ExpiredError: it is gone, or another caller's.
            StorageError: it cannot be read.
        """
        ...

    def requests(self, query_ids: Collection[str]) -> dict[str, Mapping[str, Any]]:
        """The requests that are kept of these answers, by id.

        Raises:
            StorageError: they cannot be read.
        """
        ...

    def forget(self, query_ids: Collection[str]) -> int:
        """Removes the windows of these answers; says how many there were.

        Raises:
            StorageError: they cannot be removed.
        """
        ...

    def sweep(self) -> None:
        """Removes what is older than ten minutes, where that is due.

        Raises:
            StorageError: it cannot be looked at.
        """
        ...

    def close(self) -> None: ...
