"""kill -9 at named phases of import, commit, rebuild, roll-back and sync loses nothing that was acknowledged."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from crash_child import PHASES
from crash_rounds import AGAIN, OUTSIDE, ROUNDS, Life, Round


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    with Life(tmp_path_factory.mktemp("life")) as life:
        life.begin()
        yield life


@pytest.mark.parametrize("round_", ROUNDS, ids=lambda round_: f"{round_.phase} [{round_.command}]")
def test_a_kill_loses_nothing(life: Life, round_: Round) -> None:
    assert life.play(round_).problems == []


@pytest.mark.long
@pytest.mark.parametrize("round_", AGAIN, ids=lambda round_: f"{round_.phase} [{round_.command} {round_.passing}]")
def test_a_second_kill_at_each_phase_loses_nothing(life: Life, round_: Round) -> None:
    assert life.play(round_).problems == []


def test_every_phase_is_killed_at_twice() -> None:
    phases = sorted([*PHASES, OUTSIDE])
    assert sorted(round_.phase for round_ in ROUNDS) == phases
    assert sorted(round_.phase for round_ in AGAIN) == phases


@pytest.fixture(scope="module")
def other_life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    with Life(tmp_path_factory.mktemp("life")) as life:
        yield life


@pytest.fixture
def broken(other_life: Life) -> Life:
    """With an index that is well; it is not after the test."""
    other_life.new_index()
    words, feed = other_life.prepare("import")
    other_life.run(words, feed)
    assert other_life.look("before", complete=True) == []
    return other_life


def test_the_judge_sees_text_that_is_committed_before_its_files(broken: Life) -> None:
    words, feed = broken.prepare("import")
    assert broken.run(words, feed, build="text before files")[0] == -signal.SIGKILL
    assert [problem for problem in broken.look("after") if "rows.log has" in problem]


def test_the_judge_sees_old_versions_that_go_before_the_new_ones_come(broken: Life) -> None:
    words, feed = broken.prepare("import")
    assert broken.run(words, feed, build="deletions first")[0] == -signal.SIGKILL
    assert [problem for problem in broken.look("after") if "half-visible" in problem]


def test_the_judge_sees_leftovers_that_are_not_cut_off(broken: Life) -> None:
    words, feed = broken.prepare("import")
    assert broken.run(words, feed, "commit: files synced, text not committed")[0] == -signal.SIGKILL
    assert broken.look("after the kill") == []
    assert broken.run(words, feed, build="leftovers kept")[0] == 0
    assert [problem for problem in broken.look("after", complete=True) if "sources.bin fails its checksum" in problem]


def test_the_judge_sees_an_acknowledgement_before_its_transaction(broken: Life) -> None:
    words, feed = broken.prepare("import")
    status, heard = broken.run(words, feed, "import: acknowledged", 2, build="acknowledged early")
    assert (status, heard) == (-signal.SIGKILL, 2)
    assert [problem for problem in broken.look("after") if "lost: 500 products are not as acknowledged" in problem]
