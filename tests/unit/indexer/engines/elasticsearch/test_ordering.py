"""Places of hits of several lists in one order."""

from __future__ import annotations

from indexer.engines.elasticsearch.ordering import places
from indexer.engines.query import SortKey


def test_places_go_by_the_keys_then_the_id_and_missing_values_come_last() -> None:
    found = {"b": [1, "x"], "a": [1, "x"], "c": [2, "y"], "d": [-(2**63), None], "e": [2, None]}
    keys = (SortKey("price", descending=True), SortKey("brand"))
    assert sorted(found, key=places(found, keys).__getitem__) == ["c", "e", "a", "b", "d"]
    assert sorted(found, key=places({id_: [] for id_ in found}, ()).__getitem__) == ["a", "b", "c", "d", "e"]
