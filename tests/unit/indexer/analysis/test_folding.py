from __future__ import annotations

import pytest

from indexer.analysis.folding import fold


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("CAFÉ Crème", "cafe creme"),
        ("Straße", "strasse"),
        ("Smørrebrød Łódź Œuvre", "smorrebrod lodz oeuvre"),
        ("５０％ ﬁne m²", "50% fine m2"),
        ("Ἀθῆναι ёлка", "αθηναι елка"),
        ("हिन्दी", "हिन्दी"),
        ("Windows™ 7", "windows  7"),
        ("İstanbul", "istanbul"),
    ],
)
def test_folding(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_folding_twice_changes_nothing() -> None:
    for text in ("Ærø ½ ﬃ Ⅻ ｶﾞ", "한국어 ไทย"):
        assert fold(fold(text)) == fold(text)
