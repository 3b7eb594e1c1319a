"""Bodies that are not what their headers say."""

from __future__ import annotations

import io

import pytest
from gunicorn.http.errors import InvalidChunkSize

from search.api.request_body import Limited
from search.errors import RequestError


class _BadChunks(io.RawIOBase):
    """What gunicorn gives where a client sends no length of a chunk."""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        raise InvalidChunkSize(b"ZZ")


def test_chunks_that_are_none_are_the_fault_of_the_caller() -> None:
    with pytest.raises(RequestError, match="it is not chunked as its Transfer-Encoding says"):
        Limited(_BadChunks(), None).read(10)
