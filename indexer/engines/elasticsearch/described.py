"""What Elasticsearch says of a generation's index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from indexer.engines.elasticsearch.cluster import Cluster
from indexer.engines.elasticsearch.fields import VECTOR
from indexer.engines.elasticsearch.mapping import Fitted, read_meta
from indexer.engines.elasticsearch.settings import Vectors
from indexer.engines.protocol import GenerationSpec
from indexer.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Described:
    """One generation.

    Args:
        name: of the Elasticsearch index.
        uuid: of this very index, not of another one that once had its name.
        shards: how many it has.
        vectors: how they are kept.
        aliases: that point at it.
        mappings: as Elasticsearch gives them.
        blocks: what it refuses, such as "write", by setting.
    """

    name: str
    uuid: str
    shards: int
    vectors: Vectors
    spec: GenerationSpec
    fitted: Fitted
    aliases: frozenset[str]
    mappings: Mapping[str, Any]
    blocks: tuple[str, ...]


def describe(cluster: Cluster, name: str) -> Described:
    """Asks for it.

    Raises:
        NotFoundError: there is no such index.
        CorruptionError, ConfigurationError: see `read_meta`.
    """
    answer = cluster.ask("GET", name, missing={})
    if name not in answer:
        raise NotFoundError(f"Elasticsearch has no index {name}: build it with `shelfwise indexes rebuild`")
    found = answer[name]
    settings, mappings = found["settings"]["index"], found["mappings"]
    spec, fitted = read_meta(name, mappings)
    kind = mappings.get("properties", {}).get(VECTOR, {}).get("index_options", {}).get("type", "")
    blocks = settings.get("blocks", {})
    return Described(
        name=name,
        uuid=settings["uuid"],
        shards=int(settings["number_of_shards"]),
        vectors=Vectors(kind) if kind in set(Vectors) else Vectors.FLOAT,
        spec=spec,
        fitted=fitted,
        aliases=frozenset(found["aliases"]),
        mappings=mappings,
        blocks=tuple(sorted(setting for setting, value in blocks.items() if str(value) == "true")),
    )
