"""What an index declares: its fields with their types, languages, channels and the text that is embedded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from dataclasses import fields as dataclass_fields
from enum import StrEnum
from functools import cached_property
from typing import Any

from indexer.errors import ConfigurationError
from indexer.product import DEFAULT_CHANNEL, UNKNOWN_CURRENCY

PATH_SEPARATOR = " > "
"""Between the names of a category path where it is written as one string."""

MAX_ATTRIBUTE_FIELDS = 200
"""How many attributes an import declares by itself, the most frequent first."""


class FieldType(StrEnum):
    """How a field's values are compared."""

    TEXT = "text"
    KEYWORD = "keyword"
    NUMBER = "number"
    MONEY = "money"
    BOOLEAN = "boolean"
    DATE = "date"
    PATH = "path"


SORTABLE = frozenset({FieldType.NUMBER, FieldType.MONEY, FieldType.DATE, FieldType.BOOLEAN, FieldType.KEYWORD})
RANGED = frozenset({FieldType.NUMBER, FieldType.MONEY, FieldType.DATE})


@dataclass(frozen=True, slots=True)
class Field:
    """One declared field.

    Args:
        name: what filters, facets and sorts call it.
        type: how its values compare.
        attribute: the product attribute it is read from; "" for the built-in fields.
        variant: its values belong to variants: conditions on several such fields speak of one variant.
        per_channel: it has one column per sales channel (price, availability).
    """

    name: str
    type: FieldType
    attribute: str = ""
    variant: bool = False
    per_channel: bool = False


TEXT_FIELDS = ("title", "brand", "category", "codes", "description", "attributes")
"""The searchable texts of every product. `codes` holds id, sku, mpn and gtin; `attributes` catches all the rest."""

BUILT_IN_FIELDS = (
    Field("id", FieldType.KEYWORD),
    Field("brand", FieldType.KEYWORD),
    Field("category", FieldType.PATH),
    Field("sku", FieldType.KEYWORD, variant=True),
    Field("gtin", FieldType.KEYWORD, variant=True),
    Field("mpn", FieldType.KEYWORD),
    Field("price", FieldType.MONEY, variant=True, per_channel=True),
    Field("list_price", FieldType.MONEY, variant=True, per_channel=True),
    Field("availability", FieldType.KEYWORD, variant=True, per_channel=True),
    Field("in_stock", FieldType.BOOLEAN, variant=True, per_channel=True),
    Field("rating", FieldType.NUMBER),
    Field("rating_count", FieldType.NUMBER),
    Field("popularity", FieldType.NUMBER),
    Field("released_at", FieldType.DATE),
)
RESERVED = frozenset(f.name for f in BUILT_IN_FIELDS) | {"title", "description", "language"}

DEFAULT_TEXT_TEMPLATE = "{title}\n{description}"


@dataclass(frozen=True)
class Schema:
    """Everything of an index whose change needs a rebuild.

    Args:
        attributes: the declared attribute fields.
        language: ISO 639-1 code of texts that name none, and of requests that name none.
        languages: the other languages that texts come in.
        currencies: by channel; an offer in another currency is no value of that channel.
        channel: the channel of requests that name none.
        encoder: name of the text encoder, "" for none (lexical only).
        encoder_languages: the languages that it covers; () for what its manifest says.
        text_template: what is embedded; may name title, description, brand, category and any attribute in braces.
        max_text_chars: the template's result is cut here before it is embedded.
    """

    attributes: tuple[Field, ...] = ()
    language: str = "en"
    languages: tuple[str, ...] = ()
    currencies: Mapping[str, str] = field(default_factory=lambda: {DEFAULT_CHANNEL: UNKNOWN_CURRENCY})
    channel: str = DEFAULT_CHANNEL
    encoder: str = ""
    encoder_languages: tuple[str, ...] = ()
    text_template: str = DEFAULT_TEXT_TEMPLATE
    max_text_chars: int = 2000

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """All declared fields by name: the built-in ones, then the attributes."""
        return {f.name: f for f in (*BUILT_IN_FIELDS, *self.attributes)}

    @cached_property
    def columns(self) -> Mapping[str, Field]:
        """The concrete columns by key: a per-channel field has one for each channel."""
        result: dict[str, Field] = {}
        for declared in self.fields.values():
            if declared.per_channel:
                result.update({column_key(declared.name, channel): declared for channel in self.currencies})
            else:
                result[declared.name] = declared
        return result

    @property
    def all_languages(self) -> tuple[str, ...]:
        return (self.language, *(language for language in self.languages if language != self.language))

    def column(self, name: str, channel: str = "") -> str:
        """The column key of field `name` in `channel` (the default one where "")."""
        declared = self.fields[name]
        return column_key(name, channel or self.channel) if declared.per_channel else name

    def with_attributes(self, attributes: Iterable[Field]) -> Schema:
        return replace(self, attributes=tuple(attributes))


def column_key(name: str, channel: str) -> str:
    """The key of a per-channel field's column."""
    return f"{name}@{channel}"


def schema_to_json(schema: Schema) -> dict[str, Any]:
    """The schema as plain JSON types."""
    return {
        "attributes": [
            {"name": f.name, "type": f.type.value, "attribute": f.attribute, "variant": f.variant}
            for f in schema.attributes
        ],
        "language": schema.language,
        "languages": list(schema.languages),
        "currencies": dict(schema.currencies),
        "channel": schema.channel,
        "encoder": schema.encoder,
        "encoder_languages": list(schema.encoder_languages),
        "text_template": schema.text_template,
        "max_text_chars": schema.max_text_chars,
    }


def schema_from_json(data: Mapping[str, Any]) -> Schema:
    """The inverse of `schema_to_json`.

    Raises:
        ConfigurationError: an unknown key or type.
    """
    known = {f.name for f in dataclass_fields(Schema)}
    unknown = sorted(set(data) - known)
    if unknown:
        raise ConfigurationError(f"unknown schema settings {unknown}; known are {sorted(known)}")
    values = dict(data)
    try:
        values["attributes"] = tuple(
            Field(
                name=entry["name"],
                type=FieldType(entry["type"]),
                attribute=entry.get("attribute", entry["name"]),
                variant=bool(entry.get("variant", False)),
            )
            for entry in data.get("attributes", ())
        )
    except (KeyError, ValueError, TypeError) as error:
        types = ", ".join(t.value for t in FieldType if t is not FieldType.MONEY)
        raise ConfigurationError(f"an attribute needs a name and a type out of {types}: {error}") from error
    for declared in values["attributes"]:
        if declared.type is FieldType.MONEY:
            raise ConfigurationError(
                f"attribute {declared.name!r} has the type money, which only offers have, for an amount needs a "
                "currency: declare it as number, or give it as an offer"
            )
    values["languages"] = tuple(data.get("languages", ()))
    values["encoder_languages"] = tuple(data.get("encoder_languages", ()))
    return Schema(**values)
