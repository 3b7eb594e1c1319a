"""The lexical side: words and scope compiled to Elasticsearch queries. Pure functions of the typed query."""

from __future__ import annotations

from collections.abc import Iterable

from indexer.analysis.analyzer import analyzer
from indexer.engines.elasticsearch.conditions import NOTHING, PRODUCT, Body, Conditions, any_of
from indexer.engines.elasticsearch.fields import Fields
from indexer.engines.query import Alternative, Phrase, Scope, TermGroup, Words
from indexer.fields import TEXT_FIELDS


class Lexical:
    """Compiles for one generation."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self.conditions = Conditions(fields)

    def words(self, words: Words | None) -> Body:
        """All groups required, the optional ones on top; without words every product, with a score of 0."""
        if words is None or not words.groups:
            return {"constant_score": {"filter": PRODUCT, "boost": 0.0}}
        body: Body = {"must": [self._group(group, words) for group in words.groups]}
        if words.optional:
            body["should"] = [self._group(group, words) for group in words.optional]
        return {"bool": body}

    def scoped(self, words: Words | None, scope: Scope) -> Body:
        """The words within scope; scores are those of the words alone."""
        return {"bool": {"must": [self.words(words)], **self.scope(scope)}}

    def filters(self, scope: Scope) -> list[Body]:
        """What fixes the set beside words and vector, as queries that must all match."""
        parts = self.scope(scope)
        return parts["filter"] + ([{"bool": {"must_not": parts["must_not"]}}] if parts["must_not"] else [])

    def scope(self, scope: Scope) -> dict[str, list[Body]]:
        """The same as the parts of a bool query."""
        everywhere = self._fields.languages
        required = [self.conditions.query(part) for part in (scope.filter, scope.enforced) if part is not None]
        required += [self._phrase(phrase, everywhere) for phrase in scope.phrases]
        excluded = [self._group(group, Words((), languages=everywhere)) for group in scope.excluded]
        excluded += [self._phrase(phrase, everywhere) for phrase in scope.excluded_phrases]
        return {"filter": required, "must_not": excluded}

    def _group(self, group: TermGroup, words: Words) -> Body:
        """The best alternative in the best field counts whole, the other fields `tie_breaker` times."""
        ways = [
            (language, alternative.weight, self._terms(alternative, language))
            for language in self._known(words.languages)
            for alternative in group.alternatives
        ]
        by_field: list[Body] = []
        for field in TEXT_FIELDS:
            weight = words.field_weights.get(field, 1.0)
            if weight > 0:
                found = [
                    _side_by_side(self._fields.text(field, language), terms, weight * own)
                    for language, own, terms in ways
                ]
                by_field.append(_best_of(found))
        return _best_of(by_field, words.tie_breaker)

    def _phrase(self, phrase: Phrase, languages: Iterable[str]) -> Body:
        """The words side by side in any text field."""
        return any_of(
            [
                _side_by_side(self._fields.text(field, language), terms)
                for language in self._known(tuple(languages))
                for terms in (self._terms(Alternative(phrase.words), language),)
                for field in TEXT_FIELDS
            ]
        )

    def _terms(self, alternative: Alternative, language: str) -> tuple[list[str], str]:
        """(terms that stand side by side, the word that is indexed whole as well or "")."""
        terms = analyzer(language).phrase(alternative.words)
        return terms, alternative.words[0] if len(alternative.words) == 1 and len(terms) > 1 else ""

    def _known(self, languages: tuple[str, ...]) -> list[str]:
        known = [language for language in languages if language in self._fields.languages]
        return known or [self._fields.languages[0]]


def _side_by_side(field: str, terms: tuple[list[str], str], weight: float = 1.0) -> Body:
    parts, whole = terms
    if len(parts) == 1:
        return _term(field, parts[0], weight)
    found: Body = {"match_phrase": {field: {"query": " ".join(parts), "boost": weight}}}
    return _best_of([_term(field, whole, weight), found]) if whole else found


def _term(field: str, value: str, weight: float) -> Body:
    return {"term": {field: {"value": value, "boost": weight}}}


def _best_of(queries: list[Body], tie_breaker: float = 0.0) -> Body:
    if not queries:
        return NOTHING
    return queries[0] if len(queries) == 1 else {"dis_max": {"queries": queries, "tie_breaker": tie_breaker}}
