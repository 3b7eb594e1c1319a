"""Switching: which generation answers, and how engine and catalogue come to name the same one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Any

from indexer.engines.protocol import Engine
from indexer.errors import CorruptionError, NotFoundError
from indexer.fields import schema_from_json
from indexer.jobs.applying import always, apply_changes
from indexer.jobs.embedding import Embedder
from indexer.jobs.progress import Progress
from indexer.store.protocol import CatalogueStore
from indexer.store.records import GenerationRecord, GenerationState

Switching = Callable[[], AbstractContextManager[object]]
"""Entered for the last changes and the switch itself: keeps out whoever writes to the live generation."""

_FINISHED = {GenerationState.LIVE, GenerationState.READY, GenerationState.PREVIOUS}
"""What the engine may point at; of a generation in any other state the catalogue knows no more than of a stranger."""


def switch_generation(catalogue: CatalogueStore, engine: Engine, index: str, number: int) -> None:
    """Points the index at a generation. The engine's pointer is what readers follow, so it moves first."""
    engine.switch(index, number)
    live = catalogue.generations.live(index)
    if live is None or live.number != number:
        catalogue.generations.switch(index, number)


def settle_switch(catalogue: CatalogueStore, engine: Engine, index: str, *, rolling_back: bool = False) -> int | None:
    """Makes engine and catalogue name the same live generation again, where something parted them.

    That is a crash, a damaged pointer, or a catalogue that was put in the place of a later one. Whoever is about to
    write to the index calls it first.

    Args:
        rolling_back: the caller rolls back; a roll-back that was cut off is then left for it to go on with.

    Returns:
        The live generation, None where one must be built. What answers now, if anything, is then of a later catalogue,
        and goes on answering until the switch.
    """
    number = pointed_at(engine, index)
    records = catalogue.generations.list_all(index)
    state = next((record.state for record in records if record.number == number), None)
    if number is not None and state in _FINISHED:
        if state is not GenerationState.LIVE and not (rolling_back and state is GenerationState.PREVIOUS):
            catalogue.generations.switch(index, number)
        return number
    recorded = next((record.number for record in records if record.state is GenerationState.LIVE), None)
    if recorded is None or recorded not in engine.generations(index):
        return None
    engine.switch(index, recorded)
    return recorded


def pointed_at(engine: Engine, index: str) -> int | None:
    """The generation that the engine's pointer names; None where it names none or is damaged."""
    try:
        return engine.live(index)
    except CorruptionError:
        return None


def roll_back(
    catalogue: CatalogueStore,
    engine: Engine,
    index: str,
    embedder: Embedder | None,
    progress: Progress,
    settings: Mapping[str, Any] | None = None,
    switching: Switching = nullcontext,
) -> GenerationRecord:
    """Makes the previous generation live again, after replaying what changed since.

    Args:
        embedder: of the previous generation's encoder.
        settings: those of the index from then on; None: those that the generation was built with.
        switching: entered for the last changes and the switch.

    Raises:
        NotFoundError: there is no previous generation.
    """
    previous = previous_generation(catalogue, engine, index)
    schema = schema_from_json(previous.spec["settings"]["schema"])
    with ExitStack() as held, engine.writer(index, previous.number) as writer:
        progress.stage("replaying", None)
        apply_changes(catalogue, index, always(writer), schema, embedder, progress)
        held.enter_context(switching())
        applied = apply_changes(catalogue, index, always(writer), schema, embedder, progress)
        catalogue.generations.advance(index, previous.number, applied.change_number)
        # The settings first: after the recorded switch, a roll-back that was cut off would look like a whole one.
        record = catalogue.get_index(index)
        catalogue.update_settings(index, settings or previous.spec["settings"], record.settings_version)
        switch_generation(catalogue, engine, index, previous.number)
    return catalogue.generations.get(index, previous.number)


def previous_generation(catalogue: CatalogueStore, engine: Engine, index: str) -> GenerationRecord:
    """The generation that a roll-back goes to.

    Raises:
        NotFoundError: there is none.
    """
    why = "it was built only once"
    for record in catalogue.generations.list_all(index):
        if record.state is GenerationState.PREVIOUS:
            if record.number in engine.generations(index):
                return record
            why = f"the files of {index}@{record.number} are gone"
    raise NotFoundError(f"index {index!r} has no previous generation to roll back to: {why}")
