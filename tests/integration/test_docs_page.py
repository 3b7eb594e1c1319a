"""The page of the API: whole, readable without help from elsewhere, and usable by everybody."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from werkzeug.test import TestResponse

from search.api.docs_page import SERVER
from search.api.openapi.document import openapi_document
from search.app import create_app
from search.cli.commands.serve import DEFAULT_PORT
from search.config import Config

_EMPTY = frozenset({"meta", "link", "br", "img", "input", "hr"})
_FOREIGN = ("src", "srcset", "action", "onclick", "onload", "style")


class Page(HTMLParser):
    """The elements of a page, and where tags are not closed in their order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts.setdefault(self._open[-1], []).append(data)

    def all(self, *tags: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> TestResponse:
    return create_app(Config(data_dir=tmp_path_factory.mktemp("data"))).test_client().get("/docs")


@pytest.fixture(scope="module")
def page(answer: TestResponse) -> Page:
    return Page(answer.text)


def calls() -> Iterator[tuple[str, str, str]]:
    for path, methods in openapi_document()["paths"].items():
        for method, call in methods.items():
            yield method.upper(), path, call["operationId"]


def test_every_call_is_there_with_its_parameters_an_answer_and_a_line_for_a_shell(
    answer: TestResponse, page: Page
) -> None:
    anchors = {attributes.get("id") for attributes in page.all("h3")}
    for method, path, name in calls():
        assert name in anchors
        assert f"<strong>{method}</strong> {path}</code>" in answer.text
    assert answer.text.count("<code>curl ") == len(list(calls()))
    for call in (call for methods in openapi_document()["paths"].values() for call in methods.values()):
        for parameter in call.get("parameters", ()):
            assert f"<code>{parameter['name']}</code>" in answer.text
    for name in openapi_document()["components"]["schemas"]:
        assert f"schema-{name}" in anchors


def test_there_is_a_search_box_to_be_pasted(answer: TestResponse) -> None:
    assert "Search box for a page" in answer.text
    assert "new AbortController()" in answer.text
    assert "&lt;script&gt;" in answer.text


def test_examples_ask_where_the_service_answers(answer: TestResponse) -> None:
    assert urlsplit(SERVER).port == DEFAULT_PORT
    assert {urlsplit(url).netloc for url in re.findall(r"https?://[^\s&]+", answer.text)} == {urlsplit(SERVER).netloc}


def test_it_needs_nothing_from_elsewhere_and_runs_nothing(answer: TestResponse, page: Page) -> None:
    assert page.all("script", "link", "img", "iframe", "object", "form") == []
    assert not [name for _, attributes in page.elements for name in attributes if name in _FOREIGN]
    assert {attributes["href"] for attributes in page.all("a") if not attributes["href"].startswith("#")} == {
        "openapi.json"
    }
    (style,) = re.findall("<style>(.*?)</style>", answer.text, re.DOTALL)
    assert "url(" not in style
    assert "@import" not in style
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert policy == [
        "default-src 'none'",
        f"style-src 'sha256-{digest}'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_headings_go_down_by_one_and_landmarks_are_there(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(level <= before + 1 for before, level in pairwise(levels))
    for landmark in ("header", "nav", "main", "footer"):
        assert len(page.all(landmark)) == 1
    assert page.all("html") == [{"lang": "en"}]
    assert "".join(page.texts["title"]).startswith("Shelfwise")
    assert any("width=device-width" in attributes.get("content", "") for attributes in page.all("meta"))


def test_ids_are_unique_and_lead_somewhere(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {attributes["href"].removeprefix("#") for attributes in page.all("a")} - {"openapi.json"}
    named = {attributes["aria-labelledby"] for _, attributes in page.elements if "aria-labelledby" in attributes}
    assert links | named <= set(ids)
    skip = page.all("a")[0]
    assert (skip["class"], skip["href"]) == ("skip", "#calls")


def test_what_scrolls_can_be_reached_by_key_and_has_a_name_of_its_own(page: Page) -> None:
    boxes = page.all("pre")
    assert all(box["tabindex"] == "0" and box["role"] == "region" for box in boxes)
    assert len({box["aria-label"] for box in boxes}) == len(boxes)
    assert all(attributes.get("tabindex", "0") in ("0", "-1") for _, attributes in page.elements)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_its_ground(answer: TestResponse, scheme: int) -> None:
    colors = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", re.findall(r":root \{(.*?)\}", answer.text)[scheme]))
    for text in ("ink", "quiet", "link"):
        for ground in ("paper", "box"):
            # WCAG 2.2, success criterion 1.4.3
            assert contrast(colors[text], colors[ground]) >= 4.5, (text, ground)


def contrast(one: str, other: str) -> float:
    """The contrast ratio as WCAG 2.2 defines it, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(color: str) -> float:
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_black_on_white_has_the_greatest_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_nothing_is_wider_than_a_phone(answer: TestResponse) -> None:
    (style,) = re.findall("<style>(.*?)</style>", answer.text, re.DOTALL)
    narrow = style.split("@media (min-width")[0]
    assert "overflow-wrap: anywhere" in narrow
    assert re.search(r"pre \{[^}]*overflow: auto", narrow)
    assert not re.search(r"(?<!max-)(?<!min-)width: \d", narrow)
    assert not Page(answer.text).all("table")
