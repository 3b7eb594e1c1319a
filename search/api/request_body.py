"""The body of a request, unpacked where it comes as gzip, and read no further than it may be long."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import IO, TYPE_CHECKING, cast

import flask
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge, RequestTimeout, UnsupportedMediaType
from werkzeug.utils import cached_property
from werkzeug.wsgi import get_input_stream

from search.errors import RequestError, shown

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from _typeshed.wsgi import WSGIEnvironment

_PLAIN = frozenset({"", "identity"})
_GZIP = frozenset({"gzip", "x-gzip"})


class Request(flask.Request):
    """A request whose body may be gzip. `max_content_length` holds for what it unpacks to as well."""

    @cached_property
    def stream(self) -> IO[bytes]:
        """The body as it was before it was packed.

        Raises:
            RequestTimeout: while reading, where it comes too slowly.
            RequestEntityTooLarge: while reading, where it is longer than `max_content_length`, packed or unpacked.
            UnsupportedMediaType: it is packed otherwise than by gzip.
            RequestError: while reading, where it is no whole gzip, or in chunks that are none.
        """
        encoding = self.headers.get("Content-Encoding", "").strip().lower()
        if encoding not in _PLAIN | _GZIP:
            raise UnknownEncoding(f"the body is encoded as {shown(encoding)!r}; wanted is gzip, or no Content-Encoding")
        raw = cast("IO[bytes]", Limited(_as_sent(self.environ, self.max_content_length), self.max_content_length))
        if encoding in _PLAIN:
            return raw
        return cast("IO[bytes]", Limited(Unpacked(raw), self.max_content_length))


class UnknownEncoding(UnsupportedMediaType):
    """A body is packed in a way that is not read here; the answer says which is."""

    def get_headers(
        self, environ: WSGIEnvironment | None = None, scope: dict[str, object] | None = None
    ) -> list[tuple[str, str]]:
        """With the encoding that can be read."""
        return [*super().get_headers(environ, scope), ("Accept-Encoding", "gzip")]


class Limited(io.RawIOBase):
    """A stream that may not be longer than a limit.

    Werkzeug's own stream ends at the limit as though nothing followed, so that half a body would pass for a whole one.

    Args:
        stream: read a piece at a time.
        limit: in bytes, None for none.
    """

    def __init__(self, stream: IO[bytes] | io.RawIOBase, limit: int | None) -> None:
        self._stream = stream
        self._limit = limit
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        try:
            data = self._stream.read(len(view)) or b""
        except (TimeoutError, ClientDisconnected) as error:
            if isinstance(error.__context__ or error, TimeoutError):
                raise RequestTimeout("the body came too slowly, and was given up: send it again") from error
            raise
        except ParseException as error:
            raise RequestError("body", "chunks", f"it is not chunked as its Transfer-Encoding says: {error}") from error
        self._read += len(data)
        if self._limit is not None and self._read > self._limit:
            raise RequestEntityTooLarge
        view[: len(data)] = data
        return len(data)


class Unpacked(io.RawIOBase):
    """What a gzip stream holds; never more of it in memory than is read at once."""

    def __init__(self, packed: IO[bytes]) -> None:
        self._file = gzip.GzipFile(fileobj=packed, mode="rb")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        try:
            data = self._file.read(len(view))
        except EOFError as error:
            raise RequestError("body", "gzip", "it ends before the gzip is whole: send all of it") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            detail = f"it is no gzip, as its Content-Encoding says ({error}): pack it, or leave the header out"
            raise RequestError("body", "gzip", detail) from error
        view[: len(data)] = data
        return len(data)


def _as_sent(environ: WSGIEnvironment, limit: int | None) -> IO[bytes]:
    """The body in the server's hands; to its stated length, where it states one."""
    if "wsgi.input_terminated" in environ and "CONTENT_LENGTH" not in environ:
        return cast("IO[bytes]", environ["wsgi.input"])
    return get_input_stream(environ, max_content_length=limit)
