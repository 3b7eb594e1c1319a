"""The form of a request's JSON body. The descriptions say what is wanted; they end up in errors."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, WithJsonSchema

from indexer.product import MAX_ID_BYTES
from search.filters import Between, Choice
from search.request.characters import clean
from search.request.request import DEFAULT_PAGE_SIZE, Mode

MAX_QUERY_CHARS = 512
MAX_PAGE_SIZE = 200
MAX_DEPTH = 10_000
"""Products from the first one on that pages can reach."""

MAX_FIELDS = 200
MAX_NAME_CHARS = 200
MAX_CURSOR_CHARS = 4_000


def _query(text: str) -> str:
    text = clean(text)
    if len(text) > MAX_QUERY_CHARS:
        raise ValueError(f"it has {len(text):,} characters; a query has at most {MAX_QUERY_CHARS}")
    return text


def _language(text: str) -> str:
    code = text.partition("-")[0].lower()
    if code and code not in _languages():
        raise ValueError(f'there is no language "{code}"; wanted is a code of ISO 639 such as en, de or pt-BR')
    return code


@cache
def _languages() -> frozenset[str]:
    # Imported here since most requests name no language.
    from babel import Locale

    return frozenset(map(str, Locale("en").languages))


def _product_id(text: str) -> str:
    size = len(text.encode())
    if size > MAX_ID_BYTES:
        raise ValueError(f"it has {size:,} bytes; an id has at most {MAX_ID_BYTES}")
    return text


def _choice(raw: object) -> Choice:
    if isinstance(raw, Mapping):
        unknown = sorted(str(name) for name in raw if name not in ("from", "to"))
        if unknown:
            raise ValueError(f'a range has "from" and "to", not "{unknown[0]}"')
        return Between(*(None if raw.get(end) is None else _scalar(raw[end]) for end in ("from", "to")))
    return _scalar(raw)


def _scalar(raw: object) -> str:
    """A value as text, as a query string would have it; the type of its field decides later what it means."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, (int, float)):
        return repr(raw)
    if not isinstance(raw, str):
        raise ValueError('wanted is a text, a number, true, false, or a range such as {"from": 10, "to": 20}')  # noqa: TRY004
    return raw


def _named(raw: object) -> object:
    return {"field": raw} if isinstance(raw, str) else raw


_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True)
_SCALAR = {"type": ["string", "number", "boolean"]}
_ENDS = {end: {"type": ["string", "number", "boolean", "null"]} for end in ("from", "to")}
_ChoiceField = Annotated[
    Any,
    PlainValidator(_choice),
    WithJsonSchema({"anyOf": [_SCALAR, {"type": "object", "properties": _ENDS, "additionalProperties": False}]}),
]
_Name = Annotated[str, Field(max_length=MAX_NAME_CHARS)]
_ProductId = Annotated[str, AfterValidator(_product_id)]


class FacetBody(BaseModel):
    """A facet with its options."""

    model_config = _STRICT

    field: str = Field(description="the name of a field")
    size: int | None = Field(None, description="a whole number from 1 to 1,000, of the values to list")
    ranges: list[_ChoiceField] = Field([], description='a list of ranges such as "10..20" or {"from": 10, "to": 20}')
    under: str = Field("", description='a category, such as "Home > Kitchen"')


class SearchBody(BaseModel):
    """The body of a search."""

    model_config = _STRICT

    q: Annotated[str, AfterValidator(_query)] = Field(
        "", description="a text", json_schema_extra={"maxLength": MAX_QUERY_CHARS}
    )
    filters: str = Field("", description='a text such as brand:"Sony" AND price < 500')
    refine: dict[str, list[_ChoiceField]] = Field(
        {}, description='lists of values or ranges by field, such as {"brand": ["Sony"], "price": ["10..20"]}'
    )
    facets: list[Annotated[FacetBody, BeforeValidator(_named, json_schema_input_type=str | FacetBody)]] = Field(
        [], description='a list of field names, or of objects with "field" and "size", "ranges" or "under"'
    )
    sort: list[str] = Field([], description='a list such as ["price:asc", "rating:desc"]')
    page: int = Field(1, ge=1, description="a whole number from 1 on")
    page_size: int = Field(
        DEFAULT_PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE, description=f"a whole number from 1 to {MAX_PAGE_SIZE}"
    )
    cursor: str = Field("", max_length=MAX_CURSOR_CHARS, description="the next_cursor of an earlier answer, unchanged")
    mode: Literal["hybrid", "lexical", "vector"] = Field(Mode.HYBRID.value, description="hybrid, lexical or vector")
    fields: list[str] | None = Field(
        None, max_length=MAX_FIELDS, description=f"a list of at most {MAX_FIELDS} names of parts of the document"
    )
    highlight: bool = Field(False, description="true or false")
    language: Annotated[str, AfterValidator(_language)] = Field(
        "", pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", description="a language code such as en, de or pt-BR"
    )
    channel: _Name = Field("", description="the name of a sales channel")
    user_id: _Name = Field("", description=f"a text of at most {MAX_NAME_CHARS} characters")
    session_id: _Name = Field("", description=f"a text of at most {MAX_NAME_CHARS} characters")
    similar_to: _ProductId = Field("", description="the id of a product, as a text")
    explain: bool = Field(False, description="true or false")
    explain_id: _ProductId = Field("", description="the id of a product, as a text")
    sold_out: Literal["show", "last", "hide"] | None = Field(None, description="show, last or hide")
