"""Kept windows in Redis, which the web processes of several machines share.

Redis forgets them by itself. One that was emptied costs pages that are asked for again; one that is away costs the
cursors of the answers that are given meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from indexer.breaker import Breaker
from indexer.errors import UnavailableError
from search.pages.protocol import KEEP_S
from search.pages.window import KeptWindow, bound_to

_WAIT_S = 0.5
"""So long Redis may take to accept a connection, and to answer: a page is worth no more."""


class RedisPages:
    """See `Pages`. Nothing is connected before the first window.

    Args:
        url: `redis://…`, `rediss://…` or `unix://…`.
        namespace: of its keys.
        keep_s: so long a window is kept.

    Raises:
        ValueError: the URL is none of Redis.
    """

    def __init__(self, url: str, namespace: str, keep_s: float = KEEP_S) -> None:
        self._prefix = f"{namespace}:page:"
        self._keep_ms = int(keep_s * 1000)
        # Once more, since a connection that lay idle may have been closed; and no longer than that.
        self._redis: Redis = Redis.from_url(
            url, socket_timeout=_WAIT_S, socket_connect_timeout=_WAIT_S, retry=Retry(NoBackoff(), 1)
        )
        self._breaker = Breaker()

    def keep(self, query_id: str, kept: KeptWindow) -> None:
        with self._asking() as redis:
            redis.set(self._key(query_id), kept.encode(), px=self._keep_ms)

    def find(self, query_id: str, binding: str) -> KeptWindow:
        with self._asking() as redis:
            data: Any = redis.get(self._key(query_id))
        return bound_to(data, binding)

    def requests(self, query_ids: Collection[str]) -> dict[str, Mapping[str, Any]]:
        ids = sorted(query_ids)
        if not ids:
            return {}
        with self._asking() as redis:
            found: Any = redis.mget([self._key(id_) for id_ in ids])
        return {id_: KeptWindow.decode(data).request for id_, data in zip(ids, found, strict=True) if data is not None}

    def forget(self, query_ids: Collection[str]) -> int:
        if not query_ids:
            return 0
        with self._asking() as redis:
            gone: Any = redis.delete(*(self._key(id_) for id_ in query_ids))
        return int(gone)

    def sweep(self) -> None:
        """Redis does it."""

    def close(self) -> None:
        """Closes the connections."""
        self._redis.close()

    def _key(self, query_id: str) -> str:
        return self._prefix + query_id

    @contextmanager
    def _asking(self) -> Iterator[Redis]:
        if not self._breaker.lets_through():
            raise UnavailableError("Redis, where later pages are kept, does not answer; it is tried again in a moment")
        try:
            yield self._redis
        except RedisError as error:
            self._breaker.failed()
            raise UnavailableError(
                f"Redis, where later pages are kept, does not answer: {error}; look at SHELFWISE_REDIS_URL, and "
                "whether it runs"
            ) from error
        self._breaker.succeeded()
