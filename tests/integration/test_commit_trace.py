"""Each fsync of a commit stands in its place, as the system calls of one import and one rebuild show.

kill -9 cannot show a missing fsync, since the kernel keeps what was written; only the power cut that it stands for
would lose it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import unavailable

CALLS = "openat,write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2"
FILES = ("rows.log", "sources.bin", "vectors.f16")

_CALL = re.compile(r"(?P<thread>\d+) +(?P<name>\w+)\((?P<arguments>.*)")
_RESUMED = re.compile(r"(?P<thread>\d+) +<\.\.\. \w+ resumed>")
_DESCRIPTOR = re.compile(r"(?P<number>\d+)<(?P<path>[^>]*)>")
_QUOTED = re.compile(r'"([^"]*)"')

IMPORT = "from search.cli.main import main; main()"
REBUILD = """
from indexer.jobs.progress import Silent
from search.config import load_config
from search.maintenance import Maintenance
from search.services import Services
with Services(load_config()) as services:
    Maintenance(services).rebuild("shop", Silent())
"""


@dataclass(frozen=True)
class Call:
    """A system call.

    Args:
        kind: "create", "write", "sync" or "rename".
        path: of the file; the new name of a rename.
        source: the old name of a rename, else "".
        start, end: places in the trace; the call had effect by `end` at the latest.
    """

    kind: str
    path: Path
    source: Path
    start: int
    end: int


def parse(lines: Sequence[str]) -> list[Call]:
    """The calls of a trace of several threads, by start."""
    calls: list[Call] = []
    pending: dict[str, int] = {}
    for place, line in enumerate(lines):
        resumed = _RESUMED.match(line)
        if resumed and resumed["thread"] in pending:
            at = pending.pop(resumed["thread"])
            calls[at] = Call(calls[at].kind, calls[at].path, calls[at].source, calls[at].start, place)
            continue
        call = _CALL.match(line)
        if call is None:
            continue
        if call["name"] == "openat":
            if "O_CREAT" in line:
                calls.append(Call("create", Path(_QUOTED.findall(call["arguments"])[0]), Path(), place, place))
        elif call["name"].startswith("rename"):
            names = _QUOTED.findall(call["arguments"])
            calls.append(Call("rename", Path(names[-1]), Path(names[0]), place, place))
        else:
            kind = "sync" if "sync" in call["name"] else "write"
            descriptor = _DESCRIPTOR.search(call["arguments"])
            path = Path(descriptor["path"]) if descriptor else Path()
            if descriptor and kind == "write" and descriptor["number"] == "1":
                path = Path("stdout")
            calls.append(Call(kind, path, Path(), place, place))
        if line.endswith("<unfinished ...>") and calls and calls[-1].start == place:
            pending[call["thread"]] = len(calls) - 1
    return calls


def unsynced_files(calls: Sequence[Call]) -> list[str]:
    """What is wrong with the commits: a file of the generation was written and not synced when tantivy committed."""
    problems: list[str] = []
    dirty: set[str] = set()
    commits = 0
    for call in sorted(calls, key=lambda call: call.end):
        if call.path.name in FILES:
            if call.kind == "write":
                dirty.add(call.path.name)
            elif call.kind == "sync":
                dirty.discard(call.path.name)
        elif call.kind == "rename" and call.path.name == "meta.json":
            commits += 1
            problems += [f"{name} is not synced when the text is committed" for name in sorted(dirty)]
    return problems if commits else ["there was no commit"]


def unsynced_text(calls: Sequence[Call]) -> list[str]:
    """Segment files must be synced, and their folder, before meta.json names them; and the folder again after it."""
    problems: list[str] = []
    dirty: set[Path] = set()
    folder_synced = True
    renamed = False
    for call in sorted(calls, key=lambda call: call.end):
        if call.kind == "sync" and call.path.name == "text":
            folder_synced, renamed = True, False
        elif call.path.parent.name != "text":
            if call.kind == "write" and call.path.name == "catalogue.db-wal" and renamed:
                problems.append("the catalogue goes on before the folder is synced after meta.json")
                renamed = False
        elif call.kind == "create":
            # What begins with a dot is written beside and renamed; the folder counts for the segments' names.
            folder_synced = folder_synced and call.path.name.startswith(".")
        elif call.kind == "write":
            dirty.add(call.path)
        elif call.kind == "sync":
            dirty.discard(call.path)
        elif call.path.name == "meta.json":
            problems += [f"{path.suffix} is not synced before meta.json" for path in sorted(dirty)]
            if not folder_synced:
                problems.append("the folder is not synced before meta.json")
            renamed = True
    return problems


def unsynced_pointer(calls: Sequence[Call]) -> list[str]:
    """`live` is synced beside, put in its place, and its folder synced."""
    problems: list[str] = []
    moves = [call for call in calls if call.kind == "rename" and call.path.name == "live"]
    for move in moves:
        if not any(
            call.kind == "sync" and call.path.name == move.source.name and call.end < move.start for call in calls
        ):
            problems.append("the pointer is not synced before it is put in its place")
        if not any(call.kind == "sync" and call.path.name == "shop" and call.start > move.end for call in calls):
            problems.append("the folder of the pointer is not synced after it")
    return problems if moves else ["the pointer was not moved"]


def unsynced_folders(calls: Sequence[Call]) -> list[str]:
    """The names of a new generation's files, and of the folders above it, are durable when it is committed to."""
    created = {call.path: call.end for call in calls if call.kind == "create" and call.path.name in FILES}
    committed = next(call.start for call in calls if call.kind == "rename" and call.path.name == "meta.json"
                     and call.start > max(created.values()))  # fmt: skip
    syncs = [call for call in calls if call.kind == "sync" and call.end < committed]
    problems = []
    for path, place in created.items():
        if not any(call.path.name == path.parent.name and call.start > place for call in syncs):
            problems.append(f"the name of {path.name} is not synced when the text is committed")
    synced = {call.path.name for call in syncs}
    above = [folder.name for folder in next(iter(created)).parents][:4]
    problems += [f"the folder {name} is not synced when the text is committed" for name in above if name not in synced]
    return problems


