"""The bodies of searches. Pure functions of the typed query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.engines.elasticsearch.conditions import PRODUCT, Body, all_of
from indexer.engines.elasticsearch.facets import Facets
from indexer.engines.elasticsearch.fields import COMMIT, ID, SOURCE, SOURCE_SUM, VECTOR, VECTOR_SUM, WORDS, Fields
from indexer.engines.elasticsearch.lexical import Lexical
from indexer.engines.elasticsearch.mapping import MAX_WINDOW
from indexer.engines.elasticsearch.ordering import sort_body
from indexer.engines.elasticsearch.settings import Vectors
from indexer.engines.query import Scope, SearchQuery, Words

LEXICAL, NEAR = "lexical", "near"
"""The names of the two sides in an answer."""
_MAX_CANDIDATES = 10_000
_CANDIDATES_A_NEIGHBOUR = 10
"""What is found of 19,000 products is then the same as by comparing all; three find 5 % less now and then."""
_OVERSAMPLED = {Vectors.INT8: 1.5, Vectors.BINARY: 3.0}
"""So many times the neighbours are compared with the whole vectors, which short codes only stand for."""
_WORDS_AT_ONCE = 10_000


class Bodies:
    """Compiles for one generation.

    Args:
        shards: of the generation.
        vectors: how its vectors are kept.
        candidates: so many its approximate search looks at, 0 where that was not fitted.
    """

    def __init__(self, fields: Fields, shards: int, vectors: Vectors, candidates: int = 0) -> None:
        self._fields = fields
        self._vectors = vectors
        self._candidates = candidates
        self.lexical = Lexical(fields)
        self.facets = Facets(fields, self.lexical.conditions, shards)

    def lexical_list(self, query: SearchQuery, *, with_facets: bool) -> Body:
        """The lexical list; without words that of all products in scope, by sort and tie breakers."""
        browsing = query.words is None
        body = {
            **_HITS,
            "from": min(query.offset, MAX_WINDOW),
            "size": max(0, min(query.limit, MAX_WINDOW - query.offset)),
            "sort": self._sort(query, by_score=not (query.sort or browsing)),
        }
        if not with_facets:
            return {**body, "query": self.lexical.scoped(query.words, refined(query))}
        body["query"] = self.lexical.scoped(query.words, query.scope)
        return self._counted(body, query)

    def hybrid(self, query: SearchQuery, vector: NDArray[np.float32], *, with_words: bool) -> Body:
        """The set as a whole: the nearest neighbours as its first hits, each named by the sides that it is on.

        Args:
            vector: float32 (dim,), unit length.
            with_words: whether the lexical matches are in it.
        """
        k = query.vector_k
        filters = self.lexical.filters(query.scope)
        knn: Body = {
            "field": VECTOR,
            "query_vector": vector,
            "k": k,
            "num_candidates": min(_MAX_CANDIDATES, max(k, self._candidates or k * _CANDIDATES_A_NEIGHBOUR)),
            "_name": NEAR,
        }
        if filters:
            knn["filter"] = filters
        if query.min_cosine > -1:
            knn["similarity"] = query.min_cosine
        if self._vectors in _OVERSAMPLED:
            knn["rescore_vector"] = {"oversample": _OVERSAMPLED[self._vectors]}
        body: Body = {**_HITS, "size": k, "knn": knn, "sort": self._sort(query, by_score=True)}
        if with_words:
            matching = self.lexical.scoped(query.words, query.scope)
            # Without a score of their own: what is first is what is nearest.
            body["query"] = {"constant_score": {"filter": matching, "boost": 0.0, "_name": LEXICAL}}
        return self._counted(body, query)

    def count(self, words: Words | None, scope: Scope, facets: SearchQuery | None = None) -> Body:
        """How many match; with the facets of a query where given."""
        body: Body = {**_COUNT, "query": self.lexical.scoped(words, scope)}
        return body if facets is None else {**body, "aggs": self.facets.body(facets)}

    def matching(self, words: Words | None, scope: Scope, ids: Sequence[str]) -> Body:
        """Those of `ids` that match."""
        query = all_of([{"terms": {ID: list(ids)}}, self.lexical.scoped(words, scope)])
        return {**_HITS, "query": query, "size": len(ids), "sort": [{ID: "asc"}]}

    def sources(self, ids: Sequence[str]) -> Body:
        """The JSON of products, with what tells whether it is as it was written."""
        return _stored(ids, {"includes": [ID, SOURCE, SOURCE_SUM]})

    def vectors(self, ids: Sequence[str]) -> Body:
        """The vectors of products, with what tells whether they are as they were written."""
        return _stored(ids, {"includes": [ID, VECTOR, VECTOR_SUM], "exclude_vectors": False})

    def all_stored(self, after: Sequence[Any] | None, size: int, *, with_vectors: bool) -> Body:
        """The next products in the order in which they lie there."""
        includes = [ID, SOURCE, SOURCE_SUM, *([VECTOR, VECTOR_SUM] if with_vectors else [])]
        body: Body = {
            "query": PRODUCT,
            "size": size,
            "_source": {"includes": includes, "exclude_vectors": False},
            "sort": [{"_shard_doc": "asc"}],
            "track_total_hits": False,
        }
        return body if after is None else {**body, "search_after": list(after)}

    def words(self, after: Body | None) -> Body:
        """The next words of all products, in alphabetical order, with how many have each."""
        paged: Body = {"size": _WORDS_AT_ONCE, "sources": [{"word": {"terms": {"field": WORDS}}}]}
        if after is not None:
            paged["after"] = after
        return {"size": 0, "track_total_hits": False, "query": PRODUCT, "aggs": {"words": {"composite": paged}}}

    def words_since(self, commit: int, size: int) -> Body:
        """The words of what was written after a commit."""
        return {
            **_COUNT,
            "query": {"bool": {"filter": [{"range": {COMMIT: {"gt": commit}}}]}},
            "aggs": {"words": {"terms": {"field": WORDS, "size": size, "execution_hint": "map"}}},
        }

    def words_of(self, words: Words | None, scope: Scope, include: str | Sequence[str], size: int) -> Body:
        """The most frequent words of the products that match.

        Args:
            include: a regular expression, or the words that are asked for.
        """
        asked: Body = {
            "field": WORDS,
            "size": size,
            "shard_size": max(size, 1_000),
            "order": [{"_count": "desc"}, {"_key": "asc"}],
            "execution_hint": "map",
            "include": include if isinstance(include, str) else list(include),
        }
        return {"size": 0, "track_total_hits": False, "query": self.lexical.scoped(words, scope),
                "aggs": {"words": {"terms": asked}}}  # fmt: skip

    def _counted(self, body: Body, query: SearchQuery) -> Body:
        if query.refine:
            condition = refined(query).filter
            if condition is not None:
                body["post_filter"] = self.lexical.conditions.query(condition)
        if query.facets:
            body["aggs"] = self.facets.body(query)
        return body

    def _sort(self, query: SearchQuery, *, by_score: bool) -> list[Body]:
        return sort_body((*query.sort, *query.tie_break), self._fields, by_score=by_score)


_COUNT: Body = {"size": 0, "track_total_hits": True}
# The id is the last of the sort values: nothing has to be fetched for it.
_HITS: Body = {"track_total_hits": True, "_source": False, "stored_fields": "_none_"}


def refined(query: SearchQuery) -> Scope:
    """The scope with all refinements."""
    return query.scope.narrowed(query.refine[key] for key in sorted(query.refine))


def _stored(ids: Sequence[str], source: Body) -> Body:
    return {"query": {"terms": {ID: list(ids)}}, "size": len(ids), "_source": source, "track_total_hits": False}
