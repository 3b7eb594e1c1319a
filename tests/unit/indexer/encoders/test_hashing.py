"""Hashing vectors: counts of words in bins, the same on every machine."""

from __future__ import annotations

import math

import numpy as np
import pytest

from indexer.encoders.hashing import HashingEncoder
from indexer.errors import ConfigurationError


def test_the_cosine_of_texts_is_the_share_of_words_that_they_have_in_common() -> None:
    # In 2**20 bins these words do not fall together: |{red}| / sqrt(2 * 3).
    encoder = HashingEncoder(dim=2**20)
    first, second = encoder.encode_documents(["Red kettle", "a red-hot"])
    assert first @ second == pytest.approx(1 / math.sqrt(6))
    assert first @ first == pytest.approx(1)


def test_a_words_bin_is_the_same_in_every_process() -> None:
    # blake2b("kettle", 8 bytes), read as a big-endian number, modulo 64; Python's own hash changes with each start.
    assert np.flatnonzero(HashingEncoder().encode_queries(["kettle"])[0]).tolist() == [41]


def test_words_never_cancel_and_other_signs_are_nothing() -> None:
    vectors = HashingEncoder(dim=1).encode_documents(["many words all in one bin", "!?"])
    assert vectors.tolist() == [[1.0], [0.0]]


def test_the_manifest_names_the_dimension() -> None:
    manifest = HashingEncoder(32, languages=["de"]).manifest
    assert (manifest.dim, manifest.version) == (32, "hashing.1-d32")
    assert manifest.weight_for("de") == 1
    assert manifest.weight_for("en") == 0
    assert HashingEncoder().manifest.weight_for("en") == 1
    with pytest.raises(ConfigurationError, match="dimension of hashing vectors is 0"):
        HashingEncoder(0)
