"""What may be wrong with the cluster or a generation in it, in plain words, each with its remedy."""

from __future__ import annotations

from indexer.engines.elasticsearch.cluster import Cluster
from indexer.engines.elasticsearch.described import Described
from indexer.engines.elasticsearch.failures import read_only
from indexer.engines.elasticsearch.mapping import drift
from indexer.errors import ConfigurationError

MAJOR = 9
"""The version of Elasticsearch that this release is made for."""
_NAMED = 5


def check_version(cluster: Cluster) -> None:
    """Makes sure that it is an Elasticsearch, of a version that this release knows.

    Raises:
        ConfigurationError: it is not.
        UnavailableError: it does not answer.
    """
    version = str(cluster.ask("GET").get("version", {}).get("number", ""))
    major = version.partition(".")[0]
    if not major.isdigit() or int(major) < MAJOR:
        raise ConfigurationError(
            f"Elasticsearch at {', '.join(cluster.settings.urls)} is of version {version or 'unknown'}; "
            f"{MAJOR} or later is wanted: upgrade it"
        )


def cluster_problems(cluster: Cluster) -> list[str]:
    """What keeps the cluster as a whole from working as it should."""
    health = cluster.ask("GET", "_cluster", "health")
    if health["status"] != "red":
        return []
    return [
        f"the Elasticsearch cluster {health['cluster_name']!r} is red: {health['unassigned_shards']} shards are on no "
        "node; start the nodes that are missing, or see GET _cluster/allocation/explain"
    ]


def generation_problems(cluster: Cluster, described: Described) -> list[str]:
    """What is otherwise than it was made."""
    name, result = described.name, list[str]()
    differences = drift(described.spec, described.mappings)
    if differences:
        more = f" and {len(differences) - _NAMED} more" if len(differences) > _NAMED else ""
        result.append(
            f"the mapping of {name} in Elasticsearch is not as it was made: {'; '.join(differences[:_NAMED])}{more}: "
            "rebuild the index from the catalogue with `shelfwise indexes rebuild`"
        )
    writes = [block for block in described.blocks if block not in ("read", "metadata")]
    if writes:
        result.append(read_only(f"index.blocks.{writes[0]} is set", name))
    if "read" in described.blocks:
        result.append(f"{name} cannot be read in Elasticsearch: take index.blocks.read away with PUT {name}/_settings")
    health = cluster.ask("GET", "_cluster", "health", name)
    if health["status"] == "red":
        result.append(
            f"{name} lacks {health['unassigned_shards']} shards in Elasticsearch, and answers without them: start the "
            "nodes that have them, or rebuild the index with `shelfwise indexes rebuild`"
        )
    return result
