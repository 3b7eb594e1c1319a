"""Building: a generation beside the live one, checked, then switched to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from indexer.engines.protocol import Engine, EngineReader, GenerationSpec
from indexer.engines.query import Alternative, Scope, TermGroup, Words
from indexer.errors import ConflictError, CorruptionError
from indexer.fields import Schema, schema_from_json, schema_to_json
from indexer.jobs.applying import Applied, apply_changes
from indexer.jobs.cutoff import fit_min_cosine
from indexer.jobs.embedding import Embedder
from indexer.jobs.progress import Progress
from indexer.jobs.tally import Tally
from indexer.store.protocol import CatalogueStore
from indexer.store.records import GenerationRecord, GenerationState

_KEPT = {GenerationState.LIVE, GenerationState.PREVIOUS, GenerationState.BUILDING, GenerationState.READY}
_SAMPLED_WORDS = 20


@dataclass(frozen=True, slots=True)
class Built:
    """number: of the generation that is live now; products: in it; applied: what the engine took in this run."""

    number: int
    products: int
    applied: Applied
    resumed: bool


def build_generation(
    catalogue: CatalogueStore,
    engine: Engine,
    index: str,
    settings: Mapping[str, Any],
    embedder: Embedder | None,
    progress: Progress,
    note: str = "",
) -> Built:
    """Builds the generation that `settings` describe and makes it live.

    A build of the same settings that was interrupted is gone on with. The old generation answers until the switch and
    stays for a roll-back.

    Args:
        settings: of the index, with its "schema"; a generation carries all of them.

    Raises:
        Stopped: asked to; what is built stays, and the next run goes on from there.
        CorruptionError: the new generation fails its check; the old one stays live.
    """
    schema = schema_from_json(settings["schema"])
    record, resumed = _record(catalogue, engine, index, settings, schema, embedder, note)
    tally = Tally()
    with engine.writer(index, record.number) as writer:
        progress.stage("indexing", max(0, catalogue.count(index)))
        applied = apply_changes(catalogue, index, writer, schema, embedder, progress, None if resumed else tally)
        progress.stage("finishing", None)
        writer.finish(_cutoff(catalogue, engine, index, record.number, embedder))
        # What changed while the graph was built.
        late = apply_changes(catalogue, index, writer, schema, embedder, progress)
        check_generation(catalogue, engine, index, record.number)
        catalogue.generations.advance(index, record.number, late.change_number)
        if record.state is GenerationState.BUILDING:
            catalogue.generations.mark_ready(index, record.number)
        switch_generation(catalogue, engine, index, record.number)
    if not resumed:
        catalogue.attributes.replace(index, tally.counts())
    prune_generations(catalogue, engine, index)
    total = Applied(applied.written + late.written, applied.deleted + late.deleted, late.change_number)
    return Built(record.number, catalogue.count(index), total, resumed)


def switch_generation(catalogue: CatalogueStore, engine: Engine, index: str, number: int) -> None:
    """Points the index at a generation. The engine's pointer is what readers follow, so it moves first."""
    engine.switch(index, number)
    live = catalogue.generations.live(index)
    if live is None or live.number != number:
        catalogue.generations.switch(index, number)


def settle_switch(catalogue: CatalogueStore, engine: Engine, index: str, *, rolling_back: bool = False) -> None:
    """Makes engine and catalogue name the same live generation again, where a crash or a damaged pointer parted them.

    Whoever is about to write to the index calls it first.

    Args:
        rolling_back: the caller rolls back; a roll-back that was cut off is then left for it to go on with.
    """
    try:
        number = engine.live(index)
    except CorruptionError:
        number = None
    recorded = catalogue.generations.live(index)
    if number is None:
        if recorded is not None and recorded.number in engine.generations(index):
            engine.switch(index, recorded.number)
    elif recorded is None or recorded.number != number:
        state = catalogue.generations.get(index, number).state
        if not (rolling_back and state is GenerationState.PREVIOUS):
            catalogue.generations.switch(index, number)


