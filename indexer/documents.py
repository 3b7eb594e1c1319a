"""A product under a schema: what an engine stores of it, and the text of it that is embedded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import numpy as np
import regex
from numpy.typing import NDArray

from indexer.engines.protocol import IndexDocument
from indexer.engines.query import Atom
from indexer.fields import PATH_SEPARATOR, Field, FieldType, Schema, column_key
from indexer.product import Offer, Product, Scalar, Text, Value, Variant, text_in

_PLACEHOLDER = regex.compile(r"\{([^{}]+)\}")


def embedded_text(product: Product, schema: Schema) -> str:
    """The text of a product that the encoder reads: the schema's template filled in."""

    def fill(match: regex.Match[str]) -> str:
        name = match.group(1)
        if name in ("title", "description"):
            return text_in(getattr(product, name), schema.language, schema.language)
        if name == "brand":
            return product.brand
        if name == "category":
            return ", ".join(PATH_SEPARATOR.join(path) for path in product.categories)
        return ", ".join(str(value) for value in _as_tuple(product.attributes.get(name, ())))

    filled: str = _PLACEHOLDER.sub(fill, schema.text_template)
    return filled.strip()[: schema.max_text_chars]


def to_index_document(
    product: Product, schema: Schema, change_number: int, vector: NDArray[np.float32] | None, source: bytes
) -> IndexDocument:
    """The product as an engine stores it; `source` is its canonical JSON."""
    return IndexDocument(
        id=product.id,
        change_number=change_number,
        texts=_texts(product, schema),
        values=_values(product, schema),
        variants=tuple(variant_values(variant, product, schema) for variant in product.variants),
        vector=vector,
        source=source,
    )


def _texts(product: Product, schema: Schema) -> dict[str, dict[str, str]]:
    default = schema.language
    codes = [product.id, product.sku, product.mpn, *product.gtins]
    for variant in product.variants:
        codes += [variant.sku, *variant.gtins]
    texts = {
        "title": _by_language(product.title, default),
        "description": _by_language(product.description, default),
        "brand": {default: product.brand},
        "category": {default: " ".join(dict.fromkeys(name for path in product.categories for name in path))},
        "codes": {default: " ".join(dict.fromkeys(filter(None, codes)))},
        "attributes": {default: _attribute_text(product)},
    }
    return {field: filled for field, by in texts.items() if (filled := {k: v for k, v in by.items() if v})}


def _by_language(text: Text, default: str) -> dict[str, str]:
    return {default: text} if isinstance(text, str) else dict(text)


def _attribute_text(product: Product) -> str:
    """All attribute values; of a true boolean its name, for it says what the product has."""
    words: list[str] = []
    for attributes in (product.attributes, *(variant.attributes for variant in product.variants)):
        for name, value in attributes.items():
            for one in _as_tuple(value):
                if one is True:
                    words.append(name)
                elif one is not False:
                    words.append(_scalar_text(one))
    return " ".join(dict.fromkeys(words))


def _scalar_text(value: Scalar) -> str:
    """As people write it: 5.0 is 5."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _values(product: Product, schema: Schema) -> dict[str, tuple[Atom, ...]]:
    values: dict[str, tuple[Atom, ...]] = {
        "id": (product.id,),
        "brand": _some(product.brand),
        "category": tuple(dict.fromkeys(_prefixes(product.categories))),
        "sku": _some(product.sku),
        "gtin": product.gtins,
        "mpn": _some(product.mpn),
        "rating": _some(product.rating),
        "rating_count": _some(product.rating_count),
        "popularity": _some(product.popularity),
        "released_at": _dates((product.released_at,)),
    }
    values.update(_offer_values(product.offers, schema))
    for attribute, value in product.attributes.items():
        for field in schema.fields_of.get(attribute, ()):
            values[field.name] = _typed(value, field)
    return {key: found for key, found in values.items() if found}


def variant_values(variant: Variant, product: Product, schema: Schema) -> dict[str, tuple[Atom, ...]]:
    """By column, the values of one variant; what it does not say itself, it has from its product."""
    values: dict[str, tuple[Atom, ...]] = {"sku": _some(variant.sku), "gtin": variant.gtins}
    values.update(_offer_values({**product.offers, **variant.offers}, schema))
    for attribute, value in {**product.attributes, **variant.attributes}.items():
        for field in schema.fields_of.get(attribute, ()):
            if field.variant:
                values[field.name] = _typed(value, field)
    return {key: found for key, found in values.items() if found}


def _offer_values(offers: Mapping[str, Offer], schema: Schema) -> dict[str, tuple[Atom, ...]]:
    values: dict[str, tuple[Atom, ...]] = {}
    for channel, currency in schema.currencies.items():
        offer = offers.get(channel)
        if offer is None:
            continue
        values[column_key("availability", channel)] = (offer.availability.value,)
        values[column_key("in_stock", channel)] = (offer.availability.buyable,)
        if offer.currency == currency:
            values[column_key("price", channel)] = _some(offer.price)
            values[column_key("list_price", channel)] = _some(offer.list_price)
    return values


def _typed(value: Value, field: Field) -> tuple[Atom, ...]:
    """The values that are of the field's type; a feed's stray value of another type stays in the document only."""
    values = _as_tuple(value)
    match field.type:
        case FieldType.NUMBER | FieldType.MONEY:
            return tuple(float(one) for one in values if isinstance(one, (int, float)) and not isinstance(one, bool))
        case FieldType.BOOLEAN:
            return tuple(one for one in values if isinstance(one, bool))
        case FieldType.DATE:
            return _dates(str(one) for one in values)
        case FieldType.PATH:
            return tuple(_prefixes([tuple(part.strip() for part in str(one).split(">")) for one in values]))
        case _:
            return tuple(("true" if one else "false") if isinstance(one, bool) else _scalar_text(one) for one in values)


def _prefixes(paths: Iterable[tuple[str, ...]]) -> Iterable[str]:
    for path in paths:
        for depth in range(1, len(path) + 1):
            yield PATH_SEPARATOR.join(path[:depth])


def _dates(texts: Iterable[str]) -> tuple[int, ...]:
    result: list[int] = []
    for text in texts:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            continue
        result.append(int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()))
    return tuple(result)


def _some(value: Atom | None) -> tuple[Atom, ...]:
    return () if value is None or value == "" else (value,)


def _as_tuple(value: Value) -> tuple[str | int | float | bool, ...]:
    return value if isinstance(value, tuple) else (value,)
