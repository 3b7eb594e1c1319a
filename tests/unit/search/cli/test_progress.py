"""Progress: bars on a terminal, nothing elsewhere, and Ctrl-C between two chunks."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from indexer.jobs.progress import Stopped
from search.cli.exits import Interrupted
from search.cli.interrupts import Interrupts
from search.cli.progress import Bars, Unseen, following, stoppable


def on_a_terminal(arguments: list[str], environment: dict[str, str]) -> tuple[str, str]:
    """(stdout, what the terminal at stderr shows) of a process."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, stderr=theirs, text=True)
    os.close(theirs)
    shown = bytearray()
    try:
        while data := os.read(ours, 4096):
            shown += data
    except OSError:
        pass  # how a terminal says that its other end is closed
    out, _ = process.communicate(timeout=30)
    os.close(ours)
    return out, shown.decode(errors="replace")


@pytest.mark.parametrize("quiet", [[], ["--json"]], ids=["seen", "json"])
def test_bars_are_drawn_on_a_terminal_alone(shell, quiet: list[str]) -> None:
    feed = shell.write("feed.jsonl", "".join(f'{{"id": "{n}", "title": "product {n}"}}\n' for n in range(1200)))
    command = [*shell.command, "import", feed, "--index", "shop", *quiet]
    out, shown = on_a_terminal(command, {**shell.whole_environment, "TERM": "xterm"})
    assert "1200" in out.replace(",", "")
    assert "━" not in out
    if quiet:
        assert shown == ""
    else:
        assert re.search(r"(reading|indexing).*━", shown)
        assert re.search(r"(500|1,000) \([\d,]+/s\)", shown)


def test_nothing_is_drawn_where_nobody_watches() -> None:
    with following(False) as progress:
        assert isinstance(progress, Unseen)
        progress.stage("reading", 3)
        progress.advance(3)
        assert not progress.stopping()


def test_a_feed_is_measured_by_its_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    class Half:
        bytes_read = 50
        total_bytes = 100

    bars = Bars(lambda: False)
    bars.reading(Half())
    bars.advance(500)
    (task,) = bars._rich.tasks
    assert (task.percentage, task.fields["count"].split()[0]) == (50, "500")
    bars.stage("indexing", 1000)
    bars.advance(100)
    (task,) = bars._rich.tasks
    assert (task.description, task.percentage) == ("indexing", 10)


def test_a_part_that_is_over_before_the_next_frame_is_seen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # what makes the console draw as on a terminal
    bars = Bars(lambda: False)
    bars._rich.live.auto_refresh = False  # the next frame never comes by itself
    bars.start()
    bars.stage("reading", 1000)
    bars.advance(500)
    bars.stage("indexing", 1000)
    bars.stop()
    assert re.search(r"500 \([\d,]+/s\)", capsys.readouterr().err)


def test_the_first_ctrl_c_asks_and_the_handler_is_put_back(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interrupts() as interrupts:
        assert not interrupts.requested
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupts.requested
    assert signal.getsignal(signal.SIGINT) is before
    assert "Ctrl-C again ends it at once" in capsys.readouterr().err


def test_the_second_ctrl_c_ends_the_program() -> None:
    program = (
        "import os, signal\nfrom search.cli.interrupts import Interrupts\n"
        "with Interrupts():\n    [os.kill(os.getpid(), signal.SIGINT) for _ in range(2)]\n    print('still here')"
    )
    root = Path(__file__).resolve().parents[4]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, timeout=30)
    assert done.returncode == -signal.SIGINT
    assert "still here" not in done.stdout
    assert "Traceback" not in done.stderr


def test_stopped_work_says_what_is_kept() -> None:
    with (
        pytest.raises(Interrupted, match=r"^Stopped\. Half of it is kept\.$"),
        stoppable(False, lambda: "Half of it is kept."),
    ):
        raise Stopped
