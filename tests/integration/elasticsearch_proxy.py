"""A proxy before a real Elasticsearch that answers in its place, or late, where a test says so."""

from __future__ import annotations

import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import orjson


class Asked(NamedTuple):
    """A request on its way to the server."""

    method: str
    path: str
    body: bytes
    authorization: str = ""


class Answered(NamedTuple):
    """An answer; without the header no client of Elasticsearch takes it for its."""

    status: int
    body: Any
    is_product: bool = True


Script = Callable[[Asked], Answered | None]
"""Answers in the server's place; None leaves it to the server."""
Change = Callable[[Asked, Any], Any]
"""Changes the server's answer."""


class Proxy:
    """What a test does to the requests that pass.

    Args:
        target: URL of the real server.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self.url = ""
        self.script: Script = lambda asked: None
        self.change: Change = lambda asked, answer: answer
        self.delay_s: Callable[[Asked], float] = lambda asked: 0.0
        self.asked: list[Asked] = []

    def answer(self, asked: Asked) -> Answered:
        """What comes back."""
        self.asked.append(asked)
        time.sleep(self.delay_s(asked))
        scripted = self.script(asked)
        if scripted is not None:
            return scripted
        request = urllib.request.Request(
            self.target + asked.path,
            asked.body or None,
            {"content-type": "application/x-ndjson" if b"\n" in asked.body else "application/json"},
            method=asked.method,
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status, body = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, body = error.code, error.read()
        return Answered(status, self.change(asked, orjson.loads(body)) if body else None)


@contextmanager
def proxied(target: str, certificate: Path | None = None) -> Iterator[Proxy]:
    """A proxy that listens while the block runs.

    Args:
        certificate: a file with it and its key, to listen by TLS.
    """
    proxy = Proxy(target)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65_536
        disable_nagle_algorithm = True

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            found = proxy.answer(Asked(self.command, self.path, body, self.headers.get("authorization") or ""))
            data = b"" if found.body is None else orjson.dumps(found.body)
            try:
                self.send_response(found.status)
                if found.is_product:
                    self.send_header("X-Elastic-Product", "Elasticsearch")
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except OSError:
                self.close_connection = True  # the client did not wait

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    proxy.url = f"http{'s' * (certificate is not None)}://127.0.0.1:{server.server_address[1]}"
    try:
        yield proxy
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
