"""Kills of the running service: kill -9 at each named point of the worker and the web service, five times, and a judge.

    python benchmarks/service_kills.py

Each life is one service over one data directory: clients write all the while, it is killed at every point, and after
each kill the judge looks. Every other life has two workers, so that one takes over what the other leaves.
Writes benchmarks/results/service_kills.json; exits with 1 where the judge found anything.
"""

from __future__ import annotations

import shutil
import sys
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

import orjson

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "e2e"))
from service_life import ROUNDS, Outcome, Round, life

ROOT = Path(__file__).resolve().parent.parent
TIMES = 5


def main() -> None:
    """Plays all rounds in each life."""
    outcomes: dict[Round, list[Outcome]] = defaultdict(list)
    for number in range(TIMES):
        with TemporaryDirectory() as folder, life(Path(folder), workers=1 + number % 2) as living:
            for round_ in ROUNDS:
                outcome = living.play(round_)
                outcomes[round_].append(outcome)
                for problem in outcome.problems:
                    print(f"life {number + 1}, {round_}: {problem}", flush=True)
                if outcome.problems:
                    print(f"  its data is kept in {_kept(Path(folder), number)}", flush=True)
        print(f"life {number + 1} of {TIMES}: {len(ROUNDS)} kills", flush=True)
    heads = ("kills", "acknowledged", "doubtful", "searches", "settled s", "problems")
    print(f"{'phase':<52} " + " ".join(f"{head:>12}" for head in heads))
    rows = [_row(round_, played) for round_, played in outcomes.items()]
    for row in rows:
        figures = [row[name] for name in ("kills", "acknowledged", "doubtful", "searches", "slowest_settled_s")]
        print(f"{row['phase']:<52} " + " ".join(f"{figure:>12}" for figure in (*figures, len(row["problems"]))))
    kills = sum(row["kills"] for row in rows)
    acknowledged = sum(row["acknowledged"] for row in rows)
    bad = sum(bool(row["problems"]) for row in rows)
    print(f"{kills} kills at {len(rows)} phases, {acknowledged} acknowledged writes: problems at {bad} phases")
    target = ROOT / "benchmarks" / "results" / "service_kills.json"
    target.parent.mkdir(exist_ok=True)
    result = {"kills": kills, "acknowledged": acknowledged, "phases_with_problems": bad, "phases": rows}
    target.write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2))
    print(f"written to {target.relative_to(ROOT)}")
    sys.exit(1 if bad else 0)


def _kept(folder: Path, number: int) -> Path:
    """A copy of what a life left behind when a problem was found."""
    copy = Path(mkdtemp(prefix=f"kills-life-{number + 1}-")) / "data"
    # What goes on meanwhile may remove files.
    shutil.copytree(folder, copy, ignore_dangling_symlinks=True, copy_function=_copied)
    return copy


def _copied(source: str, target: str) -> None:
    with suppress(FileNotFoundError):
        shutil.copy2(source, target)


def _row(round_: Round, played: list[Outcome]) -> dict[str, Any]:
    return {
        "phase": str(round_),
        "kills": len(played),
        "acknowledged": sum(outcome.acknowledged for outcome in played),
        "doubtful": sum(outcome.doubtful for outcome in played),
        "searches": sum(outcome.answered for outcome in played),
        "slowest_settled_s": round(max(outcome.settled_s for outcome in played), 1),
        "problems": [problem for outcome in played for problem in outcome.problems],
    }


if __name__ == "__main__":
    main()
