"""`shelfwise backup` and `restore`: what comes back, and what is refused."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from filelock import FileLock

from search.cli.archive import BackupManifest, read_archive
from search.data_lock import alone


@pytest.fixture
def backup(shop) -> Path:
    """A backup of `shop`, whose data directory is still there."""
    path = shop.folder / "backup.tar.gz"
    shop.ok("backup", str(path))
    return path


def archive(path: Path, members: list[tuple[str | tarfile.TarInfo, bytes]]) -> str:
    with tarfile.open(path, "w") as tar:
        for name, data in members:
            member = tarfile.TarInfo(name) if isinstance(name, str) else name
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return str(path)


def manifest(catalogue: bytes, **other: object) -> bytes:
    values = {
        "shelfwise": "0.1.0",
        "created_at": "2030-01-01T00:00:00+00:00",
        "catalogue_sha256": hashlib.sha256(catalogue).hexdigest(),
        "catalogue_bytes": len(catalogue),
        "format": 1,
    }
    return json.dumps({**values, **other}).encode()


@pytest.mark.parametrize("name", ["b.tar", "b.tar.gz", "b.tgz"])
def test_a_backup_comes_back_in_another_place(shop, name: str) -> None:
    shop.ok("indexes", "settings", "shop", "--set", "ranking.vector_weight=0.7")
    written = shop.json("backup", str(shop.folder / name))
    assert written["indexes"] == [{"name": "shop", "products": 3, "change_number": 3}]
    other = ("--data-dir", str(shop.folder / "other"))
    restored = shop.json(*other, "restore", str(shop.folder / name))
    assert restored == {"indexes": [{"index": "shop", "generation": 2, "products": 3}], "aside": None}
    asked = ("search", "kettle", "--mode", "lexical")
    here, there = (shop.json(*where, *asked)["hits"] for where in ((), other))
    assert here == there
    assert shop.json(*other, "indexes", "settings", "shop")["ranking"]["vector_weight"] == 0.7
    assert [one["state"] for one in shop.json(*other, "indexes", "show", "shop")["generations"]] == ["live"]
    assert shop(*other, "indexes", "rollback", "shop").exit_code == 4
    assert shop.json(*other, "doctor")["ok"]


def test_restoring_computes_no_vector_anew(shop, backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: object, texts: list[str]) -> None:
        raise RuntimeError(f"asked to embed {texts}")

    monkeypatch.setattr("indexer.encoders.hashing.HashingEncoder.encode_documents", refuse)
    shop.ok("--data-dir", str(shop.folder / "other"), "restore", str(backup))


def test_what_changes_after_a_backup_is_not_in_it(shop, backup: Path) -> None:
    shop.ok("import", "-", "--index", "shop", stdin="sku,name\nA-4,Teapot\n")
    shop.ok("--data-dir", str(shop.folder / "other"), "restore", str(backup))
    assert shop.json("--data-dir", str(shop.folder / "other"), "indexes", "list")[0]["products"] == 3


def test_a_used_data_directory_is_refused_or_moved_aside(shop, backup: Path) -> None:
    shop.ok("import", "-", "--index", "shop", stdin="sku,name\nA-4,Teapot\n")
    refused = shop("restore", str(backup))
    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    assert shop.json("indexes", "list")[0]["products"] == 4
    aside = Path(shop.json("restore", str(backup), "--force")["aside"])
    assert shop.json("indexes", "list")[0]["products"] == 3
    old = sqlite3.connect(aside / "catalogue.db")
    assert old.execute("SELECT product_count FROM indexes").fetchall() == [(4,)]
    old.close()
    assert (aside / "indexes" / "shop" / "live").exists()


def test_an_index_that_is_being_written_is_not_replaced(shop, backup: Path) -> None:
    with FileLock(shop.data / "locks" / "shop.lock"):
        refused = shop("restore", str(backup), "--force")
    assert refused.exit_code == 5
    assert "index 'shop' is being written" in refused.stderr
    assert shop.json("search", "kettle")["index"]["generation"] == 1


def test_nothing_is_restored_over_data_that_another_process_has_open(shop, backup: Path) -> None:
    program = (
        "import sys\nfrom search.config import load_config\nfrom search.services import Services\n"
        "services = Services(load_config())\nservices.searcher('shop')\nprint('open', flush=True)\nsys.stdin.read()"
    )
    command = [sys.executable, "-c", program]
    pipe = subprocess.PIPE
    service = subprocess.Popen(command, env=shop.whole_environment, stdin=pipe, stdout=pipe, text=True)
    with service:
        assert service.stdout is not None
        assert service.stdout.readline() == "open\n"
        refused = shop("restore", str(backup), "--force")
        assert shop.json("search", "kettle")["index"]["generation"] == 1
        service.kill()
    assert refused.exit_code == 5
    assert "is open in another process, such as the web service" in refused.stderr
    assert not list(shop.data.glob("before-restore-*"))
    assert shop.json("restore", str(backup), "--force")["aside"]


def test_data_that_are_being_restored_are_not_opened(shop) -> None:
    with alone(shop.data):
        refused = shop("search", "kettle")
    assert refused.exit_code == 5
    assert "a backup is being restored into" in refused.stderr
    assert shop("search", "kettle").exit_code == 0


def test_a_data_directory_where_no_lock_can_be_made_is_searched_all_the_same(shop) -> None:
    shutil.rmtree(shop.data / "locks")
    (shop.data / "locks").touch()  # stands for a read-only directory, which root could write to
    assert shop.json("search", "kettle", "--mode", "lexical")["total"] == 2


def test_an_index_that_cannot_be_rebuilt_stays_in_the_catalogue(shop) -> None:
    shop.ok("indexes", "copy", "shop", "other")
    backup = str(shop.folder / "b.tar")
    shop.ok("indexes", "settings", "other", "--set", "schema.encoder=")
    catalogue = sqlite3.connect(shop.data / "catalogue.db")
    catalogue.execute("UPDATE indexes SET settings = replace(settings, 'hashing', './no/model') WHERE name = 'shop'")
    catalogue.commit()
    catalogue.close()
    shop.ok("backup", backup)
    result = shop("--data-dir", "restored", "restore", backup)
    assert result.exit_code == 3
    assert "shop is in the catalogue but could not be rebuilt: model './no/model'" in result.stderr
    assert "1 of 2 indexes could not be rebuilt" in result.stderr
    assert shop.json("--data-dir", "restored", "search", "kettle", "--index", "other")["total"] == 2


@pytest.mark.parametrize(
    ("name", "words"),
    [("b.zip", "ends in none of .tar"), ("no/folder/b.tar", "there is no folder"), ("backup.tar.gz", "exists already")],
)
def test_names_that_a_backup_cannot_have(shop, backup: Path, name: str, words: str) -> None:
    refused = shop("backup", str(shop.folder / name))
    assert refused.exit_code == 2
    assert words in refused.stderr


def test_a_backup_that_fails_leaves_nothing_behind(shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    before = set(shop.folder.iterdir())
    monkeypatch.setattr("search.cli.archive.os.fsync", refuse)
    refused = shop("backup", str(shop.folder / "b.tar"))
    assert refused.exit_code == 6
    assert "No space left on device" in refused.stderr
    assert set(shop.folder.iterdir()) == before


@pytest.mark.parametrize("share", [0.3, 0.6, 0.97])
def test_a_cut_backup_is_refused(shop, backup: Path, share: float) -> None:
    data = backup.read_bytes()
    backup.write_bytes(data[: int(share * len(data))])
    result = shop("--data-dir", str(shop.folder / "other"), "restore", str(backup))
    assert result.exit_code in (1, 6)
    assert "Error: " in result.stderr
    assert not (shop.folder / "other" / "catalogue.db").exists()
    assert not (shop.folder / "other" / ".restoring").exists()


def link(name: str, target: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, target
    return member


GOOD = b"no database"


@pytest.mark.parametrize(
    ("members", "code", "words"),
    [
        ([("manifest.json", manifest(GOOD)), ("../catalogue.db", GOOD)], 1, "'../catalogue.db', which no backup"),
        ([("manifest.json", manifest(GOOD)), ("/tmp/catalogue.db", GOOD)], 1, "which no backup"),
        ([("manifest.json", manifest(GOOD)), (link("catalogue.db", "/etc/passwd"), b"")], 1, "which no backup"),
        ([("manifest.json", manifest(GOOD)), ("catalogue.db", GOOD), ("more", b"")], 1, "'more', which no backup"),
        ([("manifest.json", manifest(GOOD)), ("catalogue.db", GOOD), ("catalogue.db", GOOD)], 1, "which no backup"),
        ([("catalogue.db", GOOD), ("manifest.json", manifest(GOOD))], 1, "which no backup"),
        ([("manifest.json", manifest(GOOD))], 6, "lacks its catalogue.db"),
        ([], 6, "lacks its manifest.json"),
        ([("manifest.json", manifest(GOOD)), ("catalogue.db", b"NO database")], 6, "has sha256"),
        ([("manifest.json", manifest(GOOD)), ("catalogue.db", GOOD + b"!")], 6, "has 12 bytes, wanted 11"),
        ([("manifest.json", manifest(GOOD)), ("catalogue.db", GOOD)], 6, "no database"),
        (
            [("manifest.json", manifest(GOOD, format=2)), ("catalogue.db", GOOD)],
            1,
            "format 2, this release reads up to 1",
        ),
        ([("manifest.json", manifest(GOOD, more=1)), ("catalogue.db", GOOD)], 1, "cannot be read"),
        ([("manifest.json", manifest(GOOD, catalogue_bytes="9")), ("catalogue.db", GOOD)], 1, "cannot be read"),
        ([("manifest.json", b"[]"), ("catalogue.db", GOOD)], 1, "cannot be read"),
        ([("manifest.json", b"{"), ("catalogue.db", GOOD)], 1, "cannot be read"),
    ],
)
def test_foreign_archives_are_refused(
    shell, members: list[tuple[str | tarfile.TarInfo, bytes]], code: int, words: str
) -> None:
    before = set(shell.folder.rglob("*"))
    result = shell("restore", archive(shell.folder / "b.tar", members))
    assert result.exit_code == code, result.output
    assert words in result.stderr
    assert {path.name for path in set(shell.folder.rglob("*")) - before} <= {"b.tar", "data"}


def test_no_archive_at_all(shell) -> None:
    result = shell("restore", shell.write("b.tar", "a text"))
    assert (result.exit_code, "is no backup of Shelfwise" in result.stderr) == (1, True)


def test_reading_tells_what_a_backup_holds(shop, backup: Path) -> None:
    unpacked = shop.folder / "unpacked"
    unpacked.mkdir()
    done: list[int] = []
    seen = read_archive(backup, unpacked, done.append)
    assert isinstance(seen, BackupManifest)
    assert sum(done) == seen.catalogue_bytes == (unpacked / "catalogue.db").stat().st_size
    assert seen.settings["text_model"] == "hashing"
    assert "database_url" not in seen.settings  # it may hold a password
