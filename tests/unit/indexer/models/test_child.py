"""A module in a process of its own."""

from __future__ import annotations

import pytest

from indexer.errors import ConfigurationError
from indexer.models.child import run_module


def test_a_module_that_ends_well_says_nothing() -> None:
    run_module("timeit", "-n", "1", "-r", "1", "pass")


def test_a_module_that_fails_is_an_error_with_its_last_words() -> None:
    with pytest.raises(
        ConfigurationError, match=r"(?s)`python -m timeit` ended with exit status 1:.*ZeroDivisionError"
    ):
        run_module("timeit", "-n", "1", "-r", "1", "1 / 0")
