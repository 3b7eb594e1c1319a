from __future__ import annotations

import pytest

from indexer.engines.query import Hit, SearchResult
from search.arrange import page_of_sorted

NEAR = tuple(Hit(f"n{number}", 0.9, number) for number in range(4))


def answer(lexical: list[str], lexical_total: int) -> SearchResult:
    """Of the neighbours, n0 and n2 match lexically too."""
    return SearchResult(
        lexical=tuple(Hit(id_, 0.0, 0) for id_ in lexical),
        neighbours=NEAR,
        neighbour_matches=(True, False, True, False),
        total=lexical_total + 2,
        lexical_total=lexical_total,
        facets=(),
        change_number=1,
    )


@pytest.mark.parametrize(
    ("start", "from_engine", "page"),
    [
        (0, ["a", "n0", "b"], ["a", "n0", "b"]),
        (3, ["n2"], ["n2", "n1", "n3"]),
        (2, ["b", "n2"], ["b", "n2", "n1"]),
        (5, [], ["n3"]),
        (6, [], []),
    ],
)
def test_under_an_order_the_neighbours_alone_follow_the_words(
    start: int, from_engine: list[str], page: list[str]
) -> None:
    # Four lexical matches: a, n0, b, n2.
    assert [hit.id for hit in page_of_sorted(answer(from_engine, 4), start, 3)] == page
