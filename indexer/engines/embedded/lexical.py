"""The lexical side: words and scope compiled to tantivy queries. Pure functions of the typed query."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import tantivy
from tantivy import Occur, Query

from indexer.engines.embedded.fields import ID, KIND, PRODUCT, ROW, TextSchema
from indexer.engines.embedded.masks import as_text, joins_variants
from indexer.engines.query import Alternative, And, Exists, Filter, In, Not, Or, Phrase, Range, Scope, TermGroup, Words
from indexer.fields import TEXT_FIELDS

Violators = Callable[[Filter], Sequence[int]]
"""Rows that satisfy each part of a condition, yet have no single variant that satisfies them together."""
_MANY_ROWS = 2_000
"""Up to so many rows single terms are faster than a term set, which walks all rows, but no longer the more they are."""


class Compiler:
    """Compiles for one generation.

    Args:
        violators: finds the rows that a condition on several variant columns has to leave out.
    """

    def __init__(self, schema: TextSchema, violators: Violators) -> None:
        self._schema = schema
        self._native = schema.native
        self._violators = violators

    def products(self) -> Query:
        """Every product, with a score of 0."""
        return Query.const_score_query(self._term(KIND, PRODUCT), 0.0)

    def words(self, words: Words | None) -> Query:
        """All groups required, the optional ones on top; without words every product."""
        if words is None or not words.groups:
            return self.products()
        parts = [(Occur.Must, self.group(group, words)) for group in words.groups]
        parts += [(Occur.Should, self.group(group, words)) for group in words.optional]
        return Query.boolean_query(parts)

    def group(self, group: TermGroup, words: Words) -> Query:
        """The best alternative in the best field counts whole, the other fields `tie_breaker` times."""
        # Taken apart once, not for each field.
        ways = [
            (language, alternative.weight, self._terms(alternative, language))
            for language in self._known(words.languages)
            for alternative in group.alternatives
        ]
        by_field: list[Query] = []
        for field in TEXT_FIELDS:
            weight = words.field_weights.get(field, 1.0)
            if weight > 0:
                found = [
                    _boosted(self._side_by_side(self._schema.text(field, language), terms), weight * own)
                    for language, own, terms in ways
                ]
                by_field.append(found[0] if len(found) == 1 else Query.disjunction_max_query(found))
        return Query.disjunction_max_query(by_field, words.tie_breaker)

    def any_group(self, group: TermGroup, words: Words) -> Query:
        """The group in any text field and language of the index, for exclusion."""
        everywhere = Words((), languages=self._schema.languages, field_weights={}, tie_breaker=words.tie_breaker)
        return self.group(group, everywhere)

    def phrase(self, phrase: Phrase, languages: Iterable[str]) -> Query:
        """The words side by side in any text field."""
        return Query.boolean_query(
            [
                (Occur.Should, self._side_by_side(self._schema.text(field, language), terms))
                for language in self._known(tuple(languages))
                for terms in (self._terms(Alternative(phrase.words), language),)
                for field in TEXT_FIELDS
            ]
        )

    def scoped(self, query: Query, scope: Scope) -> Query:
        """`query` within scope; its scores stay as they are."""
        must = [self.filter(part) for part in (scope.filter, scope.enforced) if part is not None]
        must += [self.phrase(phrase, self._schema.languages) for phrase in scope.phrases]
        must_not = [self.any_group(group, Words(())) for group in scope.excluded]
        must_not += [self.phrase(phrase, self._schema.languages) for phrase in scope.excluded_phrases]
        if not must and not must_not:
            return query
        parts = [(Occur.Must, query)]
        parts += [(Occur.Must, Query.const_score_query(part, 0.0)) for part in must]
        parts += [(Occur.MustNot, part) for part in must_not]
        return Query.boolean_query(parts)

    def filter(self, condition: Filter) -> Query:
        """The products that satisfy a condition."""
        query = self._apart(condition)
        if not joins_variants(condition, self._is_variant):
            return query
        # A product's values stand together in its document, whichever variant has them.
        violators = self._violators(condition)
        return Query.boolean_query([(Occur.Must, query), (Occur.MustNot, self.rows(violators))]) if violators else query

    def _apart(self, condition: Filter) -> Query:
        """As `filter`, where each condition on variants may be met by another one, up to the next `Not`."""
        match condition:
            case Not(inner):
                return Query.boolean_query([(Occur.Must, self.products()), (Occur.MustNot, self.filter(inner))])
            case Or(conditions):
                return Query.boolean_query([(Occur.Should, self._apart(part)) for part in conditions])
            case And(conditions):
                return Query.boolean_query([(Occur.Must, self._apart(part)) for part in conditions])
            case In(key, values):
                if self._schema.is_numeric(key):
                    exact = [Range(key, float(value), float(value)) for value in values]
                    return Query.boolean_query([(Occur.Should, self._between(bounds)) for bounds in exact])
                name = self._schema.column(key)
                return Query.boolean_query([(Occur.Should, self._term(name, as_text(value))) for value in values])
            case Exists(key):
                return Query.exists_query(self._schema.column(key))
            case Range():
                return self._between(condition)

    def rows(self, rows: Sequence[int]) -> Query:
        """Products by row number."""
        if len(rows) > _MANY_ROWS:
            return Query.term_set_query(self._native, ROW, rows)
        return Query.boolean_query([(Occur.Should, self._term(ROW, row)) for row in rows])

    def ids(self, ids: Iterable[str]) -> Query:
        """Products by id."""
        return Query.boolean_query([(Occur.Should, self._term(ID, id_)) for id_ in ids])

    def _between(self, bounds: Range) -> Query:
        if bounds.lower is None and bounds.upper is None:
            return Query.exists_query(self._schema.column(bounds.column))
        return Query.range_query(
            self._native,
            self._schema.column(bounds.column),
            tantivy.FieldType.Float,
            lower_bound=None if bounds.lower is None else float(bounds.lower),
            upper_bound=None if bounds.upper is None else float(bounds.upper),
            include_lower=bounds.include_lower or bounds.lower is None,
            include_upper=bounds.include_upper or bounds.upper is None,
        )

    def _terms(self, alternative: Alternative, language: str) -> tuple[list[str], str]:
        """(terms that stand side by side, the word that is indexed whole as well or "")."""
        terms = self._schema.analyzer(language).phrase(alternative.words)
        return terms, alternative.words[0] if len(alternative.words) == 1 and len(terms) > 1 else ""

    def _side_by_side(self, field: str, terms: tuple[list[str], str]) -> Query:
        parts, whole = terms
        if len(parts) == 1:
            return self._term(field, parts[0])
        found = Query.phrase_query(self._native, field, list(parts))
        return Query.disjunction_max_query([self._term(field, whole), found]) if whole else found

    def _term(self, field: str, value: str | int) -> Query:
        return Query.term_query(self._native, field, value)

    def _known(self, languages: tuple[str, ...]) -> list[str]:
        known = [language for language in languages if language in self._schema.languages]
        return known or [self._schema.languages[0]]

    def _is_variant(self, key: str) -> bool:
        return self._schema.declared.columns[key].variant


def _boosted(query: Query, weight: float) -> Query:
    return query if weight == 1.0 else Query.boost_query(query, weight)
