from __future__ import annotations

from pathlib import Path

import numpy as np

from indexer.encoders.hashing import HashingEncoder
from indexer.jobs.embedding import Embedder
from indexer.store.catalogue import open_catalogue


def test_a_text_is_computed_once_and_an_empty_one_never(tmp_path: Path) -> None:
    catalogue = open_catalogue(f"sqlite:///{tmp_path}/catalogue.db")
    encoder = HashingEncoder()
    embedder = Embedder(encoder, catalogue.embeddings)
    first = embedder.vectors(["red lamp", "", "red lamp", "chair"])
    assert first[1] is None
    assert embedder.computed == 2
    again = Embedder(encoder, catalogue.embeddings)
    second = again.vectors(["chair", "red lamp"])
    assert (again.computed, again.reused) == (0, 2)
    # The very same numbers, whether they come from the encoder or from the store.
    assert np.array_equal(first[0], second[1])
    assert np.array_equal(first[3], second[0])
    assert np.allclose(first[0], encoder.encode_documents(["red lamp"])[0], atol=1e-3)
    other = Embedder(HashingEncoder(dim=32), catalogue.embeddings)
    assert other.vectors(["chair"])[0].shape == (32,)
    assert other.computed == 1
    catalogue.close()
