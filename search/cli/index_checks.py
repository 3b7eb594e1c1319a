"""Checks of indexes: what the catalogue says, what the engine has, and whether a search answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from indexer.engines.embedded.layout import index_directory
from indexer.engines.protocol import EngineReader
from indexer.errors import IndexerError
from indexer.store.records import IndexRecord
from search.cli.finding import Finding, State
from search.cli.output import count
from search.errors import SearchError
from search.maintenance import Maintenance
from search.request import SearchRequest, resolve
from search.services import Services

_SAMPLE = 200


def check_index(services: Services, record: IndexRecord, *, searchable: bool) -> Iterator[Finding]:
    """All that is wrong with an index, or one line that it is well.

    Args:
        searchable: whether a search may be tried: its model is ready.
    """
    try:
        findings = list(_problems(services, record))
        live = services.engine.live(record.name)
        detail = "" if findings or live is None else _well(services, record, live, searchable=searchable)
    except (IndexerError, SearchError) as error:
        yield Finding(f"index {record.name}", State.PROBLEM, str(error))  # which says what to do
        return
    yield from findings
    if detail:
        yield Finding(f"index {record.name}", State.OK, detail)


def check_engine(services: Services, names: Sequence[str]) -> Iterator[Finding]:
    """What is wrong with the engine as a whole, and what it keeps of indexes that the catalogue does not know."""
    problems = services.engine.problems()
    for detail in problems:
        yield Finding("engine", State.PROBLEM, detail)  # which says what to do
    for stray in services.engine.strays(names) if not problems else ():
        yield Finding("indexes", State.WARNING, f"{stray} belongs to no index", "delete it to free its room")


def _problems(services: Services, record: IndexRecord) -> Iterator[Finding]:
    name, engine = record.name, services.engine
    check, update = f"index {name}", f"run `shelfwise indexes update {name}`"
    live = engine.live(name)
    recorded = services.catalogue.generations.live(name)
    if live is None:
        if record.product_count:
            detail = f"{count(record.product_count, 'product')}, of which none can be found: no generation is live"
            yield Finding(check, State.PROBLEM, detail, update)
        else:
            yield Finding(check, State.WARNING, "it is empty", f"run `shelfwise import FEED --index {name}`")
        return
    if live not in engine.generations(name):
        pointer = index_directory(services.config.index_dir, name) / "live"
        detail = f"{pointer} names generation {live}, which there is none of"
        yield Finding(check, State.PROBLEM, detail, f"delete that file, then {update}")
        return
    if recorded is None or recorded.number != live:
        said = "none does" if recorded is None else f"{recorded.number} does"
        yield Finding(check, State.PROBLEM, f"generation {live} answers, but the catalogue says that {said}", update)
    for number in engine.generations(name):
        reader = engine.reader(name, number)
        try:
            if number == live:
                yield from _live_problems(services, record, reader)
        finally:
            reader.close()
    try:
        Maintenance(services).check_space(name)
    except IndexerError as error:
        yield Finding(check, State.WARNING, str(error))


def _live_problems(services: Services, record: IndexRecord, reader: EngineReader) -> Iterator[Finding]:
    name = record.name
    check, rebuild = f"index {name}", f"run `shelfwise indexes rebuild {name}`"
    waiting = record.change_number - reader.change_number
    if waiting > 0:
        detail = f"{count(waiting, 'change')} of the catalogue cannot be found yet"
        yield Finding(check, State.WARNING, detail, f"run `shelfwise indexes update {name}`")
    elif reader.document_count() != record.product_count:
        detail = f"it holds {count(reader.document_count(), 'product')}, the catalogue {record.product_count:,}"
        yield Finding(check, State.PROBLEM, detail, rebuild)
    damage = reader.damage()
    for detail in damage:
        yield Finding(check, State.PROBLEM, detail)  # which says what to do
    if reader.spec.dim and not damage:
        ids = services.catalogue.ids(name, "", _SAMPLE)
        broken = [one for one, vector in zip(ids, reader.vectors(ids), strict=True) if not _is_sound(vector)]
        if broken:
            detail = (
                f"the vectors of {len(broken)} of {len(ids)} products are no unit vectors, that of {broken[0]!r} first"
            )
            yield Finding(check, State.PROBLEM, detail, rebuild)


def _is_sound(vector: np.ndarray | None) -> bool:
    """A product without a text has none; what is kept in half precision is a little off."""
    return vector is None or bool(abs(float(np.linalg.norm(vector.astype(np.float64))) - 1) < 0.01)


def _well(services: Services, record: IndexRecord, live: int, *, searchable: bool) -> str:
    """What there is to say of an index that is well; a search that lacks a part is an error.

    Raises:
        SearchError: a search does not answer with all its parts.
    """
    state = f"{count(record.product_count, 'product')}, generation {live} at change number {record.change_number:,}"
    if not searchable:
        return f"{state}; no search was tried, since its model is made ready on first use"
    searcher = services.searcher(record.name)
    response = searcher.search(resolve(SearchRequest(q="a", page_size=1), searcher.schema))
    for part in response.degraded:
        raise SearchError(f"a search goes without {part.stage}: {part.reason}")
    return f"{state}; a search took {response.timings_ms['total']:.0f} ms"
