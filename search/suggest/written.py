"""Words as products write them: the vocabulary has them folded, `grün` as `grun`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson

from indexer.analysis.words import has_digit, is_unspaced, spans
from indexer.engines.protocol import EngineReader
from indexer.engines.query import Alternative, Filter, Scope, SearchQuery, TermGroup, Words
from indexer.product import text_in
from search.suggest.completions import Completion, replaced
from search.understand.parse import parse_query

PLAIN_LANGUAGES = frozenset({"en"})
"""Their words are written without accents, so that nothing needs to be looked up."""


class Written:
    """Finds how a word is written, in the product that it stands for most.

    Args:
        base: how words are looked for.
        enforced: the filter of the caller's key.
    """

    def __init__(self, reader: EngineReader, base: Words, enforced: Filter | None) -> None:
        self._reader = reader
        self._base = base
        self._enforced = enforced
        self._forms: dict[str, str] = {}

    def completion(self, completion: Completion) -> Completion:
        """The completion with its last word, and what was corrected in it, as products write them."""
        words = [word.text for word in parse_query(completion.text).words[-1:]] + list(completion.corrected.values())
        forms = {word: self.form(word) for word in words}
        meant = {typed: forms[word] for typed, word in completion.corrected.items()}
        return replace(completion, text=replaced(completion.text, forms), corrected=meant)

    def form(self, word: str) -> str:
        """A folded word as it is written, in lower case; as it is where no product shows it."""
        if has_digit(word) or is_unspaced(word):
            return word
        if word not in self._forms:
            self._forms[word] = next(self._found(word), word)
        return self._forms[word]

    def _found(self, word: str) -> Iterator[str]:
        words = replace(self._base, groups=(TermGroup((Alternative((word,)),)),))
        found = self._reader.search(SearchQuery(words, scope=Scope(enforced=self._enforced), limit=1)).lexical
        for source in self._reader.sources([hit.id for hit in found]):
            for text in _texts(orjson.loads(source or b"{}"), *self._base.languages):
                for run, start, end in spans(text):
                    if run == word:
                        yield text[start:end].lower()


def _texts(stored: Mapping[str, Any], language: str, default: str = "") -> Iterator[str]:
    """The texts of a stored product, those first where words stand for it most."""
    yield text_in(stored.get("title", ""), language, default)
    yield stored.get("brand", "")
    for path in stored.get("categories", ()):
        yield " ".join(path)
    yield text_in(stored.get("description", ""), language, default)
    yield " ".join(str(value) for value in stored.get("attributes", {}).values())
