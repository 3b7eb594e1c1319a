"""What becomes searchable when an import is refused, stopped or damaged, and how an index recovers from lost files."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from elasticsearch_server import remove_everything
from shops import ask

from indexer.engines.elasticsearch.cluster import Cluster
from indexer.engines.elasticsearch.settings import ElasticsearchSettings
from indexer.errors import ConfigurationError as IndexerConfigurationError
from indexer.errors import ConflictError, CorruptionError, FeedError, RefusedError
from indexer.errors import NotFoundError as IndexerNotFoundError
from indexer.feeds.errors import TruncatedFeedError
from indexer.feeds.records import Rejected, Row
from indexer.fields import Field, FieldType, Schema
from indexer.jobs.importing import ImportOptions
from indexer.jobs.locks import IndexLocks, Work, lost
from indexer.jobs.progress import Silent, Stopped
from indexer.product import Product, content_hash, text_hash
from indexer.store.records import GenerationState, StoredProduct
from search.config import Config
from search.errors import NotFoundError
from search.maintenance import Imported, Maintenance
from search.services import Services
from search.settings import IndexSettings

PRODUCTS = 10
UNREADABLE = Rejected(50, "", "id", "", "no id")
BAD = Rejected(50, "p50", "price", "free", "not a price")


class Shop:
    """The index "shop" of one data directory, worked on as a command would.

    Args:
        settings: that name the engine; () for the embedded one.
    """

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.settings = settings
        self.services = Services(Config(data_dir=folder, text_model="hashing", threads=1, refresh_ms=0, **settings))
        self.maintenance = Maintenance(self.services)

    def lose(self, number: int | None = None) -> None:
        """Somebody removes a generation, or all of the index, from under the engine."""
        if not self.settings:
            shutil.rmtree(self.folder / "indexes" / (f"shop/{number}" if number else ""))
            return
        name = f"{self.settings['elasticsearch_prefix']}shop@"
        cluster = Cluster(on_elasticsearch(**self.settings))
        for one in [number] if number else self.services.engine.generations("shop"):
            cluster.ask("DELETE", f"{name}{one}")
        cluster.close()

    def take(
        self, rows: Iterable[Row | Rejected], options: ImportOptions | None = None, progress: Silent | None = None
    ) -> Imported:
        return self.maintenance.import_feed("shop", rows, options or ImportOptions(), progress or Silent())

    def found(self, word: str) -> int:
        return ask(self.services.searcher("shop"), q=word, mode="lexical").total

    def declared(self) -> set[str]:
        """The attributes that the live generation can filter by."""
        return {field.attribute for field in self.services.searcher("shop").schema.attributes}

    def counts(self) -> dict[str, int]:
        return {entry.name: entry.count for entry in self.services.catalogue.attributes.list_all("shop")}

    def generations(self) -> dict[int, GenerationState]:
        return {one.number: one.state for one in self.services.catalogue.generations.list_all("shop")}


@pytest.fixture(params=["embedded", "elasticsearch"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    settings: dict[str, Any] = {}
    if request.param == "elasticsearch":
        settings = {
            "engine": "elasticsearch",
            "elasticsearch_url": request.getfixturevalue("elasticsearch_url"),
            "elasticsearch_prefix": f"test-{uuid.uuid4().hex[:12]}-",
            "elasticsearch_replicas": 0,
        }
    opened = Shop(tmp_path / "data", **settings)
    yield opened
    opened.services.close()
    if settings:
        remove_everything(on_elasticsearch(**settings))


def on_elasticsearch(**settings: Any) -> ElasticsearchSettings:
    return ElasticsearchSettings(urls=(settings["elasticsearch_url"],), prefix=settings["elasticsearch_prefix"])


def lamps(first: int, count: int, edition: str = "first", **attributes: Any) -> list[Row | Rejected]:
    return [Row(n, n, Product(f"p{n}", f"Lamp {edition}", attributes=attributes)) for n in range(first, first + count)]


def breaking(rows: Iterable[Row | Rejected], error: FeedError) -> Iterator[Row | Rejected]:
    yield from rows
    raise error


class StopsAtOnce(Silent):
    def stopping(self) -> bool:
        return True


class StopsAfterOneChunk(Silent):
    def __init__(self) -> None:
        self.advanced = 0

    def advance(self, done: int) -> None:
        self.advanced += done

    def stopping(self) -> bool:
        return self.advanced >= 500


def refused_feeds() -> Mapping[str, tuple[Iterable[Row | Rejected], ImportOptions, str]]:
    second = lamps(0, PRODUCTS, "second", watts=5)
    return {
        "too many would go": (second[:5], ImportOptions(sync=True), "5 of 10 products would be removed"),
        "unreadable": ([*second, UNREADABLE], ImportOptions(sync=True), "1 of 11 rows have no readable id"),
        "breaks off": (breaking(second, TruncatedFeedError("cut")), ImportOptions(sync=True), "breaks off"),
        "strict": ([*second, BAD], ImportOptions(strict=True), "line 50, field 'price': not a price"),
    }


@pytest.mark.parametrize("name", refused_feeds())
def test_the_rows_of_a_refused_import_are_searchable(shop: Shop, name: str) -> None:
    shop.take(lamps(0, PRODUCTS))
    rows, options, message = refused_feeds()[name]
    with pytest.raises(RefusedError, match=rf"{message}(.|\n)*imported and searchable"):
        shop.take(rows, options)
    assert (shop.found("lamp"), shop.found("second")) == (PRODUCTS, 5 if name == "too many would go" else PRODUCTS)


@pytest.mark.parametrize("name", ["unreadable", "breaks off", "strict"])
def test_a_refused_first_import_builds_from_what_was_written(shop: Shop, name: str) -> None:
    rows, options, message = refused_feeds()[name]
    with pytest.raises(RefusedError, match=message):
        shop.take(rows, options)
    assert (shop.found("second"), shop.declared()) == (PRODUCTS, {"watts"})


def test_a_strict_import_whose_first_row_is_bad_promises_nothing(shop: Shop) -> None:
    with pytest.raises(RefusedError, match="nothing was imported"):
        shop.take([BAD, *lamps(0, 3)], ImportOptions(strict=True))
    shop.take(lamps(0, 3, watts=5))
    assert (shop.found("lamp"), shop.declared()) == (3, {"watts"})


def test_a_feed_that_is_damaged_behind_its_first_rows_is_searchable_up_to_there(shop: Shop) -> None:
    imported = shop.take(breaking(lamps(0, 700), FeedError("the gzip stream is damaged")))
    assert imported.report.truncated == "the gzip stream is damaged"
    assert shop.found("lamp") == 700


def test_a_feed_without_one_row_removes_nothing_even_when_forced(shop: Shop) -> None:
    shop.take(lamps(0, PRODUCTS))
    with pytest.raises(TruncatedFeedError):
        shop.take(breaking([], TruncatedFeedError("cut")), ImportOptions(sync=True, force=True))
    assert shop.found("lamp") == PRODUCTS


def stopped_first_import(shop: Shop) -> None:
    with pytest.raises(Stopped):
        shop.take(lamps(0, 700, watts=5), progress=StopsAfterOneChunk())


def test_catching_up_after_a_stopped_first_import_declares_what_it_left(shop: Shop) -> None:
    stopped_first_import(shop)
    shop.maintenance.catch_up("shop", Silent())
    assert (shop.found("lamp"), shop.declared(), shop.counts()) == (500, {"watts"}, {"watts": 500})


def test_a_rebuild_after_a_stopped_first_import_declares_what_it_left(shop: Shop) -> None:
    stopped_first_import(shop)
    shop.maintenance.rebuild("shop", Silent())
    assert (shop.found("lamp"), shop.declared()) == (500, {"watts"})


def test_another_feed_after_a_stopped_first_import_declares_what_both_have(shop: Shop) -> None:
    stopped_first_import(shop)
    shop.take(lamps(1000, 3, colour="red"))
    assert (shop.found("lamp"), shop.declared()) == (503, {"watts", "colour"})
    assert shop.counts() == {"watts": 500, "colour": 3}


def test_an_index_that_was_built_while_empty_declares_with_its_first_products(shop: Shop) -> None:
    shop.take([BAD])
    shop.take(lamps(0, 3, watts=5))
    assert (shop.found("lamp"), shop.declared()) == (3, {"watts"})


def test_what_is_declared_survives_the_loss_of_the_generation(shop: Shop) -> None:
    shop.take(lamps(0, PRODUCTS, watts=5))
    shop.lose()
    shop.take(lamps(100, 1, colour="red"))
    assert (shop.found("lamp"), shop.declared()) == (PRODUCTS + 1, {"watts"})


def test_a_lost_generation_is_told_with_its_remedy(shop: Shop) -> None:
    shop.take(lamps(0, PRODUCTS))
    shop.lose()
    with pytest.raises(NotFoundError, match=r"10 products.*`shelfwise indexes rebuild shop`"):
        shop.services.searcher("shop")
    shop.maintenance.rebuild("shop", Silent())
    assert shop.found("lamp") == PRODUCTS
    # The record of the lost one is no place to roll back to.
    assert shop.generations() == {2: GenerationState.LIVE}


def test_a_previous_generation_whose_files_are_gone_is_forgotten(shop: Shop) -> None:
    shop.take(lamps(0, PRODUCTS))
    shop.maintenance.rebuild("shop", Silent())
    shop.lose(1)
    with pytest.raises(
        IndexerNotFoundError, match=r"'shop' has no previous generation to roll back to.*files of shop@1"
    ):
        shop.maintenance.roll_back("shop", Silent())
    assert shop.found("lamp") == PRODUCTS


def with_older_catalogue(shop: Shop, rebuilds: int) -> Shop:
    """The catalogue as it was after the first import, beside the engine's files after so many rebuilds."""
    shop.take(lamps(0, PRODUCTS))
    older = shop.folder.parent / "older.db"
    shop.services.catalogue.backup(older)
    shop.take(lamps(0, PRODUCTS, "second"))
    for _ in range(rebuilds):
        shop.maintenance.rebuild("shop", Silent())
    shop.services.close()
    for path in shop.folder.glob("catalogue.db*"):
        path.unlink()
    shutil.copy(older, shop.folder / "catalogue.db")
    return Shop(shop.folder, **shop.settings)


