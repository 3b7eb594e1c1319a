"""The manifest of an encoder, and when its version changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from indexer.encoders.describe import describe
from indexer.encoders.protocol import EncoderManifest
from indexer.errors import ConfigurationError
from indexer.models.source import ModelSource

SOURCE = ModelSource("m", Path("m"), "0123456789abcdef" * 4, ("en",))


def manifest(source: ModelSource = SOURCE, form: str = "int8.1", **settings: Any) -> EncoderManifest:
    return describe(source, form, **{"dim": 384, "token_limit": 256, **settings})


def test_it_says_what_model_and_settings_come_to() -> None:
    plain = manifest()
    assert plain == EncoderManifest("m", "0123456789abcdef-int8.1-t128", 384, ("en",), 128)
    short = manifest(truncate_dim=256, max_tokens=300, languages=["de", "en"])
    assert short == EncoderManifest("m", "0123456789abcdef-int8.1-t256-d256", 256, ("de", "en"), 256, truncate_dim=256)


def test_the_version_changes_with_all_that_vectors_depend_on_and_with_nothing_else() -> None:
    other = ModelSource("m", Path("m"), "f" * 64)
    changed = [manifest(), manifest(other), manifest(form="fp32.1"), manifest(max_tokens=64), manifest(truncate_dim=8)]
    assert len({m.version for m in changed}) == len(changed)
    assert manifest(languages=["de"]).version == manifest().version


def test_languages_that_are_not_covered_weigh_nothing() -> None:
    assert manifest().weight_for("en") == 1
    assert manifest().weight_for("de") == 0
    assert manifest(languages=["de"]).weight_for("de") == 1
    assert manifest(languages=[]).weight_for("fi") == 1


@pytest.mark.parametrize("truncate_dim", [0, -1, 385])
def test_a_cut_outside_the_vector_is_refused(truncate_dim: int) -> None:
    with pytest.raises(ConfigurationError, match=rf"truncate_dim is {truncate_dim}; 'm' has vectors of 1 to 384"):
        manifest(truncate_dim=truncate_dim)


def test_a_limit_that_leaves_nothing_of_a_text_is_refused() -> None:
    assert manifest(max_tokens=8).max_tokens == 8
    with pytest.raises(ConfigurationError, match="max_tokens is 7; at least 8"):
        manifest(max_tokens=7)
