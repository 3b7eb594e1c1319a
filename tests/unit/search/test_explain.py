from __future__ import annotations

from pathlib import Path

from indexer.documents import to_index_document
from indexer.engines.embedded.engine import EmbeddedEngine
from indexer.engines.protocol import EngineReader, GenerationSpec
from indexer.engines.query import And, In, Not, SearchQuery
from indexer.fields import Schema
from indexer.product import Product, encode_document
from search.explain import explain_hit, explain_missing
from search.fuse import Fused
from search.request import parse_request, resolve
from search.response import Degraded
from search.settings import Fusion, Ranking
from search.understand.understand import Understood, read_query, understand


def test_a_side_that_did_not_find_a_product_is_none(tmp_path: Path) -> None:
    understood, _ = understood_shop(tmp_path, "lamp")
    lexical = explain_hit(
        Fused("p", 0.5, 0, 3, 7.5, lexical_part=0.5), 4, understood, Ranking(fusion=Fusion.WEIGHTED_SUM)
    )
    assert lexical == {
        "place": 4,
        "lexical": {"rank": 3, "score": 7.5, "part": 0.5},
        "vector": None,
        "fusion": {"method": "weighted_sum", "rrf_k": 60, "vector_weight": 1.0, "score": 0.5},
    }
    vector = explain_hit(Fused("p", 0.25, 0, None, None, 1, 0.9, 0.0, 0.25), 1, understood, Ranking())
    assert vector["lexical"] is None
    assert vector["vector"] == {"rank": 1, "cosine": 0.9, "part": 0.25}


def test_each_failing_part_of_a_filter_is_named_as_a_person_writes_it(tmp_path: Path) -> None:
    understood, reader = understood_shop(tmp_path, "lamp", 'brand:Brod AND NOT id:"p1" AND mpn:X')
    result = reader.search(SearchQuery())
    assert isinstance(understood.scope.filter, And)
    why = explain_missing("p1", understood, "", {}, reader, result, (), 200)
    assert why["dropped_by"] == "filter"
    assert why["detail"] == ['brand:"Brod"', 'NOT id:"p1"', 'mpn:"X"']


def test_what_was_degraded_is_the_reason_on_the_vector_side(tmp_path: Path) -> None:
    understood, reader = understood_shop(tmp_path, "chair")
    result = reader.search(SearchQuery(understood.plan.words if understood.plan else None))
    why = explain_missing("p1", understood, "", {}, reader, result, (Degraded("vector", "on fire"),), 200)
    assert (why["dropped_by"], why["detail"], why["vector"]) == ("word", ["chair"], "on fire")
    refined = explain_missing("p1", understood, "", {"brand": Not(In("brand", ("Alma",)))}, reader, result, (), 200)
    assert (refined["dropped_by"], refined["detail"]) == ("refinement", ['NOT brand:"Alma"'])


def understood_shop(folder: Path, q: str, filters: str = "") -> tuple[Understood, EngineReader]:
    engine, schema = EmbeddedEngine(folder), Schema()
    engine.create(GenerationSpec("shop", 1, schema))
    with engine.writer("shop", 1) as writer:
        for number, product in enumerate(
            (Product("p1", "Lamp", brand="Alma"), Product("p2", "Chair", brand="Brod")), 1
        ):
            writer.write([to_index_document(product, schema, number, None, encode_document(product))])
        writer.commit(2)
    reader = engine.reader("shop", 1)
    resolved = resolve(parse_request({"q": q, "filters": filters}, "body"), schema)
    read = read_query(resolved.request, schema, Ranking(), None)
    return understand(read, resolved, reader, Ranking(), None, None), reader
