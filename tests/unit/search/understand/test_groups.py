from __future__ import annotations

from collections.abc import Mapping

from rapidfuzz.distance import OSA

from indexer.engines.query import Alternative
from search.understand.groups import WordGroup, word_groups
from search.understand.parse import parse_query


class Words:
    """The vocabulary of a shop, by word the number of products."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts

    def count(self, word: str) -> int:
        return self._counts.get(word, 0)

    def starting_with(self, prefix: str, limit: int) -> list[tuple[str, int]]:
        found = [(word, count) for word, count in self._counts.items() if word.startswith(prefix)]
        return sorted(found, key=lambda entry: (-entry[1], entry[0]))[:limit]

    def near(self, word: str, max_edits: int, limit: int) -> list[tuple[str, int, int]]:
        found = [(known, OSA.distance(word, known), count) for known, count in self._counts.items()]
        near = [entry for entry in found if entry[1] <= max_edits]
        return sorted(near, key=lambda entry: (entry[1], -entry[2], entry[0]))[:limit]


SHOP = Words({
    "smart": 5, "watch": 4, "smartwatch": 2, "wireless": 9, "wired": 9, "keyboard": 3, "key": 8, "board": 8, "bord": 1,
    "wallet": 3, "wallpaper": 1, "hl2140": 1, "hl": 1, "lamp": 2,
})  # fmt: skip
BESIDE = {("smart", "watch"), ("lamps",)}
"""What stands side by side in some product, beside the words themselves."""


def groups(query: str) -> tuple[WordGroup, ...]:
    def matches(alternative: Alternative) -> bool:
        return alternative.words in BESIDE

    return word_groups(parse_query(query).words, SHOP, matches, complete_last=True)


def ways(group: WordGroup) -> list[str]:
    return [" ".join(alternative.words) for alternative in group.group.alternatives]


def test_a_known_word_stands_for_itself() -> None:
    (lamp,) = groups("lamp")
    assert (ways(lamp), lamp.known, lamp.correction) == (["lamp"], True, "")


def test_an_inflected_word_is_known_to_the_engine_alone() -> None:
    (lamps,) = groups("lamps")
    assert (ways(lamps), lamps.known, lamps.correction) == (["lamps"], True, "")


def test_neighbours_may_be_one_word_and_one_word_two() -> None:
    smart, watch = groups("smart watch")
    assert ways(smart) == ["smart", "smartwatch"]
    assert ways(watch) == ["watch", "smartwatch"]
    (joined,) = groups("smartwatch")
    assert ways(joined) == ["smartwatch", "smart watch"]


def test_a_split_that_no_product_has_hides_no_correction() -> None:
    (word,) = groups("keybord")
    assert ways(word) == ["keybord", "keyboard"]
    assert word.correction == "keyboard"


def test_only_the_nearest_corrections_stand_for_a_word() -> None:
    wireles, _ = groups("wireles lamp")
    assert ways(wireles) == ["wireles", "wireless"]
    assert wireles.group.alternatives[1].weight < 1
    assert (wireles.known, wireles.correction) == (True, "wireless")


def test_an_unknown_last_word_is_completed_rather_than_corrected() -> None:
    _, wal = groups("lamp wal")
    assert ways(wal) == ["wal", "wallet", "wallpaper"]
    assert (wal.known, wal.correction) == (True, "")
    wal, _ = groups("wal lamp")
    assert (ways(wal), wal.known) == (["wal"], False)


def test_codes_are_neither_corrected_completed_joined_nor_split() -> None:
    for query in ("hl2141", "hl214", "hl-2140", "smart2", "wireles-9"):
        for group in groups(query):
            assert len(group.group.alternatives) == 1
            assert group.correction == ""


def test_short_words_are_not_corrected() -> None:
    (word,) = groups("lmp")
    assert (ways(word), word.known) == (["lmp"], False)