def unsynced_acknowledgements(calls: Sequence[Call]) -> list[str]:
    """No line goes to stdout while something that was written to the catalogue's log is not synced."""
    problems: list[str] = []
    dirty, lines = False, 0
    for call in sorted(calls, key=lambda call: call.end):
        if call.path.name == "catalogue.db-wal":
            dirty = call.kind == "write" or (dirty and call.kind != "sync")
        elif call.path.name == "stdout":
            lines += 1
            if dirty:
                problems.append(f"line {lines} is printed before the catalogue's log is synced")
    return problems if lines else ["nothing was acknowledged"]


@dataclass(frozen=True)
class Tracer:
    """Runs programs under strace in a folder of its own."""

    folder: Path

    def feed(self, edition: str, products: int = 30) -> Path:
        path = self.folder / f"{edition}.jsonl"
        rows = (f'{{"id": "p{i}", "title": "Lamp {i} {edition}", "price": "9.50 EUR"}}\n' for i in range(products))
        path.write_text("".join(rows))
        return path

    def trace(self, program: str, *words: str) -> list[Call]:
        trace = self.folder / "trace"
        subprocess.run(
            ["strace", "-f", "-y", "-s", "8", "-e", f"trace={CALLS}", "-o", trace,
             sys.executable, "-c", program, *words],
            check=True, stdout=subprocess.DEVNULL, env=self.environment, timeout=60,
        )  # fmt: skip
        return parse(trace.read_text(errors="replace").splitlines())

    def run(self, *words: str) -> None:
        subprocess.run(
            [sys.executable, "-c", IMPORT, *words],
            check=True, stdout=subprocess.DEVNULL, env=self.environment, timeout=60,
        )  # fmt: skip

    @property
    def environment(self) -> dict[str, str]:
        data_dir = str(self.folder / "data")
        return {**os.environ, "SHELFWISE_DATA_DIR": data_dir, "SHELFWISE_TEXT_MODEL": "hashing"}

    def import_words(self, edition: str) -> tuple[str, ...]:
        return ("import", str(self.feed(edition)), "--index", "shop", "--json")


