"""The fields of a generation in Elasticsearch: their names, defined once.

A product's columns are plain fields (`brand`, `price@default`, `attributes.colour`); what belongs to variants has the
values of all of them there, and those of each single one in the nested `variants`. What words search is under `terms`,
as our own analysis makes it; the texts as they were written are `title` and `description`.
"""

from __future__ import annotations

import re

from indexer.fields import BUILT_IN_FIELDS, TEXT_FIELDS, FieldType, Schema

ID = "id"
CHANGE = "change_number"
COMMIT = "commit"
WORDS = "words"
TERMS = "terms"
VECTOR = "vector"
VECTOR_SUM = "vector_crc32"
SOURCE = "source"
SOURCE_SUM = "source_crc32"
VARIANTS = "variants"
VARIANT_COUNT = "variant_count"
DELETED = "deleted"
DELETED_AT = "deleted_at"
ATTRIBUTES = "attributes"
RAW_TEXTS = ("title", "description")
"""Text fields that are no columns too; no attribute can be called so."""

_BUILT_IN = frozenset(field.name for field in BUILT_IN_FIELDS)
_UNSAFE = re.compile(r"[%.*\x00-\x1f\x7f]|^\s|\s$")
"""A dot would part a name into objects, and a star would stand for many."""


class Fields:
    """Names and types of the fields that a schema makes."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.languages = schema.all_languages
        self._columns = {
            key: key_path(key) if declared.name in _BUILT_IN else f"{ATTRIBUTES}.{key_path(key)}"
            for key, declared in schema.columns.items()
        }

    def text(self, field: str, language: str) -> str:
        """What words of a text field in a language are searched in."""
        return f"{TERMS}.{field}.{key_path(language)}"

    def texts(self) -> list[str]:
        """All that words are searched in."""
        return [self.text(field, language) for field in TEXT_FIELDS for language in self.languages]

    def known(self, language: str) -> str:
        """The language that a text is searched under: its own, or the index's where it has none of it."""
        return language if language in self.languages else self.languages[0]

    def column(self, key: str, *, of_variant: bool = False) -> str:
        """The field of a column: of the product with all its variants, or of each single one."""
        return f"{VARIANTS}.{self._columns[key]}" if of_variant else self._columns[key]

    def type(self, key: str) -> FieldType:
        return self.schema.columns[key].type

    def is_variant(self, key: str) -> bool:
        """Whether the column's values belong to variants."""
        return self.schema.columns[key].variant

    def is_numeric(self, key: str) -> bool:
        """Whether its values are compared as numbers."""
        return self.type(key) in (FieldType.NUMBER, FieldType.MONEY, FieldType.DATE)


def key_path(name: str) -> str:
    """A name as a single step of a path in Elasticsearch: another one for each, and the same where it is ordinary."""
    if not name:
        return "%"
    return _UNSAFE.sub(lambda match: "".join(f"%{byte:02x}" for byte in match.group().encode()), name)
