"""One run of the command line: its global options, the settings they lead to, and what is opened for them."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from search.errors import NotFoundError, RequestError

if TYPE_CHECKING:
    from search.config import Config
    from search.services import Services

_LEVELS = ("", "INFO", "DEBUG")
_NEWS = "indexer.encoders.exported"
"""Says that a model is being made ready, which takes half a minute in which nothing else is seen."""


@dataclass
class Session:
    """What the global options say; the rest is opened when it is asked for.

    Args:
        data_dir: of `--data-dir`.
        config_file: of `--config`.
        verbose: how often `-v` was given: once shows what is done, twice everything.
        quiet: nothing on stderr but errors.
    """

    data_dir: Path | None = None
    config_file: Path | None = None
    verbose: int = 0
    quiet: bool = False

    @cached_property
    def config(self) -> Config:
        """The settings; reading them sets up logging.

        Raises:
            ConfigurationError: names every problem at once.
        """
        from search.config import load_config

        level = "ERROR" if self.quiet else _LEVELS[min(self.verbose, 2)] or None
        config = load_config({"data_dir": self.data_dir, "log_level": level}, file=self.config_file)
        _log_to_stderr(config.log_level, verbose=self.verbose > 0, news=not self.quiet)
        return config

    def services(self) -> Services:
        """Services that may make a new data directory; a context manager."""
        from search.services import Services

        return Services(self.config)

    def existing(self) -> Services:
        """Services over data that is there; a context manager.

        Raises:
            NotFoundError: there is no data directory; asking something does not make one.
        """
        self.check_there()
        return self.services()

    def check_there(self) -> None:
        """Makes sure that there is a data directory; asking something does not make one. Where the catalogue is on a
        server, a machine that is new to it has none yet.

        Raises:
            NotFoundError: there is none.
        """
        config = self.config
        if not config.data_dir.is_dir() and not config.is_on_server:
            raise NotFoundError(
                f"there is no data directory at {config.data_dir.resolve()}: import a feed with `shelfwise import FEED "
                "--index NAME`, or say where it is with --data-dir or SHELFWISE_DATA_DIR"
            )

    @property
    def shows_progress(self) -> bool:
        """Whether somebody watches."""
        return sys.stderr.isatty() and not self.quiet


def only_index(services: Services) -> str:
    """The name of the index, where there is exactly one.

    Raises:
        NotFoundError: there is none yet.
        RequestError: there are several.
    """
    names = [record.name for record in services.catalogue.list_indexes()]
    if not names:
        raise NotFoundError("there is no index yet: import a feed with `shelfwise import FEED --index NAME`")
    if len(names) > 1:
        raise RequestError("--index", "", f"there are {len(names)} indexes, say which: {', '.join(names)}")
    return names[0]


class _Stderr(logging.Handler):
    """Writes to what stderr is at the moment: while bars are drawn, that is a stream which keeps them whole."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(self.format(record) + "\n")


def _log_to_stderr(level: str, *, verbose: bool, news: bool) -> None:
    handler = _Stderr()
    form = "%(levelname)s %(name)s: %(message)s" if verbose else "%(message)s"
    handler.setFormatter(logging.Formatter(form))
    logging.basicConfig(level=level, handlers=[handler])
    if news:
        logger = logging.getLogger(_NEWS)
        logger.setLevel(min(logging.getLevelName(level), logging.INFO))
