"""BM25 over the items of a judgments file: the yardstick of the judged protocol, exact and small."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reranker.evaluation.words import stemmed_words


class Bm25:
    """Scores all texts against a query; idf and mean length are those of the texts themselves.

    Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, section 3.2: a word that
    occurs tf times in a text of l words (mean m) adds idf · tf · (k1 + 1) / (tf + k1 · (1 - b + b · l / m)), with
    idf = ln(1 + (N - n + ½) / (n + ½)) for a word in n of N texts, which never falls below 0.

    Args:
        texts: the items, each once.
        language: ISO 639-1, for the stemmer.
        k1: how fast further occurrences stop counting.
        b: how much long texts pay for their length.
    """

    def __init__(self, texts: Sequence[str], *, language: str = "en", k1: float = 1.2, b: float = 0.75) -> None:
        self._words = stemmed_words(language)
        self._size = len(texts)
        self._numbers: dict[str, int] = {}
        terms: list[int] = []
        rows: list[int] = []
        counts: list[int] = []
        lengths = np.zeros(len(texts))
        for row, text in enumerate(texts):
            words = self._words(text)
            lengths[row] = len(words)
            for word, count in Counter(words).items():
                terms.append(self._numbers.setdefault(word, len(self._numbers)))
                rows.append(row)
                counts.append(count)
        tf = np.array(counts, dtype=np.float64)
        frequency = np.bincount(np.array(terms, dtype=np.int64), minlength=len(self._numbers))
        idf = np.log1p((len(texts) - frequency + 0.5) / (frequency + 0.5))
        order = np.argsort(np.array(terms, dtype=np.int64), kind="stable")
        norm = k1 * (1 - b + b * lengths[rows] / lengths.mean())
        # Postings word by word: those of word t stand from _starts[t] to _starts[t + 1].
        self._rows = np.array(rows, dtype=np.int64)[order]
        self._weights = (idf[terms] * tf * (k1 + 1) / (tf + norm))[order]
        self._starts = np.concatenate(([0], np.cumsum(frequency)))

    def scores(self, query: str) -> NDArray[np.float64]:
        """float64 (len(texts),); 0 for a text that holds no word of the query."""
        scores = np.zeros(self._size)
        for word in self._words(query):
            number = self._numbers.get(word)
            if number is not None:
                postings = slice(self._starts[number], self._starts[number + 1])
                scores[self._rows[postings]] += self._weights[postings]
        return scores
