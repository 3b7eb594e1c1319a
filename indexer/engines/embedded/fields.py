"""The tantivy schema of a generation: field names, defined once, and the documents that go into it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import tantivy

from indexer.analysis.analyzer import Analyzer, analyzer
from indexer.analysis.words import surface_words
from indexer.engines.protocol import IndexDocument
from indexer.fields import TEXT_FIELDS, FieldType, Schema

ROW = "row"
CHANGE = "change"
ID = "id"
KIND = "kind"
META = "meta"
WORDS = "words"
PRODUCT = "p"
"""The value of KIND in every product's document; the one document that holds the commit's figures has another."""
COMMIT = "c"

NUMERIC = frozenset({FieldType.NUMBER, FieldType.MONEY, FieldType.DATE})


class TextSchema:
    """Names and types of the tantivy fields that a schema makes."""

    def __init__(self, schema: Schema) -> None:
        self.declared = schema
        self.languages = schema.all_languages
        self._columns = {key: f"f{number}" for number, key in enumerate(schema.columns)}

    def text(self, field: str, language: str) -> str:
        """The tantivy field of a text field's texts in a language."""
        return f"{field}_{self.languages.index(language)}"

    def column(self, key: str) -> str:
        """The tantivy field of a column."""
        return self._columns[key]

    def analyzer(self, language: str) -> Analyzer:
        return analyzer(language)

    def is_numeric(self, key: str) -> bool:
        """Whether the column is kept as numbers; all others are kept as strings."""
        return self.declared.columns[key].type in NUMERIC

    @cached_property
    def native(self) -> tantivy.Schema:
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field(ROW, indexed=True, fast=True)
        builder.add_unsigned_field(CHANGE, fast=True)
        builder.add_text_field(ID, tokenizer_name="raw", index_option="basic")
        builder.add_text_field(KIND, tokenizer_name="raw", index_option="basic")
        builder.add_text_field(META, stored=True, tokenizer_name="raw", index_option="basic")
        builder.add_text_field(WORDS, tokenizer_name="whitespace", index_option="basic")
        for field in TEXT_FIELDS:
            for language in self.languages:
                builder.add_text_field(self.text(field, language), tokenizer_name="whitespace", index_option="position")
        for key, name in self._columns.items():
            if self.is_numeric(key):
                builder.add_float_field(name, indexed=False, fast=True)
            else:
                builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
        return builder.build()

    def document(
        self, document: IndexDocument, row: int, columns: Mapping[str, tuple[str | float, ...]]
    ) -> tantivy.Document:
        """The tantivy document of a product's version; `columns` holds distinct values as strings and floats."""
        native = tantivy.Document()
        native.add_unsigned(ROW, row)
        native.add_unsigned(CHANGE, document.change_number)
        native.add_text(ID, document.id)
        native.add_text(KIND, PRODUCT)
        seen: set[str] = set()
        for field, texts in document.texts.items():
            for language, text in texts.items():
                known = language if language in self.languages else self.languages[0]
                in_order, whole = self.analyzer(known).index_text(text)
                native.add_text(self.text(field, known), in_order)
                if whole:
                    native.add_text(self.text(field, known), whole)
                seen.update(surface_words(text))
        native.add_text(WORDS, " ".join(seen))
        for key, values in columns.items():
            name = self._columns[key]
            if self.is_numeric(key):
                for value in values:
                    native.add_float(name, float(value))
            else:
                for value in values:
                    native.add_text(name, str(value))
        return native
