"""Rounds of kill -9: each named phase of import, commit, rebuild, roll-back and sync, twice, and a judge.

    python benchmarks/kill_rounds.py

All rounds are one life of one data directory: what a kill leaves behind is what the next round starts from. After each
kill the judge looks; the same command runs again, the judge looks; a rebuild follows, and may compute no vector.
Writes benchmarks/results/kill_rounds.json; exits with 1 where the judge found anything.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "e2e"))
from crash_rounds import AGAIN, ROUNDS, Life, Outcome
from crash_shop import PRODUCTS

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Plays all rounds."""
    outcomes: list[Outcome] = []
    print(f"{'phase':<56} {'command':<13} {'passing':>7} {'acknowledged':>12} {'seconds':>8}  judge")
    with TemporaryDirectory() as folder, Life(Path(folder)) as life:
        life.begin()
        for round_ in (*ROUNDS, *AGAIN):
            outcome = life.play(round_)
            outcomes.append(outcome)
            verdict = "; ".join(outcome.problems) or "nothing lost"
            print(
                f"{round_.phase:<56} {round_.command:<13} {round_.passing:>7} {outcome.acknowledged:>12} "
                f"{outcome.seconds:>8.1f}  {verdict}"
            )
    bad = sum(bool(outcome.problems) for outcome in outcomes)
    phases = {outcome.round.phase for outcome in outcomes}
    print(
        f"{len(outcomes)} kills at {len(phases)} phases, {PRODUCTS} products: the judge found something in {bad} rounds"
    )
    target = ROOT / "benchmarks" / "results" / "kill_rounds.json"
    target.parent.mkdir(exist_ok=True)
    result = {
        "kills": len(outcomes),
        "phases": len(phases),
        "products": PRODUCTS,
        "rounds_with_problems": bad,
        "rounds": outcomes,
    }
    target.write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2))
    print(f"written to {target.relative_to(ROOT)}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
