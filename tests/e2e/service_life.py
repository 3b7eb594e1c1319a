"""A life of the service: it is killed at one point after the other while clients write, and judged after each."""

from __future__ import annotations

import json
import os
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from killing.kill_points import POINTS, armed_file
from served import Served, served
from service_client import BULK, Shop
from service_judge import judge
from service_ledger import document, put

ARMED = "armed"
HOOKS = Path(__file__).with_name("killing")
REACHED_S = 30.0
SETTLED_S = 40.0
_ON_S = 0.5
"""So long clients go on after a kill."""
QUIET = ("web: written, no task", "web: deleted, no task")
"""After these nobody writes any more: a later write would bring the one before it along."""
ALONE, BOTH, WHOLE = "alone", "both", "whole"
"""Who dies: the process that is at the point; it and all of the other program; all of its own program."""


@dataclass(frozen=True)
class Round:
    """Kills, one after the other, and a judgement.

    Args:
        points: see `killing.kill_points`; each is armed when the one before it was reached.
        who: dies, see `ALONE`, `BOTH` and `WHOLE`.
    """

    points: tuple[str, ...]
    who: str = ALONE

    def __str__(self) -> str:
        points = ", ".join(self.points)
        return points if self.who == ALONE else f"{points} [{self.who}]"


TOGETHER = (
    Round(("task: leased",), BOTH),
    Round(("web: written, no task",), BOTH),
    Round(("apply: text committed",), BOTH),
    Round(("rebuild: after the pointer",), BOTH),
    Round(("web: task written, not answered",), BOTH),
    Round(("web: rows written, transaction open",), WHOLE),
)
"""Programs that die together."""

ROUNDS = (*(Round((point,)) for point in POINTS), *TOGETHER)
"""Each phase by itself."""

# Each point once, and as few judgements as it takes. A rebuild may lose two workers, and not three.
SHORT = (
    Round(("task: leased", "task: lease in renewal", "web: before the catalogue")),
    Round(("task: lease renewed", "apply: some documents written", "web: rows written, transaction open")),
    Round(("apply: deletions written", "apply: files synced, text not committed", "web: task written, not answered")),
    Round(("apply: text committed", "apply: done, not recorded", "web: answer made")),
    Round(("task: done, success not recorded", "task: success recorded")),
    Round(("rebuild: recorded, not created", "rebuild: between chunks")),
    Round(("rebuild: before the pointer", "rebuild: after the pointer")),
    Round(("rebuild: between the two switches", "rebuild: both switched")),
    Round(("rebuild: half pruned", "rebuild: done, success not recorded")),
    Round(("upload: some rows in the catalogue", "upload: in the catalogue, not in the engine")),
    Round(("upload: imported, success not recorded", "upload: feed removed")),
    Round(("web: written, no task",)),
    Round(("web: deleted, no task",)),
    *TOGETHER[:2],
)


@dataclass
class Outcome:
    """What became of a round.

    Attributes:
        acknowledged, doubtful: writes.
        answered: searches, while the clients were at work.
        seconds: all of it; settled_s: until all was searchable, after the clients had stopped.
        problems: what the judge found.
    """

    round: Round
    acknowledged: int = 0
    doubtful: int = 0
    answered: int = 0
    seconds: float = 0.0
    settled_s: float = 0.0
    problems: list[str] = field(default_factory=list)


