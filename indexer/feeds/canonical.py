"""Products in the form that the catalogue itself writes, read back exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from indexer.errors import RowError
from indexer.feeds.ids import check_id
from indexer.feeds.records import shown
from indexer.product import Product, from_document

_Finite = Annotated[float, Field(allow_inf_nan=False)]
_Scalar = bool | int | _Finite | str
_Value = _Scalar | list[_Scalar]
_Text = str | dict[str, str]
_Minor = Annotated[int, Field(ge=0)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class _Offer(_Strict):
    price: _Minor | None = None
    currency: str
    list_price: _Minor | None = None
    availability: Literal["in_stock", "preorder", "backorder", "out_of_stock"]


class _Variant(_Strict):
    sku: str
    gtins: list[str] = []
    attributes: dict[str, _Value] = {}
    offers: dict[str, _Offer] = {}
    image: str = ""


class _Document(_Strict):
    id: str
    title: _Text = ""
    description: _Text = ""
    brand: str = ""
    categories: list[list[str]] = []
    sku: str = ""
    mpn: str = ""
    gtins: list[str] = []
    url: str = ""
    images: list[str] = []
    rating: _Finite | None = None
    rating_count: int | None = None
    popularity: _Finite | None = None
    released_at: str = ""
    offers: dict[str, _Offer] = {}
    attributes: dict[str, _Value] = {}
    variants: list[_Variant] = []


# What no other shop's export has in this form.
_TELLING = ("offers", "attributes", "variants", "categories")


def is_canonical(rows: Iterable[Mapping[str, Any]]) -> bool:
    """Whether all rows have the catalogue's own form, and at least one has it in a way that nobody else has."""
    telling = False
    for row in rows:
        try:
            _Document.model_validate(row)
        except ValidationError:
            return False
        telling = telling or any(row.get(name) for name in _TELLING)
    return telling


class CanonicalBuilder:
    """Makes products of rows in the catalogue's own form."""

    def build(self, values: Mapping[str, Any]) -> Product:
        """The product that was written.

        Raises:
            RowError: the row has not that form.
        """
        try:
            _Document.model_validate(values)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise RowError(where, shown(first["input"]), f"{first['msg']}, as the catalogue writes products") from error
        check_id("id", values["id"])
        return from_document(values)

    def id_of(self, values: Mapping[str, Any]) -> str:
        """The id of a row that may be broken, "" where it cannot be read."""
        try:
            return check_id("id", values["id"])
        except (KeyError, AttributeError, TypeError, RowError):
            return ""
