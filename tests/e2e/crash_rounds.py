"""Rounds of kill -9: a command is killed at a phase, the judge looks, the same command runs again, the judge looks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from crash_judge import judge, leftovers
from crash_shop import PRODUCTS, Ledger, Rows, rows, write_feed

from indexer.fields import Schema
from indexer.jobs.embedding import Embedder
from indexer.jobs.progress import Silent
from search.config import Config
from search.maintenance import Maintenance
from search.services import Services

SHELFWISE = Path(sys.executable).with_name("shelfwise")
OUTSIDE = "import: killed by the client between acknowledgements"
_TIMEOUT_S = 60
_KEPT_BY_SYNC = PRODUCTS // 2


@dataclass(frozen=True)
class Round:
    """One kill.

    Args:
        phase: see `crash_child.PHASES`.
        command: "first import" (of an index of its own), "import", "sync", "rebuild" or "rollback".
        passing: at which passing of the phase.
    """

    phase: str
    command: str
    passing: int = 1


# Each phase once, in one life of one shop: what a kill leaves behind is what the next round starts from.
ROUNDS = (
    Round("import: before a transaction", "first import"),
    Round("import: fields declared, nothing built", "first import"),
    Round("import: rows written, transaction open", "import", 2),
    Round("import: committed, not acknowledged", "import", 2),
    Round("import: acknowledged", "import", 2),
    Round(OUTSIDE, "import", 1),
    Round("import: all acknowledged, index not begun", "import"),
    Round("commit: rows appended, not synced", "import", 4),
    Round("commit: files synced, text not committed", "import", 2),
    Round("commit: text committed", "import", 2),
    Round("commit: done, not recorded", "import"),
    Round("rebuild: recorded, not created", "rebuild"),
    Round("rebuild: half created", "rebuild"),
    Round("rebuild: between chunks", "rebuild", 2),
    Round("rebuild: finished, not checked", "rebuild"),
    Round("rebuild: checked, not switched", "rebuild"),
    Round("rebuild: pointer written, not in place", "rebuild", 3),
    Round("rebuild: between the two switches", "rebuild"),
    Round("rebuild: before pruning", "rebuild"),
    Round("rebuild: half pruned", "rebuild"),
    Round("rollback: between the two switches", "rollback"),
    Round("rollback: switched", "rollback"),
    Round("sync: between removals", "sync"),
    Round("sync: deletions in the engine, not committed", "sync", 2),
)

# Each phase once more, at another passing or in another command.
AGAIN = (
    Round("import: before a transaction", "import", 3),
    Round("import: fields declared, nothing built", "first import"),
    Round("import: rows written, transaction open", "first import", 1),
    Round("import: committed, not acknowledged", "sync", 1),
    Round("import: acknowledged", "first import", 3),
    Round(OUTSIDE, "first import", 2),
    Round("import: all acknowledged, index not begun", "sync"),
    Round("commit: rows appended, not synced", "rebuild", 3),
    Round("commit: files synced, text not committed", "rebuild", 1),
    Round("commit: text committed", "sync", 1),
    Round("commit: done, not recorded", "rebuild"),
    Round("rebuild: recorded, not created", "first import"),
    Round("rebuild: half created", "first import"),
    Round("rebuild: between chunks", "first import", 3),
    Round("rebuild: finished, not checked", "first import"),
    Round("rebuild: checked, not switched", "first import"),
    Round("rebuild: pointer written, not in place", "first import", 3),
    Round("rebuild: between the two switches", "first import"),
    Round("rebuild: before pruning", "first import"),
    Round("rebuild: half pruned", "rebuild"),
    Round("rollback: between the two switches", "rollback"),
    Round("rollback: switched", "rollback"),
    Round("sync: between removals", "sync", 2),
    Round("sync: deletions in the engine, not committed", "sync", 1),
)


@dataclass
class Outcome:
    """What became of a round.

    Attributes:
        acknowledged: chunks that the client heard of before the kill.
        problems: what the judge found, by when it looked.
    """

    round: Round
    acknowledged: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)


class Life:
    """A data directory, the client that writes to it, and its ledger.

    Args:
        folder: an empty one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data_dir = folder / "data"
        self.version = 0
        self.index = ""
        self.ledger = Ledger()
        self._indexes = 0
        environment = {
            **os.environ,
            "SHELFWISE_DATA_DIR": str(self.data_dir),
            "SHELFWISE_TEXT_MODEL": "hashing",
            "SHELFWISE_THREADS": "1",
        }
        self._environment = environment
        self._children = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("crash_child.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._children.communicate(timeout=_TIMEOUT_S)

    def begin(self) -> None:
        """An index of its own, with two generations and a feed or two behind it."""
        self.new_index()
        for _ in range(2):
            words, feed = self.prepare("import")
            self.run(words, feed)
            self.rebuild()

    def new_index(self) -> None:
        """From here on the client writes to a new index."""
        self._indexes += 1
        self.index = f"shop{self._indexes}"
        self.ledger = Ledger()

    def play(self, round_: Round) -> Outcome:
        """Carries out one round."""
        outcome = Outcome(round_)
        start = time.monotonic()
        kept = (self.index, self.ledger)
        if round_.command == "first import":
            self.new_index()
        if round_.command == "sync" and self.ledger.absent():
            self.run(*self.prepare("import"))  # so that there is something to remove
        words, feed = self.prepare(round_.command)
        killed = self.run_outside if round_.phase == OUTSIDE else self.run
        status, outcome.acknowledged = killed(words, feed, round_.phase, round_.passing)
        if status != -signal.SIGKILL:
            outcome.problems.append(f"the phase was not reached: exit status {status}, {self.errors()}")
        outcome.problems += self.look("after the kill")
        if round_.command != "rebuild":
            status, _ = self.run(words, feed)
            if status:
                outcome.problems.append(f"the next run ends with {status}: {self.errors()}")
            outcome.problems += self.look("after the next run", complete=True)
        computed = self.rebuild()
        if computed:
            outcome.problems.append(f"the rebuild computed {computed} vectors anew")
        outcome.problems += self.look("after the rebuild", complete=True) + leftovers(self.data_dir, self.index)
        if round_.command == "first import":
            self.index, self.ledger = kept
        outcome.seconds = time.monotonic() - start
        return outcome

    def prepare(self, command: str) -> tuple[list[str], Rows]:
        """The words of a command, and its feed; the ledger knows of it from here on."""
        if command in ("rebuild", "rollback"):
            return ["indexes", command, self.index], []
        self.version += 1
        feed = rows(range(_KEPT_BY_SYNC if command == "sync" else PRODUCTS), self.version)
        path = write_feed(self.folder / "feed.jsonl", feed)
        words = ["import", str(path), "--index", self.index, "--json"]
        if command == "sync":
            words += ["--sync", "--force"]
        self.ledger.begin(feed, sync=command == "sync")
        return words, feed

    def run(self, words: list[str], feed: Rows, phase: str = "", passing: int = 1, build: str = "") -> tuple[int, int]:
        """(exit status, acknowledgements heard) of a command in a process of its own."""
        output = self.folder / "stdout"
        job: dict[str, Any] = {"command": words, "phase": phase, "passing": passing, "build": build}
        job |= {"stdout": str(output), "stderr": str(self.folder / "stderr")}
        _pipe(self._children.stdin).write(json.dumps(job) + "\n")
        _pipe(self._children.stdin).flush()
        status = int(_pipe(self._children.stdout).readline())
        heard = self.ledger.hear(output.read_text().splitlines(), feed) if feed else 0
        if status == 0:
            self.ledger.finish(feed, sync="--sync" in words)
        return status, heard

    def run_outside(self, words: list[str], feed: Rows, phase: str, passing: int) -> tuple[int, int]:
        """The same of the program itself, killed by its client as soon as that has read `passing` acknowledgements."""
        with subprocess.Popen(
            [SHELFWISE, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=self._environment
        ) as program:
            lines = [_pipe(program.stdout).readline() for _ in range(passing)]
            program.kill()
            lines += _pipe(program.stdout).read().splitlines()
        return program.returncode, self.ledger.hear(lines, feed)

    def look(self, when: str, *, complete: bool = False) -> list[str]:
        """What the judge finds."""
        return [f"{when}: {problem}" for problem in judge(self.data_dir, self.index, self.ledger, complete=complete)]

    def rebuild(self) -> int:
        """Rebuilds the index in this process; how many vectors were computed."""
        with _Counting(Config(data_dir=self.data_dir, text_model="hashing", threads=1)) as services:
            Maintenance(services).rebuild(self.index, Silent())
            return sum(embedder.computed for embedder in services.embedders)

    def errors(self) -> str:
        """What the last command wrote to stderr."""
        return (self.folder / "stderr").read_text()[-500:]


class _Counting(Services):
    """Keeps the embedders that it hands out."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.embedders: list[Embedder] = []

    def embedder(self, schema: Schema) -> Embedder | None:
        made = super().embedder(schema)
        if made is not None:
            self.embedders.append(made)
        return made


def _pipe(stream: Any) -> Any:
    if stream is None:
        raise RuntimeError("the process was started without its pipes")
    return stream
