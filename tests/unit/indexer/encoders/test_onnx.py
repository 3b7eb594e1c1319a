"""The int8 encoder with the default model: near the model, cut where it says, and free of torch."""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from indexer.encoders.factory import DEFAULT_MODEL, open_encoder
from indexer.encoders.protocol import TextEncoder
from indexer.errors import CorruptionError

TEXTS = ["garden hose 20 m", "Espresso machine\nTwo cups at once, 15 bar, with milk frother", "größe 42", "HL-2140"]
LONG = "one two three four five six seven eight nine ten " * 30


@pytest.fixture(scope="module")
def encoder(models_dir: Path) -> TextEncoder:
    return open_encoder(DEFAULT_MODEL, models_dir, threads=2)


@pytest.fixture(scope="module")
def folder(encoder: TextEncoder, models_dir: Path) -> Path:
    """Where the int8 form lies."""
    (found,) = models_dir.glob(f"{DEFAULT_MODEL}-*/")
    return found


def test_the_manifest_is_that_of_an_english_model(encoder: TextEncoder) -> None:
    manifest = encoder.manifest
    assert (manifest.name, manifest.dim, manifest.max_tokens) == (DEFAULT_MODEL, 384, 128)
    assert manifest.version == "53aa51172d142c89-int8.1-t128"
    assert [manifest.weight_for(language) for language in ("en", "de")] == [1, 0]


def test_what_is_kept_says_how_near_it_is_and_what_made_it(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    assert sorted(manifest["files"]) == ["model.onnx", "tokenizer.json"]
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "model.onnx", "tokenizer.json"]
    assert {"torch", "onnx", "onnxruntime"} <= manifest["libraries"].keys()
    assert manifest["facts"]["parity"]["mean"] >= 0.99
    assert manifest["facts"]["parity"]["p1"] >= 0.98


def test_vectors_are_near_the_models_own_on_texts_that_the_probe_does_not_have(
    encoder: TextEncoder, models_dir: Path
) -> None:
    exact = open_encoder(DEFAULT_MODEL, models_dir, threads=1, backend="torch")
    cosines = (encoder.encode_documents([*TEXTS, LONG]) * exact.encode_documents([*TEXTS, LONG])).sum(axis=1)
    assert cosines.min() > 0.98
    assert encoder.manifest.version != exact.manifest.version


def first_words(count: int) -> list[str]:
    """One text; each of its words is one token."""
    return [" ".join(LONG.split()[:count])]


def test_a_text_is_cut_at_its_tokens_and_not_padded(models_dir: Path, encoder: TextEncoder) -> None:
    # Of 128 tokens two are special.
    whole = encoder.encode_documents([LONG]).tobytes()
    assert whole == encoder.encode_documents(first_words(126)).tobytes()
    assert whole != encoder.encode_documents(first_words(125)).tobytes()
    short = open_encoder(DEFAULT_MODEL, models_dir, threads=1, max_tokens=8)
    assert short.encode_queries(first_words(7)).tobytes() == short.encode_queries(first_words(6)).tobytes()
    # No padding: a short text has the same vector under either limit.
    assert short.encode_queries(first_words(6)).tobytes() == encoder.encode_queries(first_words(6)).tobytes()


def test_a_limit_beyond_the_models_own_is_the_models_own(models_dir: Path) -> None:
    assert open_encoder(DEFAULT_MODEL, models_dir, threads=1, max_tokens=5000).manifest.max_tokens == 256


def test_a_damaged_graph_is_noticed_when_it_is_opened(folder: Path, tmp_path: Path) -> None:
    copied = tmp_path / folder.name
    shutil.copytree(folder, copied)
    with (copied / "model.onnx").open("r+b") as file:
        file.seek(-1000, 2)
        file.write(b"damaged")
    with pytest.raises(CorruptionError, match=r"model\.onnx has sha256 .*; delete .*; it is made again"):
        open_encoder(DEFAULT_MODEL, tmp_path, threads=1)


def test_what_is_kept_is_used_without_a_word(folder: Path, models_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    made_at = folder.stat().st_mtime_ns
    with caplog.at_level(logging.INFO, logger="indexer"):
        open_encoder(DEFAULT_MODEL, models_dir, threads=1)
    assert caplog.messages == []
    assert folder.stat().st_mtime_ns == made_at


def test_a_process_that_finds_the_int8_form_never_imports_torch(folder: Path, models_dir: Path) -> None:
    program = """
        import sys
        from pathlib import Path
        from indexer.encoders.factory import DEFAULT_MODEL, open_encoder

        assert "onnxruntime" not in sys.modules, "imported before it was needed"
        encoder = open_encoder(DEFAULT_MODEL, Path(sys.argv[1]), threads=2)
        encoder.encode_documents(["kettle"] * 40)
        encoder.encode_queries(["kettle"])
        print(sorted({name.partition(".")[0] for name in sys.modules}))
    """
    command = [sys.executable, "-c", textwrap.dedent(program), str(models_dir)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    modules = set(json.loads(done.stdout.replace("'", '"')))
    assert {"onnxruntime", "tokenizers"} <= modules
    assert not modules & {"torch", "transformers", "sentence_transformers", "onnx", "huggingface_hub"}


def test_the_thread_pool_raises_what_a_thread_raised(encoder: TextEncoder) -> None:
    with pytest.raises(TypeError):
        encoder.encode_documents(["fine"] * 40 + ["a lone surrogate: \ud800"])


def test_short_vectors_are_the_beginnings_of_the_long_ones(encoder: TextEncoder, models_dir: Path) -> None:
    short = open_encoder(DEFAULT_MODEL, models_dir, threads=1, truncate_dim=64).encode_documents(TEXTS)
    long = encoder.encode_documents(TEXTS)[:, :64]
    assert np.allclose(short, long / np.linalg.norm(long, axis=1, keepdims=True), atol=1e-6)
