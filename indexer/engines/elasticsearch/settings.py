"""Where an Elasticsearch is, and how it is used."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path

from indexer.errors import ConfigurationError

_PREFIX = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


class Vectors(StrEnum):
    """How vectors are kept and searched; the names are Elasticsearch's."""

    INT8 = "int8_hnsw"
    FLOAT = "hnsw"
    BINARY = "bbq_hnsw"


@dataclass(frozen=True, repr=False)
class ElasticsearchSettings:
    """Everything that the engine is told from outside.

    Args:
        urls: of the nodes, such as "https://search.example:9200".
        prefix: every index and alias of ours begins so, and no other is ever touched.
        api_key: base64, as Elasticsearch gives it; "" for none.
        user: with `password`, instead of an API key.
        ca_file: certificates of the authority that signed the server's, "" for those that the system trusts.
        verify: whether the server's certificate is checked at all.
        connect_s: for a connection to open.
        read_s: for an answer to a search.
        vector_s: for an answer that has the vector side in it; then words answer alone.
        write_s: for an answer to a bulk of writes, or to what makes and drops indexes.
        retry_s: so long a write is repeated while the server is busy or away.
        shards: of a new generation.
        replicas: of a new generation.
        vectors: how those of a new generation are kept.
        bulk_documents: at most so many are sent at once.
        bulk_bytes: at most so many bytes are sent at once, or one document.
        keep_alive: for so long the server keeps a reader's snapshot that nobody asks.
    """

    urls: tuple[str, ...] = ("http://127.0.0.1:9200",)
    prefix: str = "shelfwise-"
    api_key: str = field(default="", metadata={"secret": True})
    user: str = ""
    password: str = field(default="", metadata={"secret": True})
    ca_file: str = ""
    verify: bool = True
    connect_s: float = 1.0
    read_s: float = 5.0
    vector_s: float = 2.0
    write_s: float = 60.0
    retry_s: float = 60.0
    shards: int = 1
    replicas: int = 1
    vectors: Vectors = Vectors.INT8
    bulk_documents: int = 500
    bulk_bytes: int = 8_000_000
    keep_alive: str = "5m"

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix):
            raise ConfigurationError(
                f"the prefix of the indexes is {self.prefix!r}; 1 to 40 of a-z, 0-9, '.', '_' and '-' are wanted, the "
                "first a letter or a digit, such as 'shelfwise-'"
            )

        wrong = [url for url in self.urls if not url.startswith(("http://", "https://"))]
        if wrong or not self.urls:
            raise ConfigurationError(
                f"the URL of Elasticsearch is {wrong[0] if wrong else ''!r}; wanted is one such as "
                "'https://search.example:9200'"
            )
        if self.ca_file and not Path(self.ca_file).is_file():
            raise ConfigurationError(f"the CA file of Elasticsearch, {self.ca_file}, does not exist")

    def __repr__(self) -> str:
        shown = (
            f"{f.name}={'***' if f.metadata.get('secret') and getattr(self, f.name) else repr(getattr(self, f.name))}"
            for f in fields(self)
        )
        return f"ElasticsearchSettings({', '.join(shown)})"
