"""The engine that the settings name."""

from __future__ import annotations

from indexer.engines.protocol import Engine
from search.config import Config


def open_engine(config: Config) -> Engine:
    """The engine of a process. Its libraries are loaded only where it is the one that is used.

    Raises:
        ConfigurationError: its settings cannot be.
    """
    if config.engine == "elasticsearch":
        from indexer.engines.elasticsearch.engine import ElasticsearchEngine
        from indexer.engines.elasticsearch.settings import ElasticsearchSettings, Vectors

        return ElasticsearchEngine(
            ElasticsearchSettings(
                urls=tuple(url.strip() for url in config.elasticsearch_url.split(",") if url.strip()),
                prefix=config.elasticsearch_prefix,
                api_key=config.elasticsearch_api_key,
                user=config.elasticsearch_user,
                password=config.elasticsearch_password,
                ca_file=config.elasticsearch_ca_file,
                read_s=config.elasticsearch_read_ms / 1000,
                vector_s=config.elasticsearch_vector_ms / 1000,
                retry_s=float(config.elasticsearch_retry_s),
                shards=config.elasticsearch_shards,
                replicas=config.elasticsearch_replicas,
                vectors=Vectors(config.elasticsearch_vectors),
            )
        )
    from indexer.engines.embedded.engine import EmbeddedEngine

    return EmbeddedEngine(config.index_dir, config.thread_count)
