"""Products in the form that the catalogue itself writes, read back exactly; and its offers and variants in any row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, TypeGuard

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from indexer.errors import RowError
from indexer.feeds.ids import check_id
from indexer.feeds.names import OFFERS
from indexer.feeds.records import shown
from indexer.product import Offer, Product, Variant, from_document

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


_OFFERS = TypeAdapter(dict[str, _Offer])
_OF_OFFERS = frozenset(_Offer.model_fields)
# How schema.org speaks of an offer.
_OF_OTHERS = frozenset({"@type", "priceCurrency"})

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


def is_part_of_offers(name: str) -> bool:
    """Whether a flattened column, such as `offers.us.price`, is a part of offers by channel."""
    offer, _, part = name.rpartition(".")
    return offer.startswith(f"{OFFERS}.") and part in _OF_OFFERS


def is_by_channel(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether it is an object of offers by sales channel, well or badly formed, and nobody else's offers."""
    if not isinstance(value, Mapping):
        return False
    offers = [offer for offer in value.values() if offer is not None]
    if not all(isinstance(offer, Mapping) and _OF_OTHERS.isdisjoint(offer) for offer in offers):
        return False
    return any(not _OF_OFFERS.isdisjoint(offer) for offer in offers)


def read_by_channel(field: str, value: object) -> Mapping[str, Offer] | None:
    """The offers of a column that `is_by_channel`; None where it is another.

    Raises:
        RowError: they are not as the catalogue writes them.
    """
    if isinstance(value, list) and any(map(is_by_channel, value)):
        raise RowError(field, shown(value), "offers by channel are one object")
    if not is_by_channel(value):
        return None
    offers = {channel: offer for channel, offer in value.items() if offer is not None}
    try:
        _OFFERS.validate_python(offers)
    except ValidationError as error:
        raise _row_error(error, field) from error
    return from_document({"id": "", "offers": offers}).offers


def read_variant(value: Mapping[str, Any]) -> Variant | None:
    """A variant that has the catalogue's own form, in a way that nobody else has it; None of another."""
    if not (value.get("sku") and (isinstance(value.get("attributes"), dict) or is_by_channel(value.get("offers")))):
        return None
    try:
        _Variant.model_validate(value)
    except ValidationError:
        return None
    return from_document({"id": "", "variants": [value]}).variants[0]


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
            raise _row_error(error) from error
        check_id("id", values["id"])
        return from_document(values)

    def id_of(self, values: Mapping[str, Any]) -> str:
        """The id of a row that may be broken, "" where it cannot be read."""
        try:
            return check_id("id", values["id"])
        except (KeyError, AttributeError, TypeError, RowError):
            return ""


def _row_error(error: ValidationError, field: str = "") -> RowError:
    first = error.errors(include_url=False)[0]
    where = ".".join(map(str, (field, *first["loc"]) if field else first["loc"]))
    return RowError(where, shown(first["input"]), f"{first['msg']}, as the catalogue writes products")