@pytest.mark.parametrize("rebuilds", [1, 2, 3])
@pytest.mark.parametrize("work", ["import", "update", "rebuild"])
def test_an_older_catalogue_wins_over_a_generation_that_it_does_not_know(shop: Shop, rebuilds: int, work: str) -> None:
    restored = with_older_catalogue(shop, rebuilds)
    if rebuilds == 1:  # its own generation is gone too, and the next number is that of the unknown one
        shop.lose(1)
    if work == "import":
        restored.take(lamps(PRODUCTS, 1))
    elif work == "update":
        restored.maintenance.catch_up("shop", Silent())
    else:
        restored.maintenance.rebuild("shop", Silent())
    assert restored.found("first") == PRODUCTS + (work == "import")
    assert restored.found("second") == 0
    live = restored.services.engine.live("shop")
    assert restored.generations() == {live: GenerationState.LIVE}
    assert restored.services.engine.generations("shop") == [live]


def test_a_known_generation_that_still_has_its_files_takes_over_from_an_unknown_one(shop: Shop) -> None:
    shop.take(lamps(0, PRODUCTS))
    catalogue = shop.services.catalogue
    shop.maintenance.rebuild("shop", Silent())
    shop.maintenance.roll_back("shop", Silent())
    catalogue.generations.delete("shop", 2)
    shop.services.engine.switch("shop", 2)
    shop.take(lamps(0, PRODUCTS, "second"))
    assert (shop.services.engine.live("shop"), shop.found("second")) == (1, PRODUCTS)


