"""Every implementation that the contract suite is run over, opened: a further one is one more entry of a table.

Of engines that table is ENGINES, of databases for the catalogue URLS.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import pytest
from elasticsearch_server import engine_of_its_own
from engine_cases import DIM, SCHEMA, SHOP, OpenShop
from postgresql_server import empty_database
from task_cases import StoppedClock

from indexer.engines.embedded.engine import EmbeddedEngine
from indexer.engines.protocol import Engine, EngineReader, GenerationSpec, IndexDocument
from indexer.store.catalogue import open_catalogue
from indexer.store.event_protocol import EventStore
from indexer.store.protocol import CatalogueStore
from indexer.store.task_protocol import LeaseStore, TaskStore


@contextmanager
def embedded(folder: Path, _: pytest.FixtureRequest) -> Iterator[Engine]:
    yield EmbeddedEngine(folder)


def elasticsearch(_: Path, request: pytest.FixtureRequest) -> AbstractContextManager[Engine]:
    return engine_of_its_own(request.getfixturevalue("elasticsearch_url"))


Opened = Callable[[Path, pytest.FixtureRequest], AbstractContextManager[Engine]]
ENGINES: dict[str, Opened] = {"embedded": embedded, "elasticsearch": elasticsearch}
KEPT_SHOPS = 5
"""So many indexes stay of those that were opened; what drew them at random is done with the others."""
URLS: dict[str, Callable[[Path], AbstractContextManager[str]]] = {
    "sqlite": lambda folder: nullcontext(f"sqlite:///{folder}/catalogue.db"),
    "postgresql": lambda folder: empty_database(),
}


@pytest.fixture(params=ENGINES, scope="module")
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with ENGINES[request.param](tmp_path_factory.mktemp(request.param), request) as opened:
        yield opened


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return iter(range(1, 1_000_000))


@pytest.fixture(scope="module")
def kept_shop(engine: Engine, numbers: Iterator[int]) -> OpenShop:
    """Opens a new index with these products."""

    def build(documents: Sequence[IndexDocument]) -> EngineReader:
        spec = GenerationSpec(f"shop {next(numbers)}/ü", 1, SCHEMA, "v1", DIM)
        engine.create(spec)
        with engine.writer(spec.index, 1) as writer:
            writer.write(documents)
            writer.commit(max(doc.change_number for doc in documents))
        return engine.reader(spec.index, 1)

    return build


@pytest.fixture(scope="module")
def shop(engine: Engine, kept_shop: OpenShop) -> OpenShop:
    """The same, for a while."""
    opened: deque[EngineReader] = deque()

    def build(documents: Sequence[IndexDocument]) -> EngineReader:
        reader = kept_shop(documents)
        opened.append(reader)
        if len(opened) > KEPT_SHOPS:
            oldest = opened.popleft()
            oldest.close()
            engine.drop(oldest.spec.index, oldest.spec.number)
        return reader

    return build


@pytest.fixture(scope="module")
def reader(kept_shop: OpenShop) -> EngineReader:
    return kept_shop(SHOP)


@pytest.fixture(params=URLS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Of an empty database."""
    with URLS[request.param](tmp_path) as made:
        yield made


@pytest.fixture(params=URLS, scope="module")
def lasting_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of a database that all tests of a module share."""
    with URLS[request.param](tmp_path_factory.mktemp("store")) as made:
        yield made


@pytest.fixture
def store(url: str) -> Iterator[CatalogueStore]:
    opened = open_catalogue(url)
    yield opened
    opened.close()


@pytest.fixture
def catalogue(store: CatalogueStore) -> CatalogueStore:
    """A store that has the index "shop"."""
    store.create_index("shop", {})
    return store


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def timed_store(url: str, clock: StoppedClock) -> Iterator[CatalogueStore]:
    """A store that goes by `clock`."""
    opened = open_catalogue(url, clock)
    yield opened
    opened.close()


@pytest.fixture
def tasks(timed_store: CatalogueStore) -> TaskStore:
    return timed_store.tasks


@pytest.fixture
def leases(timed_store: CatalogueStore) -> LeaseStore:
    return timed_store.leases


@pytest.fixture
def events(timed_store: CatalogueStore) -> EventStore:
    return timed_store.events
