"""A feed fetched over https, from hosts that the settings allow and nowhere else."""

from __future__ import annotations

from io import BufferedWriter
from urllib.parse import urljoin

import urllib3

from indexer.errors import FeedError, StorageError
from search.schedule import source_problem

_REDIRECTS = 3
_TIMEOUT_S = 30.0
_BLOCK_BYTES = 1 << 20
_MOVED = (301, 302, 303, 307, 308)


def fetch(address: str, hosts: frozenset[str], target: BufferedWriter, max_bytes: int) -> int:
    """Writes what is at an address to a file.

    Args:
        hosts: that may be asked; also where others lead to.

    Returns:
        How many bytes that was.

    Raises:
        FeedError: it may not be asked, refuses, or sends too much.
        StorageError: it cannot be reached at the moment, or breaks off.
    """
    with urllib3.PoolManager(timeout=_TIMEOUT_S, retries=False) as pool:
        for _ in range(_REDIRECTS + 1):
            problem = source_problem(address, hosts)
            if problem:
                raise FeedError(problem)
            try:
                answer = pool.request("GET", address, preload_content=False, headers={"User-Agent": "shelfwise"})
                if answer.status in _MOVED:
                    address = urljoin(address, answer.headers.get("Location", ""))
                    answer.drain_conn()
                    continue
                if answer.status >= 500:
                    raise StorageError(f"{address} answers {answer.status}; it will be tried again")
                if answer.status != 200:
                    raise FeedError(f"{address} answers {answer.status} instead of a feed")
                return _written(answer, address, target, max_bytes)
            except urllib3.exceptions.HTTPError as error:
                raise StorageError(f"{address} cannot be fetched: {error}; it will be tried again") from error
    raise FeedError(f"{address} leads on and on; at most {_REDIRECTS} redirects are followed")


def _written(answer: urllib3.BaseHTTPResponse, address: str, target: BufferedWriter, max_bytes: int) -> int:
    size = 0
    for block in answer.stream(_BLOCK_BYTES, decode_content=True):
        size += len(block)
        if size > max_bytes:
            raise FeedError(f"{address} sends more than {max_bytes:,} bytes (setting max_upload_bytes)")
        target.write(block)
    return size
