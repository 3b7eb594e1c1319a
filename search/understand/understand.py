"""From a request to what an engine is asked: words, scope, vector weight. `Query → Understood`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from indexer.encoders.protocol import EncoderManifest
from indexer.engines.protocol import EngineReader
from indexer.engines.query import Alternative, Filter, In, Phrase, Scope, TermGroup, Words
from indexer.fields import Schema
from search.filters.conditions import all_of
from search.request import Mode, ResolvedRequest, SearchRequest, SoldOut
from search.settings import Ranking
from search.understand.groups import WordGroup, word_groups
from search.understand.language import detect_language
from search.understand.parse import ParsedQuery, QueryWord, parse_query
from search.understand.relax import LexicalPlan, plan_words

SENTENCE_WORDS = 4
"""From so many words on a query tells what is wanted rather than names it."""
SENTENCE_WEIGHT = 3.0
"""So much more the vector side counts there: few products hold all the words, and most that hold some are wrong."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What a request asks for.

    Args:
        parsed: its text taken apart.
        language: of the query.
        groups: its words with what may stand for them.
        scope: filters, enforced filter, phrases and exclusions.
        plan: the lexical side, None where only the vector side is asked.
        vector_weight: in fusion; 0: the vector side is not asked.
        vector_text: what the encoder reads, "" where the vector side is not asked.
        no_vector_reason: why it is not, "" where it is or was not wanted.
        sold_out: what becomes of products that cannot be bought.
        browses: nothing is asked for: every product in scope, in the order of the tie breakers.
    """

    parsed: ParsedQuery
    language: str
    groups: tuple[WordGroup, ...]
    scope: Scope
    plan: LexicalPlan | None
    vector_weight: float
    vector_text: str
    no_vector_reason: str
    sold_out: SoldOut
    browses: bool

    @property
    def fusion_weight(self) -> float:
        """Of the vector side; 1 where it is the only one, as for `similar_to`."""
        return self.vector_weight or 1.0

    @property
    def corrected_text(self) -> str:
        """The query with each misspelt word corrected, phrases and exclusions behind; "" where nothing was."""
        if not any(group.correction for group in self.groups):
            return ""
        parsed = self.parsed
        return " ".join(
            [
                *_corrected(self.groups),
                *(f'"{" ".join(phrase)}"' for phrase in parsed.phrases),
                *(f"-{word.text}" for word in parsed.excluded),
                *(f'-"{" ".join(phrase)}"' for phrase in parsed.excluded_phrases),
            ]
        )


@dataclass(frozen=True, slots=True)
class ReadQuery:
    """A request's text before the index's vocabulary is asked.

    Args:
        parsed: taken apart.
        language: of the query.
        likely_vector_text: what the encoder will read unless a word turns out to be misspelt, "" where it will most
            likely not be asked.
    """

    parsed: ParsedQuery
    language: str
    likely_vector_text: str


def read_query(request: SearchRequest, schema: Schema, ranking: Ranking, manifest: EncoderManifest | None) -> ReadQuery:
    """Reads the text of a request.

    Args:
        manifest: of the encoder, None where the index has no vectors.
    """
    parsed = parse_query(request.q)
    language = request.language or detect_language(request.q, schema) or schema.language
    # Nearly always there are products that have the codes, and then these are all that is wanted.
    exact = all(word.is_code for word in parsed.words)
    asked = not request.similar_to and _vector_side(request, parsed, exact, ranking, manifest, language)[0] > 0
    return ReadQuery(parsed, language, parsed.text if asked else "")


def understand(
    read: ReadQuery,
    resolved: ResolvedRequest,
    reader: EngineReader,
    ranking: Ranking,
    manifest: EncoderManifest | None,
    enforced: Filter | None,
) -> Understood:
    """Understands a request under the index's own vocabulary.

    Args:
        manifest: of the encoder, None where the index has no vectors.
        enforced: the filter of the caller's key.
    """
    request, parsed, language = resolved.request, read.parsed, read.language
    schema = reader.spec.schema
    sold_out = request.sold_out or ranking.sold_out
    scope = scope_of(resolved, parsed, sold_out, schema, enforced)
    base = no_words(language, schema, ranking)
    groups: tuple[WordGroup, ...] = ()
    plan: LexicalPlan | None = None
    if request.mode is not Mode.VECTOR and not request.similar_to and not parsed.is_empty:
        vocabulary = reader.vocabulary(Scope(enforced=enforced))
        groups = word_groups(parsed.words, vocabulary, visibly(reader, base, enforced), complete_last=True)
        plan = plan_words(groups, base, reader, scope, ranking.min_matches) if groups else LexicalPlan(base)
    exact = plan is not None and all(word.is_code for word in parsed.words) and reader.count(plan.words, scope) > 0
    weight, reason = _vector_side(request, parsed, exact, ranking, manifest, language)
    return Understood(
        parsed=parsed,
        language=language,
        groups=groups,
        scope=scope,
        plan=plan,
        vector_weight=weight,
        vector_text=_vector_text(parsed, groups) if weight > 0 else "",
        no_vector_reason=reason,
        sold_out=sold_out,
        browses=parsed.is_empty and not request.similar_to,
    )


def _vector_text(parsed: ParsedQuery, groups: Sequence[WordGroup]) -> str:
    if not any(group.correction for group in groups):
        return parsed.text
    return " ".join([*_corrected(groups), *(" ".join(phrase) for phrase in parsed.phrases)])


def _corrected(groups: Sequence[WordGroup]) -> list[str]:
    return [group.correction or group.word.text for group in groups]


def _vector_side(
    request: SearchRequest,
    parsed: ParsedQuery,
    exact: bool,
    ranking: Ranking,
    manifest: EncoderManifest | None,
    language: str,
) -> tuple[float, str]:
    """(weight in fusion, why it is 0).

    Args:
        exact: the query is made of part numbers, ids or phrases alone, and there are products that have them.
    """
    if request.mode is Mode.LEXICAL or parsed.is_empty:
        return 0.0, ""
    if manifest is None:
        return 0.0, "the index has no vectors"
    if request.mode is Mode.VECTOR:
        return 1.0, ""
    covered = manifest.weight_for(language)
    if covered <= 0:
        return 0.0, f"the encoder does not cover the language {language!r}"
    if exact:
        return 0.0, "the query names part numbers, ids or phrases only"
    told = SENTENCE_WEIGHT if len(parsed.words) >= SENTENCE_WORDS else 1.0
    return ranking.vector_weight * covered * told, ""


def no_words(language: str, schema: Schema, ranking: Ranking) -> Words:
    """A lexical side without groups: how words of this language are looked for."""
    return Words(
        (),
        languages=tuple(dict.fromkeys((language, schema.language))),
        field_weights=ranking.field_weights,
        tie_breaker=ranking.tie_breaker,
    )


def visibly(reader: EngineReader, base: Words, enforced: Filter | None) -> Callable[[Alternative], bool]:
    """Tells whether a product that the enforced filter lets through has an alternative: for `word_groups`."""

    def matches(alternative: Alternative) -> bool:
        return reader.count(replace(base, groups=(TermGroup((alternative,)),)), Scope(enforced=enforced)) > 0

    return matches


def scope_of(
    resolved: ResolvedRequest, parsed: ParsedQuery, sold_out: SoldOut, schema: Schema, enforced: Filter | None
) -> Scope:
    """Filters, phrases and exclusions of a request under the enforced filter."""
    conditions: list[Filter] = [resolved.filter] if resolved.filter is not None else []
    if sold_out is SoldOut.HIDE:
        conditions.append(In(schema.column("in_stock", resolved.channel), (True,)))
    return Scope(
        filter=all_of(conditions) if conditions else None,
        enforced=enforced,
        phrases=tuple(Phrase(words) for words in parsed.phrases),
        excluded=tuple(_plain_group(word) for word in parsed.excluded),
        excluded_phrases=tuple(Phrase(words) for words in parsed.excluded_phrases),
    )


def _plain_group(word: QueryWord) -> TermGroup:
    return TermGroup((Alternative(word.words),))
