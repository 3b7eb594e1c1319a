"""The gate between a model and its small form."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.encoders.parity import Parity, measure_parity, require_parity
from indexer.encoders.probes import DOCUMENTS, QUERIES
from indexer.errors import ConfigurationError


def test_parity_is_of_cosines_text_by_text() -> None:
    original = np.array([[1, 0], [0, 1]], dtype=np.float32)
    candidate = np.array([[1, 0], [0.6, 0.8]], dtype=np.float32)
    parity = measure_parity(original, candidate)
    assert parity.mean == pytest.approx(0.9)
    assert parity.lowest == pytest.approx(0.8)
    assert parity.p1 == pytest.approx(0.8 + 0.01 * 0.2)  # a hundredth of the way from the lowest to the highest
    assert parity.texts == 2


def test_the_gate_is_at_a_mean_of_098() -> None:
    require_parity("m", Parity(mean=0.98, p1=0.9, lowest=0.8, texts=200))
    with pytest.raises(ConfigurationError, match=r"int8 form of 'm' .* mean cosine 0\.9799 .* the backend 'torch'"):
        require_parity("m", Parity(mean=0.9799, p1=0.97, lowest=0.96, texts=200))
    with pytest.raises(ConfigurationError, match="mean cosine nan"):
        require_parity("m", Parity(mean=float("nan"), p1=0.9, lowest=0.9, texts=200))


def test_the_probe_is_two_hundred_different_texts_short_and_long() -> None:
    texts = [*QUERIES, *DOCUMENTS]
    assert len(texts) == len(set(texts)) == 200
    words = sorted(len(text.split()) for text in texts)
    assert words[0] == 1
    assert words[-1] > 128  # longer than the default cut, so that cutting is compared as well
