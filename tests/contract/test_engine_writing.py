"""Writing, deleting and committing: what a reader sees of it, and when."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from engine_cases import (
    OpenShop,
    document,
    found,
    unit,
    words,
)

from indexer.engines.protocol import Engine, EngineReader, IndexDocument
from indexer.engines.query import (
    In,
    Scope,
    SearchQuery,
)


def test_an_older_change_never_replaces_a_newer_one(engine: Engine, shop: OpenShop) -> None:
    reader = shop([document(1, "lamp", change=5)])
    name = reader.spec.index
    with engine.writer(name, 1) as writer:
        assert writer.write([document(1, "desk", change=4)]).skipped == 1
        assert writer.write([document(1, "desk", change=5)]).skipped == 1
        assert writer.delete({"p1": 6}).written == 1
        assert writer.write([document(1, "desk", change=6)]).skipped == 1
        writer.commit(6)
    reader.refresh()
    assert reader.document_count() == 0
    with engine.writer(name, 1) as writer:
        assert writer.change_number == 6
        assert writer.write([document(1, "desk", change=5)]).skipped == 1
        assert writer.write([document(1, "desk", change=7)]).written == 1
        writer.commit(7)
    reader.refresh()
    assert found(reader, SearchQuery(words("desk"))) == {"p1"}
    assert reader.change_number == 7


def test_a_deletion_of_an_unknown_id_is_remembered(engine: Engine, shop: OpenShop) -> None:
    reader = shop([document(1, "lamp", change=1)])
    with engine.writer(reader.spec.index, 1) as writer:
        writer.delete({"p2": 9})
        writer.commit(9)
    with engine.writer(reader.spec.index, 1) as writer:
        assert writer.write([document(2, "late", change=8)]).skipped == 1


def test_what_is_not_committed_is_not_there(engine: Engine, shop: OpenShop) -> None:
    reader = shop([document(1, "lamp")])
    with engine.writer(reader.spec.index, 1) as writer:
        writer.write([document(2, "lamp")])
        assert reader.refresh() is False
    reader.refresh()
    assert found(reader, SearchQuery(words("lamp"))) == {"p1"}
    with engine.writer(reader.spec.index, 1) as writer:
        writer.write([document(3, "lamp")])
        writer.commit(3)
    assert reader.refresh() is True
    assert found(reader, SearchQuery(words("lamp"))) == {"p1", "p3"}


def test_a_reader_keeps_its_snapshot_while_a_writer_works(engine: Engine, shop: OpenShop) -> None:
    reader = shop([document(1, "lamp", vector=unit(1))])
    with engine.writer(reader.spec.index, 1) as writer:
        for number in range(2, 30):
            writer.write([document(number, "lamp", vector=unit(1, 0.01 * number))])
            writer.commit(number)
    assert found(reader, SearchQuery(words("lamp"))) == {"p1"}
    reader.refresh()
    assert len(found(reader, SearchQuery(words("lamp")))) == 29
    assert len(found(reader, SearchQuery(vector=unit(1), vector_k=100))) == 29


def test_rewriting_replaces_text_vector_and_values(engine: Engine, shop: OpenShop) -> None:
    reader = shop([document(1, "lamp", vector=unit(1), brand="Alma"), document(2, "lamp", vector=unit(0, 1))])
    with engine.writer(reader.spec.index, 1) as writer:
        writer.write([document(1, "desk", change=3, vector=unit(0, 0, 1), brand="Brod")])
        writer.commit(3)
    reader.refresh()
    assert found(reader, SearchQuery(words("lamp"))) == {"p2"}
    assert found(reader, SearchQuery(scope=Scope(filter=In("brand", ("Alma",))))) == set()
    nearest = reader.search(SearchQuery(vector=unit(0, 0, 1), vector_k=1)).neighbours
    assert nearest[0].id == "p1"
    assert nearest[0].score == pytest.approx(1.0, abs=1e-3)
    assert reader.document_count() == 2


def test_a_product_twice_in_one_batch_counts_once(engine: Engine, shop: OpenShop) -> None:
    reader = shop([document(1, "lamp", change=1), document(1, "desk", change=2)])
    assert found(reader, SearchQuery()) == {"p1"}
    assert found(reader, SearchQuery(words("desk"))) == {"p1"}


@pytest.mark.parametrize(
    "odd",
    [
        document(1, "lamp", brand="x" * 40_000),
        document(1, "lamp", brand=tuple(f"brand {number}" for number in range(2_000))),
        document(1, "lamp", description="many words " * 50_000),
        document(1, "lamp", description=" ".join(f"word{number}" for number in range(50_000))),
        document(1, "lamp", description="x" * 500_000),
        document(1, "lamp \x00 \ufffe \U0010ffff", brand="\x00"),
        document(1, "lamp", weight=1e300),
        document(1, "lamp", weight=(0.1, -0.0, 1e-300)),
        document(1, "lamp", price=2**53),
        document(1, "lamp", released_at=-62_135_596_800),
        document(1, "lamp", variants=[{"sku": (f"s{number}",), "size": ("L",)} for number in range(3_000)]),
        replace(document(1, "lamp"), source=b'{"id":"p1","title":"' + b"x" * 900_000 + b'"}'),
        replace(document(1, "lamp"), source='{"a":"\u2028\U0001f98a\\u0000 \\ud800"}'.encode()),
        replace(document(1, "lamp"), id="ü" * 256, values={}),
    ],
    ids=lambda odd: f"{odd.id[:3]} {str(odd.texts)[:40]} {str(odd.values)[:40]} {len(odd.variants)} {len(odd.source)}",
)
def test_products_may_be_odd(shop: OpenShop, odd: IndexDocument) -> None:
    reader = shop([odd, document(2, "lamp")])
    assert found(reader, SearchQuery(words("lamp"))) == {odd.id, "p2"}
    assert reader.sources([odd.id]) == [odd.source]


def test_sources_and_vectors_come_back(reader: EngineReader) -> None:
    assert reader.sources(["p3", "none", "p1"]) == [b'{"id":"p3"}', None, b'{"id":"p1"}']
    there, without, missing = reader.vectors(["p1", "p7", "none"])
    assert there is not None
    np.testing.assert_allclose(there, unit(1), atol=1e-3)
    assert without is None
    assert missing is None
