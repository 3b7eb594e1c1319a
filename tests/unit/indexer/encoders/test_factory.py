"""From a name to an encoder; what is wrong is said before anything heavy happens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from indexer.encoders.factory import open_encoder
from indexer.errors import ConfigurationError


def test_hashing_needs_no_model_and_writes_nothing(tmp_path: Path) -> None:
    encoder = open_encoder("hashing", tmp_path / "models", threads=1, languages=["de"], truncate_dim=16)
    assert (encoder.manifest.dim, encoder.manifest.languages) == (16, ("de",))
    assert open_encoder("hashing", tmp_path / "models", threads=1).manifest.dim == 64
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize(
    ("name", "settings", "says"),
    [
        ("", {}, "the model's name is empty"),
        ("", {"backend": "torch"}, "the model's name is empty"),
        ("hashing", {"backend": "tensorflow"}, "unknown encoder backend 'tensorflow'; take 'onnx' or 'torch'"),
        ("hashing", {"threads": 0}, "the encoder's threads are 0; at least 1"),
        ("nobody/no-such-model", {}, "go online once, name a folder that holds it, or take a pinned model"),
    ],
)
def test_what_cannot_be_opened_says_what_could(tmp_path: Path, name: str, settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        open_encoder(name, tmp_path / "models", **{"threads": 1, **settings})
    assert not (tmp_path / "models").exists()