def roll_back(
    catalogue: CatalogueStore, engine: Engine, index: str, embedder: Embedder | None, progress: Progress
) -> GenerationRecord:
    """Makes the previous generation live again, with its settings, after replaying what changed since.

    Args:
        embedder: of the previous generation's encoder.

    Raises:
        ConflictError: there is no previous generation.
    """
    previous = previous_generation(catalogue, index)
    schema = schema_from_json(previous.spec["settings"]["schema"])
    with engine.writer(index, previous.number) as writer:
        progress.stage("replaying", None)
        applied = apply_changes(catalogue, index, writer, schema, embedder, progress)
        catalogue.generations.advance(index, previous.number, applied.change_number)
        # The settings first: after the recorded switch, a roll-back that was cut off would look like a whole one.
        record = catalogue.get_index(index)
        catalogue.update_settings(index, previous.spec["settings"], record.settings_version)
        switch_generation(catalogue, engine, index, previous.number)
    return catalogue.generations.get(index, previous.number)


def previous_generation(catalogue: CatalogueStore, index: str) -> GenerationRecord:
    """The generation that a roll-back goes to.

    Raises:
        ConflictError: there is none.
    """
    for record in catalogue.generations.list_all(index):
        if record.state is GenerationState.PREVIOUS:
            return record
    raise ConflictError(f"index {index!r} has no previous generation to roll back to: it was built only once")


def check_generation(catalogue: CatalogueStore, engine: Engine, index: str, number: int) -> None:
    """Compares a generation with the catalogue: the count, and that a sample of its own words finds products.

    Raises:
        CorruptionError: they differ.
    """
    reader = engine.reader(index, number)
    try:
        found, wanted = reader.document_count(), catalogue.count(index)
        newest = catalogue.get_index(index).change_number
        # Products that others write meanwhile are not in it yet, and are replayed before anybody searches it.
        if found != wanted and reader.change_number == newest:
            raise CorruptionError(
                f"generation {index}@{number} holds {found} products, the catalogue {wanted}: "
                f"run `shelfwise indexes rebuild {index}` again"
            )
        if found and not _answers(reader):
            raise CorruptionError(
                f"generation {index}@{number} holds {found} products but finds none of a sample of its own words: "
                f"run `shelfwise indexes rebuild {index}` again"
            )
    finally:
        reader.close()


def prune_generations(catalogue: CatalogueStore, engine: Engine, index: str) -> list[int]:
    """Drops what neither answers nor is kept for a roll-back; returns the numbers."""
    records = catalogue.generations.list_all(index)
    kept = {record.number for record in records if record.state in _KEPT}
    forgotten = [record.number for record in records if record.number not in kept]
    # Those that are recorded too, whether the engine lists them or not: one that was half made, or half dropped before
    # a crash, still takes up room.
    dropped = sorted({*engine.generations(index), *forgotten} - kept - {engine.live(index)})
    for number in dropped:
        engine.drop(index, number)
    for number in forgotten:
        catalogue.generations.delete(index, number)
    return dropped


def _record(
    catalogue: CatalogueStore,
    engine: Engine,
    index: str,
    settings: Mapping[str, Any],
    schema: Schema,
    embedder: Embedder | None,
    note: str,
) -> tuple[GenerationRecord, bool]:
    """The generation to build, and whether an earlier run began it."""
    encoder_version = embedder.version if embedder is not None else ""
    spec = {"settings": {**settings, "schema": schema_to_json(schema)}, "encoder_version": encoder_version}
    for record in reversed(catalogue.generations.list_all(index)):
        if record.state in (GenerationState.BUILDING, GenerationState.READY):
            if dict(record.spec) == spec and record.number in engine.generations(index):
                return record, True
            catalogue.generations.mark_failed(index, record.number, "its settings were changed before it was ready")
    record = catalogue.generations.create(index, spec, note)
    if record.number in engine.generations(index):
        engine.drop(index, record.number)
    dim = embedder.dim if embedder is not None else 0
    engine.create(GenerationSpec(index, record.number, schema, encoder_version, dim))
    return record, False


def _cutoff(
    catalogue: CatalogueStore, engine: Engine, index: str, number: int, embedder: Embedder | None
) -> float | None:
    if embedder is None:
        return None
    reader = engine.reader(index, number)
    try:
        return fit_min_cosine(catalogue, reader, embedder.encoder)
    finally:
        reader.close()


def _answers(reader: EngineReader) -> bool:
    """Whether any of the most frequent words of the generation's own vocabulary finds products."""
    words = reader.vocabulary(Scope()).starting_with("", _SAMPLED_WORDS)
    languages = reader.spec.schema.all_languages
    asked = (Words((TermGroup((Alternative((word,)),)),), languages=languages) for word, _ in words)
    return not words or any(reader.count(query, Scope()) for query in asked)
