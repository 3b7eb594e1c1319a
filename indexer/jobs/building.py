"""Building: a generation beside the live one, checked, then switched to."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from typing import Any

from indexer.engines.protocol import Engine, EngineReader, EngineWriter, GenerationSpec
from indexer.engines.query import Alternative, Scope, TermGroup, Words
from indexer.errors import CorruptionError
from indexer.fields import Schema, schema_from_json, schema_to_json
from indexer.jobs.applying import Applied, always, apply_changes
from indexer.jobs.cutoff import fit_neighbours
from indexer.jobs.embedding import Embedder
from indexer.jobs.progress import Progress
from indexer.jobs.switching import Switching, pointed_at, switch_generation
from indexer.jobs.tally import Tally
from indexer.store.protocol import CatalogueStore
from indexer.store.records import GenerationRecord, GenerationState

_KEPT = {GenerationState.LIVE, GenerationState.PREVIOUS, GenerationState.BUILDING, GenerationState.READY}
_SAMPLED_WORDS = 20


@dataclass(frozen=True, slots=True)
class Built:
    """What was built.

    Args:
        number: of the generation that is live now.
        products: in it.
        applied: what the engine took in this run.
        resumed: an earlier run had begun it.
        computed_vectors, reused_vectors: of texts, in this run.
    """

    number: int
    products: int
    applied: Applied
    resumed: bool
    computed_vectors: int = 0
    reused_vectors: int = 0


def build_generation(
    catalogue: CatalogueStore,
    engine: Engine,
    index: str,
    settings: Mapping[str, Any],
    embedder: Embedder | None,
    progress: Progress,
    note: str = "",
    switching: Switching = nullcontext,
) -> Built:
    """Builds the generation that `settings` describe and makes it live.

    A build of the same settings that was interrupted is gone on with. The old generation answers until the switch and
    stays for a roll-back.

    Args:
        settings: of the index, with its "schema"; a generation carries all of them.
        switching: entered for the last changes and the switch: keeps out whoever writes to the live generation.

    Raises:
        Stopped: asked to; what is built stays, and the next run goes on from there.
        CorruptionError: the new generation fails its check; the old one stays live, and the next run begins anew.
    """
    schema = schema_from_json(settings["schema"])
    record, resumed = _record(catalogue, engine, index, settings, schema, embedder, note)
    tally = Tally()
    try:
        applied = _fill(catalogue, engine, record, schema, embedder, progress, None if resumed else tally, switching)
    except CorruptionError as error:
        catalogue.generations.mark_failed(index, record.number, str(error))
        raise
    if not resumed:
        catalogue.attributes.replace(index, tally.counts())
    prune_generations(catalogue, engine, index)
    vectors = (embedder.computed, embedder.reused) if embedder is not None else (0, 0)
    return Built(record.number, catalogue.count(index), applied, resumed, *vectors)


def _fill(
    catalogue: CatalogueStore,
    engine: Engine,
    record: GenerationRecord,
    schema: Schema,
    embedder: Embedder | None,
    progress: Progress,
    tally: Tally | None,
    switching: Switching,
) -> Applied:
    """Takes everything into a generation, checks it and switches to it."""
    index = record.index
    # What is held is let go of last: whoever writes next opens the same generation.
    with ExitStack() as held, engine.writer(index, record.number) as writer:
        progress.stage("indexing", max(0, catalogue.count(index)))
        applied = apply_changes(catalogue, index, always(writer), schema, embedder, progress, tally)
        progress.stage("finishing", None)
        _finish(writer, catalogue, engine, index, record.number, embedder)
        # What changed while that was done; little is left for the time in which nobody else may write.
        applied = applied.then(apply_changes(catalogue, index, always(writer), schema, embedder, progress))
        held.enter_context(switching())
        applied = applied.then(apply_changes(catalogue, index, always(writer), schema, embedder, progress))
        check_generation(catalogue, engine, index, record.number, applied.rejected)
        catalogue.generations.advance(index, record.number, applied.change_number)
        if record.state is GenerationState.BUILDING:
            catalogue.generations.mark_ready(index, record.number)
        switch_generation(catalogue, engine, index, record.number)
    return applied


def check_generation(catalogue: CatalogueStore, engine: Engine, index: str, number: int, rejected: int = 0) -> None:
    """Compares a generation with the catalogue: the count, and that a sample of its own words finds products.

    Args:
        rejected: products that the engine did not take.

    Raises:
        CorruptionError: they differ.
    """
    reader = engine.reader(index, number)
    try:
        found, wanted = reader.document_count(), catalogue.count(index)
        newest = catalogue.get_index(index).change_number
        # Products that others write meanwhile are not in it yet, and are replayed before anybody searches it.
        if not wanted - rejected <= found <= wanted and reader.change_number == newest:
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
    there = set(engine.generations(index))
    kept = {
        record.number
        for record in records
        # A previous one whose files were lost is nothing to go back to.
        if record.state in _KEPT and (record.state is not GenerationState.PREVIOUS or record.number in there)
    }
    forgotten = [record.number for record in records if record.number not in kept]
    # Those that are recorded too, whether the engine lists them or not: one that was half made, or half dropped before
    # a crash, still takes up room.
    dropped = sorted({*there, *forgotten} - kept - {engine.live(index)})
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
    answering = pointed_at(engine, index)
    for record in reversed(catalogue.generations.list_all(index)):
        if record.state in (GenerationState.BUILDING, GenerationState.READY):
            there = record.number in engine.generations(index) and record.number != answering
            if dict(record.spec) == spec and there:
                return record, True
            catalogue.generations.mark_failed(index, record.number, "its settings were changed before it was ready")
    record = catalogue.generations.create(index, spec, note)
    if record.number == answering:
        # The catalogue is older than the generation that answers; that goes on answering until the switch.
        catalogue.generations.mark_failed(index, record.number, "its number is that of a generation of a later day")
        record = catalogue.generations.create(index, spec, note)
    if record.number in engine.generations(index):
        engine.drop(index, record.number)
    dim = embedder.dim if embedder is not None else 0
    engine.create(GenerationSpec(index, record.number, schema, encoder_version, dim))
    return record, False


def _finish(
    writer: EngineWriter,
    catalogue: CatalogueStore,
    engine: Engine,
    index: str,
    number: int,
    embedder: Embedder | None,
) -> None:
    if embedder is None:
        writer.finish()
        return
    reader = engine.reader(index, number)
    try:
        fitted = fit_neighbours(catalogue, reader, embedder.encoder)
    finally:
        reader.close()
    writer.finish(fitted.min_cosine, fitted.queries)


def _answers(reader: EngineReader) -> bool:
    """Whether any of the most frequent words of the generation's own vocabulary finds products."""
    words = reader.vocabulary(Scope()).starting_with("", _SAMPLED_WORDS)
    languages = reader.spec.schema.all_languages
    asked = (Words((TermGroup((Alternative((word,)),)),), languages=languages) for word, _ in words)
    return not words or any(reader.count(query, Scope()) for query in asked)
