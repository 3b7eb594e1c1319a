"""What a catalogue's products have: attributes with their types, channels, currencies and languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import orjson
import regex

from indexer.fields import MAX_ATTRIBUTE_FIELDS, RESERVED, Field, FieldType, Schema
from indexer.jobs.currencies import Currencies
from indexer.product import Product, Scalar, Value, from_document
from indexer.store.protocol import CatalogueStore
from indexer.store.records import MAX_BATCH, AttributeCount

_DATE = regex.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?")
_MAX_KEYWORD_CHARS = 120
"""Longer strings are prose: searched in the catch-all text, no use as a filter or facet."""
_VARIANT = "variant"
_CLEAR_MAJORITY = 0.95

_TYPES = {
    "boolean": FieldType.BOOLEAN,
    "number": FieldType.NUMBER,
    "date": FieldType.DATE,
    "keyword": FieldType.KEYWORD,
}


class Tally:
    """Counts while products pass by; constant memory but for the attributes' names."""

    def __init__(self) -> None:
        self._attributes: dict[str, Counter[str]] = {}
        self._currencies = Currencies()
        self._languages: Counter[str] = Counter()

    def add(self, product: Product) -> None:
        """Counts one product."""
        for name, value in product.attributes.items():
            self._count(name, value, in_variant=False)
        for text in (product.title, product.description):
            if isinstance(text, Mapping):
                self._languages.update(text.keys())
        self._currencies.add(product)
        names: set[str] = set()
        for variant in product.variants:
            for name, value in variant.attributes.items():
                if name not in names:
                    names.add(name)
                    self._count(name, value, in_variant=True)

    def counts(self) -> list[AttributeCount]:
        """How often each attribute occurs, most frequent first."""
        result = []
        for name, types in self._attributes.items():
            kinds = {kind: number for kind, number in types.items() if kind != _VARIANT}
            if kinds:  # else its values were empty lists
                result.append(AttributeCount(name, sum(kinds.values()), dict(types)))
        return sorted(result, key=lambda entry: (-entry.count, entry.name))

    def declare(self, schema: Schema) -> Schema:
        """The schema with what was counted: the most frequent attributes, channels and languages."""
        met = self._currencies.by_channel
        # Where no product is offered in its channel, requests that name none had better mean the busiest one.
        channel = schema.channel if schema.channel in met or not met else self._currencies.busiest
        others = sorted(language for language in self._languages if language != schema.language)
        return replace(
            schema,
            attributes=declared_fields(self.counts()),
            currencies={**schema.currencies, **met},
            channel=channel,
            languages=tuple(dict.fromkeys((*schema.languages, *others))),
        )

    def _count(self, name: str, value: Value, *, in_variant: bool) -> None:
        types = self._attributes.setdefault(name, Counter())
        first = value[0] if isinstance(value, tuple) and value else value
        if not isinstance(first, tuple):
            types[_kind(first)] += 1
        if in_variant:
            types[_VARIANT] += 1


def tally_of(catalogue: CatalogueStore, index: str) -> Tally:
    """Counts what is in the catalogue, for an index whose products did not all pass by."""
    tally, after = Tally(), 0
    while batch := catalogue.changes(index, after, MAX_BATCH):
        for change in batch:
            if change.document is not None:
                tally.add(from_document(orjson.loads(change.document)))
        after = batch[-1].change_number
    return tally


def declared_fields(counts: list[AttributeCount], limit: int = MAX_ATTRIBUTE_FIELDS) -> tuple[Field, ...]:
    """The fields that an index declares by itself: the most frequent attributes that can be filtered on."""
    fields: list[Field] = []
    for entry in counts:
        kind = _declared_type(entry)
        if kind is None:
            continue
        name = f"attributes.{entry.name}" if entry.name in RESERVED or "@" in entry.name else entry.name
        fields.append(Field(name, kind, entry.name, variant=bool(entry.types.get(_VARIANT))))
        if len(fields) == limit:
            break
    return tuple(fields)


def _declared_type(entry: AttributeCount) -> FieldType | None:
    for kind, declared in _TYPES.items():
        if entry.types.get(kind, 0) >= _CLEAR_MAJORITY * entry.count:
            return declared
    prose = entry.types.get("text", 0)
    return None if prose > entry.count / 2 else FieldType.KEYWORD


def _kind(value: Scalar) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if _DATE.fullmatch(value):
        return "date"
    return "keyword" if len(value) <= _MAX_KEYWORD_CHARS else "text"
