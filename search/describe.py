"""Everything that is known of an index, for people and programs."""

from __future__ import annotations

from typing import Any

from indexer.errors import NotFoundError as IndexerNotFoundError
from search.errors import NoIndexError
from search.services import Services
from search.settings import settings_from_json, settings_to_json


def describe(services: Services, index: str) -> dict[str, Any]:
    """Everything that is known of an index, as plain JSON types."""
    try:
        record = services.catalogue.get_index(index)
    except IndexerNotFoundError as error:
        raise NoIndexError(str(error)) from error
    settings = settings_from_json(record.settings)
    declared = {field.attribute for field in settings.schema.attributes}
    generations = services.catalogue.generations.list_all(index)
    live = services.engine.live(index)
    return {
        "name": index,
        "created_at": record.created_at.isoformat(),
        "products": record.product_count,
        "change_number": record.change_number,
        "live": live,
        "generations": [
            {
                "number": generation.number,
                "state": generation.state.value,
                "change_number": generation.change_number,
                "created_at": generation.created_at.isoformat(),
                "note": generation.note,
                "bytes": services.engine.size_bytes(index, generation.number),
            }
            for generation in generations
        ],
        "settings": settings_to_json(settings),
        "settings_version": record.settings_version,
        "undeclared": {
            entry.name: entry.count
            for entry in services.catalogue.attributes.list_all(index)
            if entry.name not in declared
        },
    }