def test_a_generation_that_is_ahead_of_its_catalogue_is_not_written_to(shop: Shop) -> None:
    restored = with_older_catalogue(shop, 1)
    with pytest.raises(CorruptionError, match=r"at change 20, but the catalogue at 11.*indexes rebuild shop`"):
        restored.take(lamps(PRODUCTS, 1))
    restored.maintenance.rebuild("shop", Silent())
    assert (restored.found("first"), restored.found("second")) == (PRODUCTS + 1, 0)


def test_a_build_over_an_unknown_generation_that_was_cut_off_is_gone_on_with(shop: Shop) -> None:
    restored = with_older_catalogue(shop, 1)
    shop.lose(1)
    with pytest.raises(Stopped):
        restored.maintenance.rebuild("shop", StopsAtOnce())
    assert restored.generations()[2] is GenerationState.FAILED
    restored.maintenance.rebuild("shop", Silent())
    assert (restored.found("first"), restored.found("second")) == (PRODUCTS, 0)


def test_catching_up_declares_although_an_empty_generation_is_live(shop: Shop) -> None:
    shop.take([BAD])
    stopped_first_import(shop)
    shop.maintenance.catch_up("shop", Silent())
    assert (shop.found("lamp"), shop.declared()) == (500, {"watts"})


def test_a_roll_back_keeps_the_ranking_that_is_in_force(shop: Shop) -> None:
    shop.take(lamps(0, PRODUCTS))
    settings, version = shop.services.settings("shop")
    shop.maintenance.change_settings(
        "shop", replace(settings, ranking=replace(settings.ranking, vector_weight=0.9)), version, Silent()
    )
    shop.maintenance.rebuild("shop", Silent())
    shop.maintenance.roll_back("shop", Silent())
    assert shop.services.settings("shop")[0].ranking.vector_weight == 0.9


