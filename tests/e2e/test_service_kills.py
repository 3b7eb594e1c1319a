"""kill -9 at named points of the worker and of the web service, or of both at once, loses nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from killing.kill_points import POINTS
from postgresql_server import empty_database
from service_judge import judge
from service_life import BOTH, HOOKS, ROUNDS, SHORT, TOGETHER, Life, Round, hooked, life

TIMES = 5
_SAMPLED = 8


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    with life(tmp_path_factory.mktemp("life"), every=_SAMPLED) as begun:
        yield begun
        # At the end, each single product.
        assert judge(begun.shop, 10) == []


@pytest.mark.parametrize("round_", SHORT, ids=str)
def test_kills_lose_nothing(living: Life, round_: Round) -> None:
    assert living.play(round_).problems == []


@pytest.fixture(scope="module", params=[1, 2], ids=["one worker", "two workers"])
def long_life(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    with life(tmp_path_factory.mktemp("long-life"), workers=request.param) as begun:
        yield begun


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("round_", ROUNDS, ids=str)
def test_kills_at_each_point_again_and_again_lose_nothing(long_life: Life, round_: Round) -> None:
    assert [problem for _ in range(TIMES) for problem in long_life.play(round_).problems] == []


@pytest.fixture(scope="module")
def life_on_a_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    folder = tmp_path_factory.mktemp("life-on-a-server")
    with empty_database() as url, life(folder, workers=2, DATABASE_URL=url) as begun:
        yield begun


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("round_", ROUNDS, ids=str)
def test_kills_at_each_point_lose_nothing_with_the_catalogue_on_a_server(life_on_a_server: Life, round_: Round) -> None:
    assert life_on_a_server.play(round_).problems == []


def test_a_service_that_is_killed_as_a_whole_goes_on_where_it_was(tmp_path: Path) -> None:
    with life(tmp_path, every=_SAMPLED) as begun, begun.shop.busy():
        time.sleep(1.5)
        first = psutil.Process(begun.service.process.pid)
        for process in (first, *first.children(recursive=True)):
            process.kill()
    assert begun.shop.ledger.acknowledged > 10
    with hooked(tmp_path) as again:
        begun.shop.service = again
        assert judge(begun.shop, 30) == []


def test_every_point_is_killed_at() -> None:
    assert sorted(point for round_ in SHORT if round_ not in TOGETHER for point in round_.points) == sorted(POINTS)
    assert {round_.points for round_ in ROUNDS} == {(point,) for point in POINTS}
    assert any(round_.who == BOTH for round_ in SHORT)


# --- the judge sees what a broken build loses ------------------------------------------------------------------------


def test_the_judge_sees_a_success_that_is_told_too_early(tmp_path: Path) -> None:
    with life(tmp_path, "success first", bulk=0) as broken:
        broken.arm("apply: files synced, text not committed")
        broken.shop.change("w0n0", "title", wait=True)
        problems = broken.shop.ledger.problems
    assert [problem for problem in problems if "a task has succeeded, and its change of" in problem], problems


def test_the_judge_sees_an_answer_before_the_catalogue(tmp_path: Path) -> None:
    with life(tmp_path, "answered early", bulk=0) as broken:
        broken.shop.change("w0n0", "title")
        broken.service.kill("web")
        problems = judge(broken.shop, 5)
    assert [problem for problem in problems if "promised was one of" in problem], problems


def test_the_judge_sees_a_write_that_nobody_looks_for(tmp_path: Path) -> None:
    with life(tmp_path, "nobody sweeps", bulk=0) as broken:
        broken.arm("web: written, no task")
        broken.shop.change("w0n0", "title")
        problems = judge(broken.shop, 5)
    assert [problem for problem in problems if problem.startswith("the index is at change")], problems
    assert [problem for problem in problems if problem.startswith("stale:")], problems
    assert [problem for problem in problems if problem.startswith("half-visible:")], problems


def test_the_judge_sees_a_task_that_nobody_takes_over(tmp_path: Path) -> None:
    with life(tmp_path, "no takeover", bulk=0) as broken:
        broken.arm("task: leased")
        broken.shop.change("w0n0", "title")
        problems = judge(broken.shop, 8)
    assert [problem for problem in problems if "do not end within 8 s" in problem and "is running" in problem], problems


# --- the hooks -------------------------------------------------------------------------------------------------------


def test_the_sitecustomize_of_an_environment_runs_too(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('its own')\n")
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join((str(HOOKS), str(tmp_path)))}
    code = "import sitecustomize, sys; print(sys.path[1].endswith('killing'))"
    ran = subprocess.run([sys.executable, "-c", code], env=paths, capture_output=True, text=True, check=True)
    assert ran.stdout.split("\n") == ["its own", "True", ""]
