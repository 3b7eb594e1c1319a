"""Running one of our modules in a process of its own, so that what it loaded goes away with it."""

from __future__ import annotations

import subprocess
import sys

from indexer.errors import ConfigurationError

TAIL_LINES = 15


def run_module(module: str, *arguments: str) -> None:
    """Runs `python -m module arguments…` and waits for it.

    Raises:
        ConfigurationError: it failed; the message ends with the last lines that it wrote.
    """
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-TAIL_LINES:])
        raise ConfigurationError(f"`python -m {module}` ended with exit status {done.returncode}:\n{tail}")
