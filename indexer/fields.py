"""What an index declares: its fields with their types, languages, channels and the text that is embedded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
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

    @cached_property
    def fields_of(self) -> Mapping[str, tuple[Field, ...]]:
        """By attribute of a product, the fields that are declared from it."""
        result: dict[str, tuple[Field, ...]] = {}
        for declared in self.attributes:
            result[declared.attribute] = (*result.get(declared.attribute, ()), declared)
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
    """The inverse of `schema_to_json`; what is left out has its default.

    What only new settings are checked for, see `check_schema`, is taken as it is: a stored schema has to be read to be
    mended.

    Raises:
        ConfigurationError: an unknown name or type, or a value of the wrong kind.
    """
    if not isinstance(data, Mapping):
        raise _wrong("schema", data, "settings by name")
    unknown = sorted(set(data) - {f.name for f in dataclass_fields(Schema)})
    if unknown:
        raise ConfigurationError(
            f"unknown schema settings {unknown}; known are {sorted(f.name for f in dataclass_fields(Schema))}"
        )
    for name, (is_right, wanted) in _CHECKS.items():
        if name in data and not is_right(data[name]):
            raise _wrong(f"schema.{name}", data[name], wanted)
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
    if "attributes" in values:
        values["attributes"] = tuple(
            _attribute(f"schema.attributes[{number}]", entry) for number, entry in enumerate(values["attributes"])
        )
    return Schema(**values)


def check_schema(schema: Schema) -> None:
    """Makes sure that a new schema can be searched under.

    Raises:
        ConfigurationError: a language, a currency or the template has not its form, a name is taken, or the channel has
            no currency.
    """
    for name, is_right in _RULES.items():
        if not is_right(getattr(schema, name)):
            raise _wrong(f"schema.{name}", getattr(schema, name), _CHECKS[name][1])
    _check_names([declared.name for declared in schema.attributes])
    if schema.channel not in schema.currencies:
        raise _wrong("schema.channel", schema.channel, f"one of schema.currencies ({', '.join(schema.currencies)})")


def _check_names(names: list[str]) -> None:
    """Makes sure that each attribute has a name of its own."""
    for place, name in enumerate(names):
        if name in RESERVED or name in names[:place]:
            taken = "is built in" if name in RESERVED else "has another attribute"
            raise ConfigurationError(
                f"schema.attributes[{place}].name is {name!r}, which {taken}; another name is wanted, such as "
                f"{'attributes.' + name!r}, with {name!r} as its attribute"
            )


def _attribute(place: str, entry: Any) -> Field:
    types = ", ".join(t.value for t in FieldType if t is not FieldType.MONEY)
    try:
        name, kind = entry["name"], FieldType(entry["type"])
    except (KeyError, ValueError, TypeError) as error:
        raise ConfigurationError(f"{place}: an attribute needs a name and a type out of {types}: {error}") from error
    unknown = sorted(set(entry) - {"name", "type", "attribute", "variant"})
    if unknown:
        raise ConfigurationError(f"{place} has unknown parts {unknown}; known are name, type, attribute and variant")
    attribute, variant = entry.get("attribute", name), entry.get("variant", False)
    for part, value in (("name", name), ("attribute", attribute)):
        if not _is_name(value):
            raise _wrong(f"{place}.{part}", value, "a text")
    if not isinstance(variant, bool):
        raise _wrong(f"{place}.variant", variant, "true or false")
    if kind is FieldType.MONEY:
        raise ConfigurationError(
            f"{place}: attribute {name!r} has the type money, which only offers have, for an amount needs a "
            "currency: declare it as number, or give it as an offer"
        )
    return Field(name, kind, attribute, variant)


def _wrong(place: str, value: object, wanted: str) -> ConfigurationError:
    return ConfigurationError(f"{place} is {value!r}; {wanted} is wanted")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_list(value: object) -> bool:
    return isinstance(value, (list, tuple))


def _are_names(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(map(_is_name, value))


def _is_by_channel(value: object) -> bool:
    return isinstance(value, Mapping) and bool(value) and _are_names([*value, *value.values()])


def _is_length(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


_CHECKS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "attributes": (_is_list, 'a list of fields such as [{"name": "watts", "type": "number"}]'),
    "language": (_is_name, 'a language code such as "en"'),
    "languages": (_are_names, 'a list such as ["de", "fr"]'),
    "currencies": (_is_by_channel, 'an ISO 4217 code by channel such as {"default": "EUR"}'),
    "channel": (_is_name, "the name of a channel"),
    "encoder": (_is_text, 'the name of a text encoder (or "" for none)'),
    "encoder_languages": (_are_names, 'a list such as ["de", "fr"]'),
    "text_template": (_is_text, 'a text such as "{title}", with each brace closed,'),
    "max_text_chars": (_is_length, "a whole number from 1"),
}
"""By setting, what a value must be to be read, and what is wanted of it."""


def _is_language(value: str) -> bool:
    return _LANGUAGE.fullmatch(value) is not None


def _are_languages(value: Iterable[str]) -> bool:
    return all(map(_is_language, value))


def _are_codes(value: Mapping[str, str]) -> bool:
    return all(map(_CURRENCY.fullmatch, value.values()))


def _is_template(value: str) -> bool:
    return not set("{}") & set(_PLACEHOLDER.sub("", value))


_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")
_CURRENCY = re.compile(r"[A-Z]{3}")
_PLACEHOLDER = re.compile(r"\{[^{}]+\}")

_RULES: Mapping[str, Callable[[Any], bool]] = {
    "language": _is_language,
    "languages": _are_languages,
    "currencies": _are_codes,
    "encoder_languages": _are_languages,
    "text_template": _is_template,
}
"""By setting, what a new value must be beyond that."""
