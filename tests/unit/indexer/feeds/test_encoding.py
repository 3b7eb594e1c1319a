from __future__ import annotations

import codecs

import pytest

from indexer.errors import ConfigurationError, FeedError
from indexer.feeds.encoding import check_encoding, detect_encoding, prefix_to_utf_8, to_utf_8
from indexer.feeds.errors import TruncatedFeedError

GERMAN = "id;titel;preis\n1;Küchenstühle für größere Räume;12,99 €\n2;Stehlampe weiß;3,99\n"
RUSSIAN = "id;название\n1;Кухонный стул деревянный\n2;Лампа настольная белая\n"


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16-le", "utf-16-be"])
def test_german_is_told_without_a_mark(encoding: str) -> None:
    assert detect_encoding(GERMAN.encode(encoding)) == encoding


def test_latin_1_is_read_as_cp1252_which_holds_it() -> None:
    data = "1,café\n2,crème brûlée\n".encode("latin-1")
    assert data.decode(detect_encoding(data)) == "1,café\n2,crème brûlée\n"


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
    ],
)
def test_a_mark_decides_and_is_taken_off(mark: bytes, encoding: str) -> None:
    data = mark + GERMAN.encode(encoding)
    assert detect_encoding(data) == encoding
    assert b"".join(to_utf_8(iter([data]), encoding, transcode=encoding != "utf-8")).decode() == GERMAN


@pytest.mark.parametrize(
    ("text", "encoding"), [(RUSSIAN, "cp1251"), (RUSSIAN, "koi8_r"), ("1,木製の椅子 キッチン\n", "shift_jis")]
)
def test_other_scripts_are_told_by_their_letters(text: str, encoding: str) -> None:
    assert detect_encoding(text.encode(encoding)) == encoding


def test_a_few_broken_bytes_do_not_change_the_encoding() -> None:
    assert detect_encoding("1;Stühle\n2;Räume\n".encode() * 20 + b"3;\xff\xfe\n") == "utf-8"


def test_ascii_is_utf_8() -> None:
    assert detect_encoding(b"id,title\n1,chair\n") == "utf-8"


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_utf_16_is_whole_wherever_chunks_are_cut(size: int) -> None:
    data = codecs.BOM_UTF16_LE + "Stühle 🪑\n".encode("utf-16-le")
    chunks = (data[at : at + size] for at in range(0, len(data), size))
    assert b"".join(to_utf_8(chunks, "utf-16-le", transcode=True)).decode() == "Stühle 🪑\n"


def test_utf_16_that_ends_within_a_character_is_cut() -> None:
    with pytest.raises(TruncatedFeedError, match="within a character"):
        list(to_utf_8(iter(["ab".encode("utf-16-le")[:-1]]), "utf-16-le", transcode=True))


@pytest.mark.parametrize("name", ["latin-99", "base64", "rot13", "idna", "undefined", "utf\0"])
def test_an_unknown_encoding_is_a_wrong_setting(name: str) -> None:
    with pytest.raises(ConfigurationError, match="there is no encoding"):
        check_encoding(name)


@pytest.mark.parametrize("name", ["utf-8", "UTF8", "utf-16", "utf-32-be", "windows-1250", "latin-1", "shift_jis"])
def test_encodings_of_texts_are_known(name: str) -> None:
    assert codecs.lookup(name).name == check_encoding(name)


def test_utf_16_that_lacks_its_mark_is_told_how_to_be_named() -> None:
    with pytest.raises(FeedError, match="name utf-16-le or utf-16-be"):
        prefix_to_utf_8("ab".encode("utf-16-le"), "utf-16")
