"""Imports that come round by themselves, from files and over https."""

from __future__ import annotations

import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from service import Service, service

from search.errors import ConfigurationError
from search.schedule import read_schedule
from workers.schedule import Schedule

HOUR = 3600.0
OPTIONS = frozenset({"currency", "sync"})


def scheduled(folder: Path, source: str, more: str = "") -> str:
    path = folder / "schedule.toml"
    path.write_text(f'[[import]]\nindex = "shop"\nsource = "{source}"\nevery = "6h"\n{more}')
    return str(path)


@contextmanager
def shop_of(folder: Path, source: str, more: str = "", **settings: Any) -> Iterator[Service]:
    with service(folder / "data", schedule=scheduled(folder, source, more), **settings) as opened:
        yield opened


def tasks(shop: Service) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shop.ask("GET", "/v1/tasks?kind=import")["tasks"]
    return found


def test_a_file_is_imported_once_in_its_time_whoever_looks(tmp_path: Path) -> None:
    feed = tmp_path / "feed.csv"
    feed.write_text("id,title,price\n1,Kettle,12\n")
    with shop_of(tmp_path, str(feed), 'currency = "EUR"') as shop:
        one, other = Schedule(shop.services), Schedule(shop.services)
        first = one.look(0.0)
        assert (len(first), other.look(5 * HOUR), one.look(5 * HOUR)) == (1, first, [])
        shop.work()
        assert shop.found("kettle", filters="price=12") == ["1"]
        feed.write_text("id,title\n1,Kettle\n2,Teapot\n")
        assert other.look(6 * HOUR) != first
        shop.work()
        assert shop.found("teapot") == ["2"]
        assert feed.exists()
        assert [task["state"] for task in tasks(shop)] == ["succeeded"] * 2


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with shop_of(tmp_path, str(tmp_path / "nothing.csv")) as shop:
        Schedule(shop.services).look()
        shop.work()
        assert "nothing.csv does not exist" in tasks(shop)[0]["error"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[imports]]\n", "[[import]] tables are wanted"),
        ("nonsense", "cannot be read"),
        (
            '[[import]]\nindex = "a"\nsource = "feed.csv"\nevery = "1h"',
            "an absolute path or an https address is wanted",
        ),
        ('[[import]]\nindex = "a"\nsource = "http://a.example/f"\nevery = "1h"', "https without a user name"),
        ('[[import]]\nindex = "a"\nsource = "https://me:pw@a.example/f"\nevery = "1h"', "https without a user name"),
        ('[[import]]\nindex = "a"\nsource = "https://b.example/f"\nevery = "1h"', "allowed are a.example"),
        ('[[import]]\nindex = "a"\nsource = "https://a.example.evil/f"\nevery = "1h"', "allowed are a.example"),
        ('[[import]]\nindex = "a"\nsource = "/f"\nevery = "1s"', 'wanted is such as "30m"'),
        ('[[import]]\nindex = "a"\nsource = "/f"\nevery = "29d"', "at most 28d"),
        ('[[import]]\nsource = "/f"\nevery = "1d"', "import 1: index is None; a text is wanted"),
        ('[[import]]\nindex = "a"\nsource = "/f"\nevery = "1d"\nsnyc = true', "there is no option 'snyc'"),
    ],
)
def test_a_wrong_schedule_is_told(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "schedule.toml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        read_schedule(path, frozenset({"a.example"}), OPTIONS)
    assert said in str(caught.value)


def test_a_wrong_schedule_stops_no_other_work(tmp_path: Path) -> None:
    path = tmp_path / "schedule.toml"
    path.write_text("nonsense")
    with service(tmp_path / "data", schedule=str(path)) as shop:
        assert Schedule(shop.services).look() == []
        shop.ask("POST", "/v1/indexes/shop/documents", 202, json={"id": "1", "title": "Cup"})
        shop.work()
        assert shop.found("cup") == ["1"]


# --- over https ------------------------------------------------------------------------------------------------------

PAGES: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/feed.csv": (200, {}, b"id,title\n1,Kettle\n"),
    "/moved": (302, {"Location": "/feed.csv"}, b""),
    "/away": (302, {"Location": "https://elsewhere.example/feed.csv"}, b""),
    "/down": (302, {"Location": "http://127.0.0.1/feed.csv"}, b""),
    "/round": (302, {"Location": "/round"}, b""),
    "/busy": (503, {}, b""),
    "/gone": (404, {}, b""),
    "/long": (200, {}, b"id,title\n" + b"1,Kettle\n" * 1000),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An https server of this machine, whose certificate is known."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = PAGES[self.path]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as listening, pytest.MonkeyPatch.context() as patch:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        listening.socket = context.wrap_socket(listening.socket, server_side=True)
        patch.setenv("SSL_CERT_FILE", str(folder / "cert.pem"))
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"https://localhost:{listening.server_port}"
        listening.shutdown()
        thread.join()


@pytest.mark.parametrize("page", ["/feed.csv", "/moved"])
def test_a_feed_is_fetched(server: str, tmp_path: Path, page: str) -> None:
    with shop_of(tmp_path, server + page, import_hosts="localhost") as shop:
        Schedule(shop.services).look()
        shop.work()
        assert tasks(shop)[0]["state"] == "succeeded", tasks(shop)[0]["error"]
        assert shop.found("kettle") == ["1"]
        assert not list(shop.services.config.uploads_dir.iterdir())


@pytest.mark.parametrize(
    ("page", "state", "said"),
    [
        ("/away", "failed", "allowed are localhost"),
        ("/down", "failed", "https without a user name"),
        ("/round", "failed", "leads on and on"),
        ("/gone", "failed", "answers 404"),
        ("/long", "failed", "sends more than 5,000 bytes"),
        ("/busy", "queued", "answers 503; it will be tried again"),
    ],
)
def test_what_cannot_be_fetched_is_told(server: str, tmp_path: Path, page: str, state: str, said: str) -> None:
    with shop_of(tmp_path, server + page, import_hosts="localhost", max_upload_bytes=5_000) as shop:
        Schedule(shop.services).look()
        shop.work()
        (task,) = tasks(shop)
        assert (task["state"], said in task["error"]) == (state, True), task["error"]
        assert not list(shop.services.config.uploads_dir.iterdir())
