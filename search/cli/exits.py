"""Exit codes, and how a command ends that did not do what was asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import click

from indexer import errors as indexer_errors
from reranker.errors import RerankerError
from search import errors as search_errors


class Exit(IntEnum):
    """What the shell is told, by what the caller can do about it."""

    meaning: str

    def __new__(cls, code: int, meaning: str) -> Exit:
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    OK = 0, "done"
    REFUSED = 1, "the input is wrong or was refused, `doctor` found a problem, or a bug (with its traceback)"
    USAGE = 2, "no such command, option or file, or a value that it cannot have; its `--help` says what there is"
    CONFIGURATION = 3, "a setting, a folder, a model or a version is wrong"
    NOT_FOUND = 4, "there is no such index, product or generation"
    CONFLICT = 5, "another process holds it, or it changed meanwhile: try again"
    STORAGE = 6, "the disk or the database refused, or stored data is damaged"
    INTERRUPTED = 130, "stopped by Ctrl-C; the message says what is kept"


EXPECTED = (indexer_errors.IndexerError, search_errors.SearchError, RerankerError)
"""The errors that are raised on purpose: their message says it all. Any other is a bug, and shows where it happened."""

_CODES: tuple[tuple[type[Exception], Exit], ...] = (
    (search_errors.RequestError, Exit.USAGE),
    (indexer_errors.InputError, Exit.REFUSED),
    (indexer_errors.ConfigurationError, Exit.CONFIGURATION),
    (indexer_errors.NotFoundError, Exit.NOT_FOUND),
    (indexer_errors.ConflictError, Exit.CONFLICT),
    (indexer_errors.StorageError, Exit.STORAGE),
    (indexer_errors.CorruptionError, Exit.STORAGE),
    (search_errors.ConfigurationError, Exit.CONFIGURATION),
    (search_errors.NotFoundError, Exit.NOT_FOUND),
    (search_errors.UnavailableError, Exit.CONFLICT),
)


def exit_of(error: Exception) -> Exit:
    """The exit code of an expected error."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), Exit.REFUSED)


class Failure(click.ClickException):
    """Ends the program with one message and a code.

    Args:
        message: what is wrong and the remedy.
        code: see `Exit`.
    """

    def __init__(self, message: str, code: Exit = Exit.REFUSED) -> None:
        super().__init__(message)
        self.exit_code = code.value  # type: ignore[misc] # click reads it from the instance


@contextmanager
def wrong_value(*kinds: type[Exception]) -> Iterator[None]:
    """Where these errors speak of a value on the command line."""
    try:
        yield
    except kinds as error:
        raise Failure(str(error), Exit.USAGE) from error


class Interrupted(click.ClickException):
    """Ends the program because somebody asked for it.

    Args:
        message: what is kept, and how to go on.
    """

    exit_code = Exit.INTERRUPTED.value

    def show(self, file: object = None) -> None:  # noqa: ARG002 - click's signature
        """Writes the message to stderr: it is news, not an error."""
        click.echo(self.message, err=True)
