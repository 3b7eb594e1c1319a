"""The process that is killed: runs commands of Shelfwise, and ends by SIGKILL at a named phase of its work.

    python crash_child.py            reads jobs, one JSON object a line; answers each with the exit status

Everything is imported once, and each job runs in a fork of its own, in which alone anything is opened. A phase is the
n-th passing of a function of the product, which is wrapped here: the product knows nothing of it. A broken build is
made the same way, by putting a wrong order in the place of a function.
"""

from __future__ import annotations

import functools
import importlib
import io
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from indexer.engines.embedded import rowlog
from indexer.engines.embedded.state import Committed
from indexer.store import products
from search.cli.main import shelfwise

IMPORTED = ("search.cli.importing", "search.cli.managing", "search.api", "indexer.encoders.hashing", "filelock")

# phase → (module, attribute, whether it ends before or after the call)
PHASES: dict[str, tuple[str, str, str]] = {
    "import: before a transaction": ("indexer.store.catalogue", "SqlCatalogue.upsert", "before"),
    "import: rows written, transaction open": ("indexer.store.products", "put", "after"),
    "import: committed, not acknowledged": ("indexer.store.catalogue", "SqlCatalogue.upsert", "after"),
    "import: acknowledged": ("search.cli.importing", "_Acknowledged.hear", "after"),
    "import: fields declared, nothing built": ("search.generations", "Generations._declare", "after"),
    "import: all acknowledged, index not begun": ("search.generations", "Generations._apply", "before"),
    "sync: between removals": ("indexer.store.syncs", "SqlSync.delete_unseen", "after"),
    "sync: deletions in the engine, not committed": (
        "indexer.engines.embedded.writer",
        "EmbeddedWriter.delete",
        "after",
    ),
    "commit: rows appended, not synced": ("indexer.engines.embedded.writer", "os.fsync", "before"),
    "commit: files synced, text not committed": (
        "indexer.engines.embedded.writer",
        "EmbeddedWriter._commit_text",
        "before",
    ),
    "commit: text committed": ("indexer.engines.embedded.writer", "EmbeddedWriter._commit_text", "after"),
    "commit: done, not recorded": ("indexer.store.generations", "SqlGenerations.advance", "before"),
    "rebuild: recorded, not created": ("indexer.engines.embedded.engine", "EmbeddedEngine.create", "before"),
    "rebuild: half created": ("indexer.engines.embedded.engine", "save_manifest", "before"),
    "rebuild: between chunks": ("indexer.engines.embedded.writer", "EmbeddedWriter.commit", "after"),
    "rebuild: finished, not checked": ("indexer.jobs.building", "check_generation", "before"),
    "rebuild: checked, not switched": ("indexer.jobs.building", "switch_generation", "before"),
    "rebuild: pointer written, not in place": ("indexer.files", "os.replace", "before"),
    "rebuild: between the two switches": ("indexer.store.generations", "SqlGenerations.switch", "before"),
    "rebuild: before pruning": ("indexer.jobs.building", "prune_generations", "before"),
    "rebuild: half pruned": ("indexer.engines.embedded.engine", "shutil.rmtree", "before"),
    "rollback: between the two switches": ("indexer.store.generations", "SqlGenerations.switch", "before"),
    "rollback: switched": ("indexer.store.generations", "SqlGenerations.switch", "after"),
}


def main() -> None:
    """Serves jobs until its input ends."""
    for name in IMPORTED:
        importlib.import_module(name)
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            run(job)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


def run(job: dict[str, Any]) -> None:
    """Carries out one job: `stdout` and `stderr` are files, `phase` and `build` may be empty."""
    for descriptor, path in ((1, job["stdout"]), (2, job["stderr"])):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
    if job["build"]:
        BROKEN[job["build"]]()
    if job["phase"]:
        die_at(job["phase"], job["passing"])
    try:
        shelfwise(job["command"], prog_name="shelfwise")
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException as error:  # noqa: BLE001 - the parent reads it
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
        status = 1
    sys.stdout.flush()
    os._exit(status)


def die_at(phase: str, passing: int) -> None:
    """Makes this process end itself at the `passing`-th passing of a phase."""
    module, path, when = PHASES[phase]
    owner, name = _owner(importlib.import_module(module), path)
    original = getattr(owner, name)
    passed = 0

    @functools.wraps(original)
    def wrapped(*args: Any, **options: Any) -> Any:
        nonlocal passed
        passed += 1
        if passed == passing and when == "before":
            kill()
        result = original(*args, **options)
        if passed == passing and when == "after":
            kill()
        return result

    setattr(owner, name, wrapped)


def kill() -> None:
    """kill -9."""
    os.kill(os.getpid(), signal.SIGKILL)


def _owner(module: Any, path: str) -> tuple[Any, str]:
    """Where the attribute lies. A library is replaced in this one module, so that no other caller of it counts."""
    first, _, rest = path.partition(".")
    if not rest:
        return module, first
    owner = getattr(module, first)
    if not isinstance(owner, type):
        owner = SimpleNamespace(**vars(owner))
        setattr(module, first, owner)
    return owner, rest


def replace(module: str, path: str, make: Callable[[Any], Any]) -> None:
    """Puts another function in the place of one."""
    owner, name = _owner(importlib.import_module(module), path)
    setattr(owner, name, make(getattr(owner, name)))


def text_before_files() -> None:
    """tantivy commits first, the files would follow: killed in between, the commit speaks of rows that are nowhere."""

    def reversed_order(commit: Any) -> Any:
        def committing(writer: Any, number: int) -> None:
            log_bytes = writer._state.log_bytes + rowlog.write_chunk(io.BytesIO(), writer._chunk())
            writer._commit_text(Committed(writer._rows, log_bytes, writer._source_bytes, number))
            kill()

        return committing

    replace("indexer.engines.embedded.writer", "EmbeddedWriter.commit", reversed_order)


def deletions_first() -> None:
    """The old versions are taken out by a commit of their own: killed after it, the products are gone."""

    def split(write: Any) -> Any:
        def writing(writer: Any, documents: Any) -> Any:
            for document in documents:
                writer._writer.delete_documents_by_term("id", document.id)
            writer._writer.commit()
            kill()

        return writing

    replace("indexer.engines.embedded.writer", "EmbeddedWriter.write", split)


def leftovers_kept() -> None:
    """What a crashed writer left behind its last commit is not cut off, and the next rows are put after it."""

    def keep(open_at: Any) -> Any:
        def opening(path: Path, length: int) -> Any:
            return open_at(path, path.stat().st_size if path.name == "sources.bin" else length)

        return opening

    replace("indexer.engines.embedded.writer", "_open_at", keep)


def acknowledged_early() -> None:
    """The catalogue says that a batch is written while its transaction is still open."""
    open_ones: list[Any] = []

    def early(upsert: Any) -> Any:
        def upserting(catalogue: Any, index: str, batch: Any) -> Any:
            while open_ones:
                open_ones.pop().__exit__(None, None, None)
            transaction = catalogue._database.write()
            connection = transaction.__enter__()
            open_ones.append(transaction)
            return products.upsert(catalogue._database, connection, index, batch)

        return upserting

    replace("indexer.store.catalogue", "SqlCatalogue.upsert", early)


BROKEN: dict[str, Callable[[], None]] = {
    "text before files": text_before_files,
    "deletions first": deletions_first,
    "leftovers kept": leftovers_kept,
    "acknowledged early": acknowledged_early,
}


if __name__ == "__main__":
    main()
