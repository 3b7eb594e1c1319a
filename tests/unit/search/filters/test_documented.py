import re
from pathlib import Path

import orjson
import pytest

from indexer.fields import Schema
from search.errors import RequestError
from search.filters import parse, to_text
from search.request import parse_request, resolve

PAGE = Path(__file__).parents[4].joinpath("docs", "filters.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


FILTERS = [line for block in blocks("text") for line in block.splitlines()]


@pytest.mark.parametrize("text", FILTERS)
def test_each_filter_of_the_documentation_is_one(text: str, schema: Schema) -> None:
    condition = parse(text, schema)
    assert parse(to_text(condition, schema), schema) == condition


def test_the_documentation_has_filters() -> None:
    assert len(FILTERS) > 20


@pytest.mark.parametrize("body", blocks("json"))
def test_each_body_of_the_documentation_is_one(body: str, schema: Schema) -> None:
    resolve(parse_request(orjson.loads(body), "body"), schema)


def test_the_documented_error_is_the_real_one(schema: Schema) -> None:
    shown = next(block for block in blocks("none") if "column" in block)
    with pytest.raises(RequestError) as caught:
        parse('brand:"Sony" AND colr:red', schema)
    assert str(caught.value) == shown.rstrip("\n")
