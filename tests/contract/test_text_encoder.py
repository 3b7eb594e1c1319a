"""What every TextEncoder promises, over each implementation with the real model."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from indexer.encoders.cache import CachedQueries
from indexer.encoders.factory import DEFAULT_MODEL, open_encoder
from indexer.encoders.protocol import TextEncoder

TEXTS = [
    "kettle",
    "red rain jacket for children, size 128",
    "Oak dining table\n" + "Solid wood, oiled by hand, for six people. " * 20,
    "übergroße Mütze – 100 % Wolle 🧶",
    "HL-2140",
    "a",
    "Running shoes\nLight, with a soft sole; they breathe and dry quickly.",
]


@pytest.fixture(scope="module", params=["hashing", "hashing short", "onnx", "onnx short", "sentence", "cached"])
def encoder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> TextEncoder:
    models_dir = tmp_path_factory.getbasetemp() / "models"  # one for the session: the int8 form is made once
    match request.param.split():
        case ["hashing", *short]:
            return open_encoder("hashing", models_dir, threads=2, truncate_dim=32 if short else None)
        case ["onnx", *short]:
            return open_encoder(DEFAULT_MODEL, models_dir, threads=2, truncate_dim=128 if short else None)
        case ["sentence"]:
            return open_encoder(DEFAULT_MODEL, models_dir, threads=1, backend="torch", truncate_dim=200)
        case _:
            return CachedQueries(open_encoder(DEFAULT_MODEL, models_dir, threads=2), capacity=3)


def test_vectors_are_float32_of_the_manifests_dimension_and_of_unit_length(encoder: TextEncoder) -> None:
    for vectors in (encoder.encode_documents(TEXTS), encoder.encode_queries(TEXTS)):
        assert vectors.dtype == np.float32
        assert vectors.shape == (len(TEXTS), encoder.manifest.dim)
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_an_empty_text_is_a_zero_vector_and_no_texts_are_no_rows(encoder: TextEncoder) -> None:
    for encode in (encoder.encode_documents, encoder.encode_queries):
        vectors = encode(["", "kettle", " \n\t"])
        assert not vectors[0].any()
        assert vectors[1].any()
        assert not vectors[2].any()
        assert encode([]).shape == (0, encoder.manifest.dim)


def test_a_text_has_the_same_bits_whatever_stands_beside_it(encoder: TextEncoder) -> None:
    together = encoder.encode_documents(TEXTS)
    alone = np.concatenate([encoder.encode_documents([text]) for text in TEXTS])
    many = encoder.encode_documents([*reversed(TEXTS), *["something else entirely"] * 40, *TEXTS])
    assert together.tobytes() == alone.tobytes()
    assert together.tobytes() == many[-len(TEXTS) :].tobytes()
    assert together.tobytes() == np.ascontiguousarray(many[: len(TEXTS)][::-1]).tobytes()


def test_queries_and_documents_have_the_same_bits_where_the_model_has_no_prompts(encoder: TextEncoder) -> None:
    assert encoder.encode_queries(TEXTS).tobytes() == encoder.encode_documents(TEXTS).tobytes()


def test_threads_get_the_same_bits(encoder: TextEncoder) -> None:
    wanted = encoder.encode_documents(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        rounds = list(pool.map(lambda _: encoder.encode_queries(TEXTS), range(8)))
    assert all(vectors.tobytes() == wanted.tobytes() for vectors in rounds)


def test_near_texts_are_nearer_than_others(encoder: TextEncoder) -> None:
    query = encoder.encode_queries(["rain jacket"])[0]
    near, far = encoder.encode_documents(["blue rain jacket with hood", "cordless drill"])
    assert query @ near > query @ far + 0.2
