"""What every catalogue store does with embeddings: kept by the text that the encoder read."""

from __future__ import annotations

import numpy as np
import pytest
from catalogue_cases import digest, product

from indexer.errors import InputError
from indexer.store.protocol import CatalogueStore


def test_embeddings_are_kept_by_encoder_version_and_text(store: CatalogueStore) -> None:
    hashes = [digest(f"text {number}") for number in range(1100)]
    vectors = np.random.default_rng(7).standard_normal((1100, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    store.embeddings.put("mini-1", hashes, vectors)
    known = store.embeddings.get("mini-1", [*hashes, digest("unknown")])
    assert set(known) == set(hashes)
    assert known[hashes[0]].dtype == np.float32
    np.testing.assert_allclose(np.stack([known[each] for each in hashes]), vectors, rtol=5e-4, atol=1e-7)
    assert store.embeddings.get("mini-2", hashes) == {}


def test_the_first_embedding_of_a_text_stays(store: CatalogueStore) -> None:
    store.embeddings.put("mini", [digest("a")], np.array([[1, 0]], np.float32))
    store.embeddings.put("mini", [digest("a"), digest("b")], np.array([[0, 1], [0.5, 0.5]], np.float32))
    known = store.embeddings.get("mini", [digest("a"), digest("b")])
    assert [known[digest(text)].tolist() for text in "ab"] == [[1, 0], [0.5, 0.5]]


def test_embeddings_that_nobody_needs_are_pruned(catalogue: CatalogueStore) -> None:
    catalogue.upsert("shop", [product("a", "kept"), product("b", "deleted")])
    catalogue.delete("shop", ["b"])
    texts = ["kept", "deleted", *(f"orphan {number}" for number in range(1100))]
    for version in ("mini-1", "mini-2"):
        catalogue.embeddings.put(version, [digest(text) for text in texts], np.ones((len(texts), 2), np.float32))
    assert catalogue.embeddings.prune(["mini-2"]) == 2 * 1102 - 1
    assert list(catalogue.embeddings.get("mini-2", [digest(text) for text in texts])) == [digest("kept")]
    assert catalogue.embeddings.get("mini-1", [digest("kept")]) == {}


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (np.ones((2, 3), np.float32), r"1 text hashes came with vectors of shape \(2, 3\)"),
        (np.ones(3, np.float32), r"vectors of shape \(3,\)"),
        (np.array([[np.nan, 1]], np.float32), "NaN or infinity"),
    ],
)
def test_embeddings_must_fit(store: CatalogueStore, vectors: np.ndarray, message: str) -> None:
    with pytest.raises(InputError, match=message):
        store.embeddings.put("mini", [digest("a")], vectors)