def test_a_roll_back_takes_the_old_ranking_where_the_present_one_needs_a_field_that_is_gone(shop: Shop) -> None:
    shop.take(lamps(0, PRODUCTS))
    settings, version = shop.services.settings("shop")
    weighed = settings.schema.with_attributes([Field("weight", FieldType.NUMBER, "weight")])
    changed = IndexSettings(weighed, replace(settings.ranking, tie_break=("weight:asc",)))
    shop.maintenance.change_settings("shop", changed, version, Silent())
    shop.maintenance.roll_back("shop", Silent())
    assert shop.services.settings("shop")[0] == settings
    assert shop.found("lamp") == PRODUCTS


def test_a_new_index_is_not_made_with_settings_that_it_cannot_have(shop: Shop) -> None:
    with pytest.raises(IndexerConfigurationError, match="each brace closed"):
        shop.maintenance.ensure_index("shop", IndexSettings(Schema(text_template="{title")))
    assert shop.services.catalogue.list_indexes() == []


def test_a_null_in_the_catalogue_holds_nothing_up(shop: Shop) -> None:
    shop.take(lamps(0, PRODUCTS, watts=5))
    document = b'{"attributes":{"watts":null},"id":"p0","title":"Lamp second"}'
    shop.services.catalogue.upsert("shop", [StoredProduct("p0", document, content_hash(document), text_hash("Lamp"))])
    shop.maintenance.catch_up("shop", Silent())
    assert shop.found("second") == 1
    shop.maintenance.rebuild("shop", Silent())
    assert (shop.found("second"), shop.counts()) == (1, {"watts": PRODUCTS - 1})


def test_a_build_whose_lock_was_lost_does_not_switch(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.take(lamps(0, PRODUCTS))
    check = IndexLocks.check
    asked: list[tuple[str, Work]] = []

    def is_lost(self: IndexLocks, index: str, work: Work) -> None:
        check(self, index, work)
        asked.append((index, work))
        raise lost(index, work)

    monkeypatch.setattr(IndexLocks, "check", is_lost)
    with pytest.raises(ConflictError, match="the right to have index 'shop' built was lost with the connection"):
        shop.maintenance.rebuild("shop", Silent())
    assert asked == [("shop", Work.BUILD)]
    assert shop.generations()[1] is GenerationState.LIVE
    assert shop.services.engine.live("shop") == 1
    monkeypatch.undo()
    assert shop.maintenance.rebuild("shop", Silent()).resumed
    monkeypatch.setattr(IndexLocks, "check", is_lost)
    with pytest.raises(ConflictError, match="was lost"):
        shop.maintenance.roll_back("shop", Silent())
    assert shop.services.engine.live("shop") == 2
