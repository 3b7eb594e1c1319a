"""`shelfwise search`: the table, the JSON, and what it says when something is wrong."""

from __future__ import annotations

import re

import pytest


def test_results_stand_in_a_table_with_the_total_and_timings(shop) -> None:
    printed = shop.ok("search", "kettle", "--mode", "lexical")
    assert re.search(r"^ 1 +Blue kettle +Acme +€19\.90 +A-2 +\d\.\d{4} *$", printed, flags=re.MULTILINE)
    assert "2 products found\n" in printed
    assert re.search(r"ms \(understand .*\) by shop@1$", printed.strip())


def test_a_correction_is_told(shop) -> None:
    assert "Searched for: kettle" in shop.ok("search", "ketle")


def test_facets_and_refinement(shop) -> None:
    printed = shop.ok("search", "--facet", "brand", "--facet", "price", "--refine", "brand=Acme")
    assert "2 products found" in printed
    assert "  brand: Acme (2), Bolt (1)\n" in printed  # counted without the choice of a brand
    assert "  price: min 19.9, max 29.9\n" in printed


def test_filters_sort_and_pages(shop) -> None:
    answer = shop.json("search", "--sort", "price:desc", "--page-size", "1", "--page", "2", "--filters", "price < 100")
    assert [hit["id"] for hit in answer["hits"]] == ["A-1"]
    assert (answer["total"], answer["page"]) == (3, 2)
    assert ", page 2\n" in shop.ok("search", "--sort", "price:desc", "--page-size", "1", "--page", "2")


def test_a_sort_key_may_be_in_backticks_and_given_up_words_are_told_as_such(shop) -> None:
    assert [hit["id"] for hit in shop.json("search", "--sort", "`price`:desc")["hits"]] == ["A-3", "A-1", "A-2"]
    printed = shop.ok("search", "kettle unicorns", "--mode", "lexical")
    assert "Given up, so that more products match: unicorns\n" in printed


def test_the_next_page_goes_on_from_the_cursor(shop) -> None:
    printed = shop.ok("search", "--sort", "price:desc", "--page-size", "1")
    (cursor,) = re.findall(r"^next page: --index \S+ --cursor (\S+)$", printed, flags=re.MULTILINE)
    second = shop.ok("search", "--cursor", cursor)
    assert re.search(r"^ 2 +Red kettle ", second, flags=re.MULTILINE)
    assert ", page 2\n" in second
    rest = shop.ok("search", "--cursor", cursor, "--page-size", "5")
    assert re.findall(r"^ (\d) .* (A-\d) ", rest, flags=re.MULTILINE) == [("2", "A-1"), ("3", "A-2")]
    assert "3 products found, from place 2\n" in rest
    assert "next page" not in rest


def test_the_cursor_of_the_json_answer_leads_on(shop) -> None:
    first = shop.json("search", "--sort", "price:desc", "--page-size", "2")
    second = shop.json("search", "--cursor", first["next_cursor"])
    assert [hit["id"] for hit in second["hits"]] == ["A-2"]
    assert (second["query_id"], second["next_cursor"]) == (first["query_id"], None)


def test_matching_words_are_marked(shop) -> None:
    printed = shop.ok("search", "kettle stove", "--mode", "lexical", "--highlight")
    assert "Blue *kettle*" in printed
    assert "A *kettle* for the *stove*" in printed
    (hit,) = shop.json("search", "stove", "--mode", "lexical", "--highlight")["hits"]
    assert hit["highlights"] == {"description": "A kettle for the <em>stove</em>"}


def test_json_is_the_answer_of_the_api(shop) -> None:
    answer = shop.json("search", "kettle", "--fields", "title,colour")
    assert answer["index"] == {"name": "shop", "generation": 1, "change_number": 3}
    assert answer["hits"][0]["document"] == {"title": "Blue kettle", "attributes": {"colour": "blue"}}


def test_explain_shows_both_sides_and_tells_of_the_missing(shop) -> None:
    printed = shop.ok("search", "kettle", "--mode", "lexical", "--explain", "--explain-id", "A-3")
    assert re.search(r"words +meaning", printed)
    assert re.search(r"A-2 .* 1\. \(\d+\.\d\d\) +–", printed)
    assert "A-3 is not on this page: dropped by word: kettle" in printed
    assert "A-2 is in place 1" in shop.ok("search", "kettle", "--explain-id", "A-2")


def test_modes_stand_side_by_side(shop) -> None:
    printed = shop.ok("search", "kettle", "--compare")
    assert re.search(r"^ # +lexical +vector +hybrid *$", printed, flags=re.MULTILINE)
    assert "lexical  2 products in" in printed
    compared = shop.json("search", "kettle", "--compare")
    assert list(compared) == ["lexical", "vector", "hybrid"]
    assert compared["lexical"]["total"] == 2


def test_similar_products(shop) -> None:
    answer = shop.json("search", "--similar-to", "A-1")
    assert answer["hits"][0]["id"] == "A-2"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["kettle", "--index", "nope"], 4, "index 'nope' does not exist; there are: shop"),
        (
            ["kettle", "--filters", "prize < 3"],
            2,
            'no field is called "prize"; did you mean "price"?\n  prize < 3\n  ^',
        ),
        (["kettle", "--refine", "brand"], 2, "FIELD=VALUE"),
        (["kettle", "--sort", "colour:up"], 2, '"up" is no direction'),
        (["kettle", "--similar-to", "A-1"], 2, "leave out similar_to or q"),
        (["--similar-to", "A-9"], 4, "'A-9'"),
        (["kettle", "--mode", "magic"], 2, "magic"),
        (["kettle", "--page-size", "500"], 2, "500"),
        (["kettle", "--page", "5000"], 2, "ends beyond product 10,000"),
        (["kettle", "--language", "xx"], 2, 'there is no language "xx"'),
        (["--cursor", "nonsense"], 2, "it is no cursor"),
        (["--cursor", "WyJhIiwxXQ"], 1, "the cursor has expired: send the query again"),
        (["--cursor", "WyJhIiwxXQ", "--page", "2"], 2, "leave out page or cursor"),
        (["--cursor", "WyJhIiwxXQ", "--compare"], 2, "--compare starts from a query"),
    ],
)
def test_what_is_wrong_is_told(shop, arguments: list[str], code: int, words: str) -> None:
    result = shop("search", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert words in result.stderr


def test_without_a_data_directory_none_is_made(shell) -> None:
    result = shell("search", "kettle")
    assert result.exit_code == 4
    assert "there is no data directory" in result.stderr
    assert not shell.data.exists()


def test_with_several_indexes_one_is_to_be_named(shop) -> None:
    shop.ok("indexes", "copy", "shop", "other")
    result = shop("search", "kettle")
    assert result.exit_code == 2
    assert "there are 2 indexes, say which: other, shop" in result.stderr
    assert "products found" in shop.ok("search", "kettle", "--index", "other")


def test_a_cold_search_loads_neither_torch_nor_the_web(shop) -> None:
    loaded = shop.loaded_by("search", "kettle")
    assert "tantivy" in loaded
    assert not loaded & {"torch", "transformers", "flask", "alembic", "celery", "matplotlib"}


def test_what_is_browsed_has_no_score(shop) -> None:
    assert " score" not in shop.ok("search")
    assert " score" in shop.ok("search", "kettle")