class Life:
    """A running service with hooks, and a shop that clients write to.

    Args:
        armed: the folder in which points are armed.
        settled_s: within which all must be searchable when the clients have stopped.
        every: see `judge`.
    """

    def __init__(self, service: Served, armed: Path, settled_s: float, every: int) -> None:
        self.service = service
        self.shop = Shop(service, "shop")
        self._armed = armed
        self._settled_s = settled_s
        self._every = every
        self._uploads = 0

    def play(self, round_: Round) -> Outcome:
        """Carries out one round."""
        outcome, start = Outcome(round_), time.monotonic()
        shop, ledger = self.shop, self.shop.ledger
        before = (ledger.acknowledged, ledger.doubtful)
        shop.answered, shop.unanswered = {}, 0
        tasks = []
        with shop.busy():
            for point in round_.points:
                armed = self.arm(point, round_.who)
                if point.startswith("rebuild:"):
                    tasks.append(self.service.ok("POST", f"{shop.path}/rebuild")["task"]["id"])
                if point.startswith("upload:"):
                    tasks.append(self._upload())
                if not _gone(armed, REACHED_S):
                    outcome.problems.append(f"the point {point!r} was not reached")
                    armed.unlink(missing_ok=True)
            if point not in QUIET:
                time.sleep(_ON_S)
        stopped = time.monotonic()
        outcome.problems += judge(shop, self._settled_s, self._every)
        outcome.settled_s = time.monotonic() - stopped
        for task in dict.fromkeys(tasks):
            outcome.problems += self._task_problems(task)
        if shop.unanswered and round_.who == ALONE and all(POINTS[name].program == "worker" for name in round_.points):
            outcome.problems.append(f"{shop.unanswered} searches were not answered, though the web service lived")
        outcome.acknowledged = ledger.acknowledged - before[0]
        outcome.doubtful = ledger.doubtful - before[1]
        outcome.answered = sum(shop.answered.values())
        outcome.seconds = time.monotonic() - start
        return outcome

    def arm(self, point: str, who: str = ALONE) -> Path:
        """Makes the next process that reaches a point die there, once; the file is gone when it does."""
        program = POINTS[point].program
        other = {"web": "worker", "worker": "web"}[program]
        with_it = [] if who == ALONE else self._pids(other if who == BOTH else program)
        path = armed_file(self._armed, point)
        partial = path.with_suffix(".partial")
        partial.write_text(" ".join(map(str, with_it)))
        partial.rename(path)
        return path

    def _pids(self, program: str) -> list[int]:
        """All processes of a program, its first one first, so that it starts none of the others again."""
        end = time.monotonic() + REACHED_S
        while True:
            try:
                first = self.service.part(program)
                return [first.pid, *(child.pid for child in first.children(recursive=True))]
            except (StopIteration, psutil.NoSuchProcess):  # it is just being started again
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def _upload(self) -> str:
        """The task that imports a feed of products that no other client writes to."""
        self._uploads += 1
        number = self._uploads
        ids = [f"u{place:03d}" for place in range(BULK)]
        feed = "".join(json.dumps(document(id_, number)) + "\n" for id_ in ids)
        request = urllib.request.Request(
            f"{self.service.address}{self.shop.path}/imports", feed.encode(), method="POST"
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            told = json.load(answer)
            changes = {id_: put(number) for id_ in ids}
            self.shop.ledger.hear(answer.status, {}, changes, creates=True)
        id_: str = told["task"]["id"]
        return id_

    def _task_problems(self, id_: str) -> Iterator[str]:
        """A rebuild or an import ends well, and what answered before did so meanwhile."""
        task = self.service.ok("GET", f"/v1/tasks/{id_}")
        if task["state"] != "succeeded":
            yield f"the {task['kind']} is {task['state']}: {task['error']}"
        elif task["kind"] == "rebuild":
            number = task["result"]["generation"]
            if not any(generation < number for generation in self.shop.answered):
                yield f"no generation before {number} answered while it was built: {self.shop.answered}"


def _gone(path: Path, limit_s: float) -> bool:
    end = time.monotonic() + limit_s
    while path.exists():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@contextmanager
def hooked(folder: Path, broken: str = "", workers: int = 1, **settings: str) -> Iterator[Served]:
    """A service over a folder, whose processes die at the points that are armed in it.

    Args:
        broken: the name of a build, see `killing.broken_builds`.
        settings: see `served`.
    """
    (folder / ARMED).mkdir(exist_ok=True)
    paths = os.pathsep.join(filter(None, (str(HOOKS), os.environ.get("PYTHONPATH"))))
    hooks = {"PYTHONPATH": paths, "KILL_POINTS": str(folder / ARMED), "BROKEN_BUILD": broken}
    with served(folder / "data", "--workers", str(workers), beside=hooks, TASK_LEASE_S="3", **settings) as service:
        yield service


@contextmanager
def life(
    folder: Path,
    broken: str = "",
    *,
    settled_s: float = SETTLED_S,
    bulk: int = BULK,
    every: int = 1,
    workers: int = 1,
    **settings: str,
) -> Iterator[Life]:
    """A service whose processes can be killed at named points, and a shop.

    Args:
        folder: an empty one.
        broken: see `hooked`.
        settled_s, every: see `Life`.
        bulk: how many products there are, beside those of each writer's own.
        settings: see `served`.
    """
    with hooked(folder, broken, workers, **settings) as service:
        living = Life(service, folder / ARMED, settled_s, every)
        living.shop.open(bulk)
        yield living