@pytest.fixture(scope="module")
def tracer(tmp_path_factory: pytest.TempPathFactory) -> Tracer:
    if shutil.which("strace") is None:
        unavailable("strace is not installed: `apt-get install strace`.")
    return Tracer(tmp_path_factory.mktemp("trace"))


@pytest.fixture(scope="module")
def first_import(tracer: Tracer) -> list[Call]:
    return tracer.trace(IMPORT, *tracer.import_words("first"))


@pytest.fixture(scope="module")
def second_import(tracer: Tracer, first_import: list[Call]) -> list[Call]:
    return tracer.trace(IMPORT, *tracer.import_words("second"))


def test_the_first_import_syncs_everything_in_its_place(first_import: list[Call]) -> None:
    assert unsynced_acknowledgements(first_import) == []
    assert unsynced_files(first_import) == []
    assert unsynced_text(first_import) == []
    assert unsynced_pointer(first_import) == []
    assert unsynced_folders(first_import) == []


def test_a_later_import_syncs_everything_in_its_place(second_import: list[Call]) -> None:
    assert unsynced_acknowledgements(second_import) == []
    assert unsynced_files(second_import) == []
    assert unsynced_text(second_import) == []


def test_a_rebuild_syncs_everything_in_its_place(tracer: Tracer, second_import: list[Call]) -> None:
    calls = tracer.trace(REBUILD)
    assert unsynced_files(calls) == []
    assert unsynced_text(calls) == []
    assert unsynced_pointer(calls) == []
    assert unsynced_folders(calls) == []


# Each build lacks one sync, put out of force in the process that is traced.
BROKEN = {
    "files": """
import indexer.engines.embedded.writer as writer
from types import SimpleNamespace
writer.os = SimpleNamespace(**{**vars(writer.os), "fsync": lambda descriptor: None})
""",
    "folders of the writer": """
import indexer.engines.embedded.writer as writer
writer.sync_directory = lambda path: None
""",
    "pointer": """
import indexer.files as files
from types import SimpleNamespace
files.os = SimpleNamespace(**{**vars(files.os), "fsync": lambda descriptor: None})
""",
    "folders of the engine": """
import indexer.engines.embedded.engine as engine
engine.sync_directory = lambda path: None
""",
    "catalogue": """
from sqlalchemy import event
import indexer.store.sqlite as database
configure = database._configure
def careless(connection, record):
    configure(connection, record)
    connection.execute("PRAGMA synchronous = NORMAL")
database._configure = careless
""",
}


@pytest.mark.parametrize(
    ("build", "checks"),
    [
        ("files", {unsynced_files: "rows.log is not synced when the text is committed"}),
        (
            "folders of the writer",
            {
                unsynced_folders: "the name of rows.log is not synced when the text is committed",
                unsynced_text: "the catalogue goes on before the folder is synced after meta.json",
            },
        ),
        ("folders of the engine", {unsynced_folders: "the folder indexes is not synced when the text is committed"}),
        ("pointer", {unsynced_pointer: "the pointer is not synced before it is put in its place"}),
        ("catalogue", {unsynced_acknowledgements: "line 1 is printed before the catalogue's log is synced"}),
    ],
)
def test_a_missing_sync_is_seen(
    tmp_path: Path, tracer: Tracer, build: str, checks: Mapping[Callable[[Sequence[Call]], list[str]], str]
) -> None:
    alone = Tracer(tmp_path)
    calls = alone.trace(BROKEN[build] + IMPORT, *alone.import_words("first"))
    for check, problem in checks.items():
        assert problem in check(calls)
