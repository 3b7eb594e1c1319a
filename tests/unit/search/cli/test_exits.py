"""Each kind of error has its exit code; what is no expected error keeps its traceback."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from indexer import errors as indexer_errors
from indexer.feeds.errors import TruncatedFeedError
from reranker import errors as reranker_errors
from search import errors as search_errors
from search.cli.exits import Exit, exit_of


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (indexer_errors.InputError("x"), 1),
        (TruncatedFeedError("x"), 1),
        (indexer_errors.RefusedError("x"), 1),
        (search_errors.RequestError("q", "", "x"), 2),
        (search_errors.ExpiredError("x"), 1),
        (reranker_errors.JudgmentsError("j.csv", 1, "x"), 1),
        (indexer_errors.ConfigurationError("x"), 3),
        (search_errors.ConfigurationError("x"), 3),
        (indexer_errors.NotFoundError("x"), 4),
        (search_errors.NotFoundError("x"), 4),
        (indexer_errors.ConflictError("x"), 5),
        (search_errors.UnavailableError("x"), 5),
        (indexer_errors.StorageError("x"), 6),
        (indexer_errors.CorruptionError("x"), 6),
    ],
)
def test_exit_of(error: Exception, code: int) -> None:
    assert exit_of(error) == code


def test_codes_are_distinct_and_explained() -> None:
    assert [code.value for code in Exit] == [0, 1, 2, 3, 4, 5, 6, 130]
    assert all(code.meaning for code in Exit)


def test_a_bug_keeps_its_traceback(shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.answering.parse_request", lambda raw, source: 1 / 0)
    result = shop("search", "kettle")
    assert isinstance(result.exception, ZeroDivisionError)


def test_ctrl_c_elsewhere_is_one_line_and_130(shell) -> None:
    program = (
        # A shell that starts the tests in the background has it ignored.
        "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import search.cli.session as session\nimport time\n"
        "session.Session.existing = lambda self: (print('here', flush=True), time.sleep(20))\n"
        "from search.cli.main import main\nmain()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, "search", "kettle"],
        env=shell.whole_environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (130, "Interrupted. What was committed is kept.\n")
