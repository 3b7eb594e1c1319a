"""The page at `/` as a reader without scripts has it: texts, links, choices and forms out of its HTML."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlencode

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

VOID = {"meta", "link", "input", "img", "br", "rect", "path"}


class Element:
    """An element with its attributes, its children and the text that is in it."""

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.children: list[Element | str] = []

    @property
    def text(self) -> str:
        """All text in it, white space made one."""
        return " ".join(self._written().split())

    def _written(self) -> str:
        return "".join(child if isinstance(child, str) else child._written() for child in self.children)

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        """The elements in it that have this tag and these attributes; of `class_` one of its names is enough."""
        found: list[Element] = []
        for child in self.children:
            if isinstance(child, Element):
                if child.fits(tag, attributes):
                    found.append(child)
                found += child.all(tag, **attributes)
        return found

    def fits(self, tag: str, attributes: dict[str, str]) -> bool:
        """Whether it has the tag and the attributes."""
        if tag and self.tag != tag:
            return False
        for name, value in attributes.items():
            own = self.attributes.get(name.rstrip("_"), "")
            if value not in own.split() if name == "class_" else own != value:
                return False
        return True

    def one(self, tag: str = "", **attributes: str) -> Element:
        """The only one."""
        (found,) = self.all(tag, **attributes)
        return found


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attributes})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attributes}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> ends <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parse(html: str) -> Element:
    """The page as a tree; its tags must be well nested."""
    builder = _Builder()
    builder.feed(html)
    assert len(builder.open) == 1, builder.open[-1].tag
    return builder.root


class Reader:
    """Reads the page and follows what is on it."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.answer: TestResponse
        self.tree = Element("", {})

    def get(self, url: str, status: int = 200, **more: str) -> Reader:
        """Opens an address of the page."""
        query = f"{url}?{urlencode(more)}" if more else url
        self.answer = self.client.get(query)
        assert self.answer.status_code == status, self.answer.text
        assert self.answer.content_type == "text/html; charset=utf-8"
        self.tree = parse(self.answer.text)
        return self

    def follow(self, text: str) -> Reader:
        """Follows the link that has this text in it."""
        link = next(link for link in self.tree.all("a") if text in link.text)
        return self.get(link.attributes["href"])

    def submit(self, **changes: str | list[str]) -> Reader:
        """Sends the form with what is on the page, and these values changed."""
        pairs: dict[str, list[str]] = {}
        for control in self.tree.all():
            name, value = control.attributes.get("name", ""), control.attributes.get("value", "")
            if control.tag == "select":
                chosen = next((o for o in control.all("option") if "selected" in o.attributes), None)
                value = "" if chosen is None else chosen.attributes.get("value", chosen.text)
            elif control.tag != "input" or (
                control.attributes.get("type") == "checkbox" and "checked" not in control.attributes
            ):
                continue
            if name:
                pairs.setdefault(name, []).append(value)
        for name, new in changes.items():
            pairs[name] = [new] if isinstance(new, str) else new
        return self.get("/?" + urlencode(pairs, doseq=True))

    @property
    def heading(self) -> str:
        return self.tree.one("h1").text

    @property
    def total(self) -> int:
        """The number that the heading says."""
        return int(next(word for word in self.heading.split() if word.replace(",", "").isdigit()).replace(",", ""))

    @property
    def titles(self) -> list[str]:
        return [title.text for card in self.tree.all("article") for title in card.all("h2")]

    def choices(self, field: str) -> dict[str, int]:
        """The values of a facet with the numbers beside them."""
        result: dict[str, int] = {}
        for label in self.tree.all("label"):
            for box in label.all("input", name=f"refine.{field}"):
                numbers = label.all(class_="count")
                result[box.attributes["value"]] = int(numbers[0].text.replace(",", "")) if numbers else -1
        return result
