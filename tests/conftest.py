"""What every test shares: the --long option, where the shared data lies, and no network to model hubs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import hypothesis
import pytest

os.environ["HF_HUB_OFFLINE"] = "1"  # read when the hub's client is imported, so it is set before any test is

REPOSITORY = Path(__file__).resolve().parent.parent

# The short profile always draws the same examples: a red build then means the change, not the draw.
hypothesis.settings.register_profile("short", max_examples=50, deadline=None, derandomize=True)
hypothesis.settings.register_profile("long", max_examples=300, deadline=None, print_blob=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the full counts of the long tests too")


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile("long" if config.getoption("--long") else "short")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselects what is marked `long` unless --long is given."""
    if config.getoption("--long"):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if not item.get_closest_marker("long")]


def unavailable(what: str) -> NoReturn:
    """Skips the test that needs `what`; fails it where REQUIRE_SERVICES=1 says that everything must be there."""
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(f"{what} REQUIRE_SERVICES=1 makes this a failure.", pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data that is not part of the repository."""
    named = os.environ.get("SHELFWISE_SHARED_DATA")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        unavailable(f"The shared data is not at {folder}: set SHELFWISE_SHARED_DATA to the folder that holds it.")
    return folder


@pytest.fixture(scope="session")
def elasticsearch_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Elasticsearch, the same one for all processes of a test run."""
    from elasticsearch_server import running_url, shared_server

    url = running_url()
    if url:
        yield url
        return
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with shared_server(folder / "elasticsearch", _elasticsearch_home()) as started:
        yield started


@pytest.fixture
def elasticsearch_home() -> Path:
    """The folder that starts an Elasticsearch of one's own."""
    return _elasticsearch_home()


def _elasticsearch_home() -> Path:
    from elasticsearch_server import NAMED_URL, USUAL_URL, home

    found = home()
    if found is None:
        unavailable(
            f"No Elasticsearch answers at {USUAL_URL}, and none can be started: set {NAMED_URL}, or "
            "SHELFWISE_ELASTICSEARCH_HOME to a folder that has the scripts `start` and `stop`."
        )
    return found


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=40m", "none", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a file system; the limit on the length of files stands for it")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """The same name in every process, which tests must have to be shared out: sets have no order, and what is packed
    or drawn may be of the moment.
    """
    if isinstance(val, (set, frozenset)):
        return "{" + ", ".join(sorted(map(repr, val))) + "}"
    return argname if isinstance(val, bytes) else None
