"""What every catalogue store does with generations: built, live, previous, retired."""

from __future__ import annotations

import pytest

from indexer.errors import ConflictError, NotFoundError
from indexer.store.protocol import CatalogueStore
from indexer.store.records import GenerationState


def states(store: CatalogueStore) -> dict[int, str]:
    return {record.number: record.state.value for record in store.generations.list_all("shop")}


def ready_generation(store: CatalogueStore) -> int:
    number = store.generations.create("shop", {"encoder": "mini"}).number
    store.generations.mark_ready("shop", number)
    return number


def test_a_generation_is_built_then_live(catalogue: CatalogueStore) -> None:
    made = catalogue.generations.create("shop", {"encoder": "mini"}, note="first import")
    assert (made.index, made.number, made.state) == ("shop", 1, GenerationState.BUILDING)
    assert (made.spec, made.change_number, made.note) == ({"encoder": "mini"}, 0, "first import")
    assert catalogue.generations.get("shop", 1) == made
    assert catalogue.generations.live("shop") is None
    catalogue.generations.mark_ready("shop", 1)
    catalogue.generations.switch("shop", 1)
    live = catalogue.generations.live("shop")
    assert live is not None
    assert (live.number, live.state) == (1, GenerationState.LIVE)


def test_a_switch_keeps_one_generation_to_roll_back_to(catalogue: CatalogueStore) -> None:
    for _ in range(3):
        catalogue.generations.switch("shop", ready_generation(catalogue))
    assert states(catalogue) == {1: "retired", 2: "previous", 3: "live"}
    catalogue.generations.switch("shop", 2)
    assert states(catalogue) == {1: "retired", 2: "live", 3: "previous"}
    catalogue.generations.switch("shop", 2)
    assert states(catalogue) == {1: "retired", 2: "live", 3: "previous"}


def test_a_generation_that_is_not_ready_cannot_go_live(catalogue: CatalogueStore) -> None:
    catalogue.generations.switch("shop", ready_generation(catalogue))
    catalogue.generations.create("shop", {})
    with pytest.raises(ConflictError, match="shop@2 is building; wanted: ready or previous"):
        catalogue.generations.switch("shop", 2)
    catalogue.generations.mark_failed("shop", 2, "the disk was full")
    assert catalogue.generations.get("shop", 2).note == "the disk was full"
    with pytest.raises(ConflictError, match="shop@2 is failed"):
        catalogue.generations.switch("shop", 2)
    with pytest.raises(ConflictError, match="shop@1 is live, so that it cannot become failed"):
        catalogue.generations.mark_failed("shop", 1, "")
    assert states(catalogue) == {1: "live", 2: "failed"}


def test_a_generation_only_moves_forward(catalogue: CatalogueStore) -> None:
    ready_generation(catalogue)
    for reached, kept in ((7, 7), (3, 7), (9, 9)):
        catalogue.generations.advance("shop", 1, reached)
        assert catalogue.generations.get("shop", 1).change_number == kept


def test_the_number_of_a_deleted_generation_is_not_used_again(catalogue: CatalogueStore) -> None:
    catalogue.generations.switch("shop", ready_generation(catalogue))
    ready_generation(catalogue)
    catalogue.generations.delete("shop", 2)
    assert catalogue.generations.create("shop", {}).number == 3
    with pytest.raises(ConflictError, match="shop@1 is live"):
        catalogue.generations.delete("shop", 1)
    with pytest.raises(NotFoundError, match="shop@2 does not exist; there are: 1, 3"):
        catalogue.generations.get("shop", 2)
