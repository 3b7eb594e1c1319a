"""The judge: compares what a data directory holds with the client's ledger, and the index with the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import orjson
from crash_shop import Ledger, description, price, text, title, word

from indexer.encoders.hashing import HashingEncoder
from indexer.engines.protocol import EngineReader
from indexer.engines.query import Alternative, Filter, In, Range, Scope, SearchQuery, TermGroup, Words
from indexer.errors import IndexerError
from search.config import Config
from search.services import Services

_SHOWN = 3
_ALL = 10_000


def services_of(data_dir: Path) -> Services:
    return Services(Config(data_dir=data_dir, text_model="hashing", refresh_ms=0))


def judge(data_dir: Path, index: str, ledger: Ledger, *, complete: bool = False) -> list[str]:
    """What is wrong; empty where nothing is.

    Args:
        complete: the command ended well, so that index and catalogue are the same to the last change.
    """
    with services_of(data_dir) as services:
        try:
            return [*_catalogue(services, index, ledger), *_index(services, index, ledger, complete)]
        except IndexerError as error:
            return [f"cannot be opened: {type(error).__name__}: {error}"]


def _catalogue(services: Services, index: str, ledger: Ledger) -> Iterator[str]:
    if index not in {record.name for record in services.catalogue.list_indexes()}:
        yield from _lost(ledger, {})
        return
    number = services.catalogue.get_index(index).change_number
    if number < ledger.change_number:
        yield f"lost: the catalogue is at change {number}, {ledger.change_number} was acknowledged"
    versions = {
        id_: _version_of(id_, document) for id_, (_, document) in _rows(services, index).items() if document is not None
    }
    yield from _lost(ledger, versions)


def _lost(ledger: Ledger, versions: dict[str, int | None]) -> Iterator[str]:
    wrong = [
        f"{id_} has version {versions.get(id_)}, promised was one of {sorted(allowed, key=str)}"
        for id_, allowed in ledger.allowed.items()
        if versions.get(id_) not in allowed
    ]
    wrong += [f"{id_} was never sent" for id_ in versions.keys() - ledger.allowed.keys()]
    if wrong:
        yield f"lost: {len(wrong)} products are not as acknowledged, such as {'; '.join(wrong[:_SHOWN])}"


def _index(services: Services, index: str, ledger: Ledger, complete: bool) -> Iterator[str]:
    live = services.engine.live(index)
    if live is None:
        if ledger.searchable:
            yield "the index has no live generation any more"
        return
    reader = services.engine.reader(index, live)
    rows = _rows(services, index)
    seen = _seen(reader, sorted(ledger.versions))
    mixed = [f"{id_}: {ways}" for id_, ways in seen.items() if len({*ways.values()}) > 1]
    if mixed:
        yield f"half-visible: {len(mixed)} are of several versions at once, such as {'; '.join(mixed[:_SHOWN])}"
    stale = []
    for id_, (number, document) in rows.items():
        if number <= reader.change_number:
            wanted, found = _version_of(id_, document), seen.get(id_, {}).get("source")
            if wanted != found:
                stale.append(f"{id_} has version {found} in the index, {wanted} in the catalogue (change {number})")
    stale += [f"{id_} is not in the catalogue" for id_ in seen.keys() - rows.keys()]
    if stale:
        yield (
            f"half-visible: the index says that it has every change up to {reader.change_number}, but {len(stale)} are "
            f"missing, such as {'; '.join(stale[:_SHOWN])}"
        )
    if reader.document_count() != len(seen):
        yield f"half-visible: the index counts {reader.document_count()} products, searches find {len(seen)}"
    if complete:
        newest = services.catalogue.get_index(index).change_number
        if reader.change_number != newest:
            yield f"the index is at change {reader.change_number}, the catalogue at {newest}"
        yield from _generations(services, index, live)
    reader.close()


def _generations(services: Services, index: str, live: int) -> Iterator[str]:
    recorded = services.catalogue.generations.live(index)
    if recorded is None or recorded.number != live:
        yield f"the engine's live generation is {live}, the recorded one {recorded and recorded.number}"


def leftovers(data_dir: Path, index: str) -> list[str]:
    """Generations on the disk that nobody knows of; after a build there are none."""
    with services_of(data_dir) as services:
        known = {record.number for record in services.catalogue.generations.list_all(index)}
    folders = {int(path.name) for path in (data_dir / "indexes" / index).iterdir() if path.name.isdigit()}
    return [f"generation {number} was left behind" for number in sorted(folders - known)]


def _rows(services: Services, index: str) -> dict[str, tuple[int, bytes | None]]:
    """id → (change number, document; None for a tombstone)."""
    rows: dict[str, tuple[int, bytes | None]] = {}
    after = 0
    while batch := services.catalogue.changes(index, after, 500):
        rows.update((change.id, (change.change_number, change.document)) for change in batch)
        after = batch[-1].change_number
    return rows


def _version_of(id_: str, document: bytes | None) -> int | None:
    """The version of a product; 0 where its parts do not agree, or are another product's."""
    if document is None:
        return None
    try:
        product = orjson.loads(document)
        version = (product["offers"]["default"]["price"] - 1000) // 100
        whole = (product["title"], product["description"], product["attributes"]["edition"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return 0
    return version if whole == (title(id_, version), description(version), word(version)) else 0


def _seen(reader: EngineReader, versions: list[int]) -> dict[str, dict[str, int | None]]:
    """id → what version each way of looking at the index finds it in."""
    schema = reader.spec.schema
    price_column = schema.column("price", "default")
    ways: dict[str, dict[str, int]] = {
        "text": {},
        "filter": {},
        "filter of words": {},
        "price": {},
        "price of words": {},
    }
    for version in versions:
        edition = In("edition", (word(version),))
        money = Range(price_column, price(version), price(version))
        for name, query in (
            ("text", _words(word(version))),
            ("filter", _browse(edition)),
            ("filter of words", _words("lamp", edition)),
            ("price", _browse(money)),
            ("price of words", _words("lamp", money)),
        ):
            for hit in reader.search(query).lexical:
                # The same product twice on one way: two versions of it are visible.
                ways[name][hit.id] = 0 if hit.id in ways[name] else version
    ids = sorted({id_ for found in ways.values() for id_ in found})
    seen: dict[str, dict[str, int | None]] = {id_: {name: ways[name].get(id_) for name in ways} for id_ in ids}
    for id_, source, vector in zip(ids, reader.sources(ids), reader.vectors(ids), strict=True):
        seen[id_]["source"] = version = _version_of(id_, source)
        seen[id_]["vector"] = None
        if version and vector is not None:
            wanted = _ENCODER.encode_documents([text(id_, version)])[0]
            seen[id_]["vector"] = version if np.abs(vector - wanted).max() < 0.01 else 0
    return seen


def _words(text_: str, condition: Filter | None = None) -> SearchQuery:
    words = Words((TermGroup((Alternative((text_,)),)),))
    return SearchQuery(words, scope=Scope(filter=condition), limit=_ALL)


def _browse(condition: Filter) -> SearchQuery:
    return SearchQuery(scope=Scope(filter=condition), limit=_ALL)


_ENCODER = HashingEncoder()
