"""The page about searching shows an answer as it is, and names every part of a document."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from api_shop import read, serve

from indexer.product import Availability, Offer, Product, Variant
from search.app import create_app
from search.request.resolve import SHOWN_FIELDS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "searching.md").read_text()


def shape(value: Any) -> Any:
    """What stands where, without the values themselves."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else None


def lamp(number: int, colour: str) -> Product:
    offers = {"default": Offer(1299, "EUR", availability=Availability.IN_STOCK)}
    variant = Variant(f"lamp-{number}-{colour}", offers=offers, attributes={"colour": colour})
    return Product(f"lamp/{number}", f"Desk lamp, {colour}", brand="Alma", offers=offers, variants=(variant,))


def test_the_answer_is_as_the_page_shows_it(tmp_path: Path) -> None:
    request, documented = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL)[:2])
    app = create_app(serve(tmp_path, [lamp(number, "red" if number % 2 else "blue") for number in range(20)], "lamps"))
    answer = read(app.test_client().post("/v1/indexes/lamps/search", json=request))
    app.extensions["shelfwise"].close()
    assert shape(answer) == shape(documented)
    assert answer["hits"][0]["document"]["price"] == documented["hits"][0]["document"]["price"]


def test_the_page_names_what_fields_takes() -> None:
    (row,) = re.findall(r"^\| `fields` \|(.*)\|$", PAGE, flags=re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", row)) == set(SHOWN_FIELDS)
