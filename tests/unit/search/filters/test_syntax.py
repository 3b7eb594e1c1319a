import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from search.filters.syntax import Conjunction, Group, Interval, Membership, Negation, Word, read


def test_the_tree_knows_where_each_word_stands() -> None:
    assert read("NOT (a:1 AND `b c` < '2')", "filters") == Negation(
        Group(
            Conjunction(
                (
                    Membership(Word("a", 6), (Word("1", 8),)),
                    Interval(Word("b c", 14), upper=Word("2", 22), include_upper=False),
                )
            ),
            5,
        ),
        1,
    )


def test_threads_share_the_parser() -> None:
    texts = [f"a:{n} AND (b:{n}..{n + 1} OR NOT c IN ({n}, 'x'))" for n in range(200)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda text: read(text, "filters"), texts))
    assert together == [read(text, "filters") for text in texts]


def test_the_parser_is_built_when_first_needed() -> None:
    code = "import search.filters, search.filters.syntax as s; raise SystemExit(s._parser.cache_info().currsize)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
