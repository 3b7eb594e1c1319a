"""The sample catalogue: the same for the same seed, judged by what its products are, flawed where it says so."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from examples.sample.asked import names_meant
from examples.sample.catalogue import Catalogue, make, write
from examples.sample.codes import gtin13, part_number
from examples.sample.flaws import Fate
from examples.sample.item import Item, Option
from examples.sample.judge import judge
from examples.sample.kind import Kind
from examples.sample.kinds import BY_KEY, KINDS, counts
from examples.sample.query import Query, QueryClass, Want
from examples.sample.stock import Stock
from examples.sample.texts import placeholders
from examples.sample.typos import beside, doubled, dropped, mistyped, swapped

SCRIPT = Path(__file__).resolve().parents[3] / "examples" / "sample_catalogue.py"
FILES = ("products.jsonl", "judgments.csv", "queries.csv", "flaws.json")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return make()


def run(folder: Path, *options: str, hash_seed: str = "0") -> subprocess.CompletedProcess[str]:
    # -S leaves out everything that is installed: the script must do with the standard library.
    command = [sys.executable, "-S", str(SCRIPT), "--out", str(folder), *options]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed, hash_seed in (("a", "1", "1"), ("b", "1", "2"), ("c", "2", "1")):
        done = run(tmp_path / name, "--size", "300", "--seed", seed, hash_seed=hash_seed)
        assert done.returncode == 0, done.stderr
    for file in FILES:
        first = (tmp_path / "a" / file).read_bytes()
        assert first == (tmp_path / "b" / file).read_bytes()
        assert first != (tmp_path / "c" / file).read_bytes()


@pytest.mark.parametrize("size", ["0", "-3", "1000000", "many"])
def test_a_wrong_size_is_told(tmp_path: Path, size: str) -> None:
    done = run(tmp_path, f"--size={size}")
    assert done.returncode == 2
    assert "--size" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = run(tmp_path / "file", "--size", "10")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr


def test_a_single_product_is_a_catalogue_too() -> None:
    assert len(make(size=1).items) == 1


def test_it_is_a_department_store(catalogue: Catalogue) -> None:
    assert len(catalogue.items) == 2000
    assert len({item.id for item in catalogue.items}) == 2000
    assert {item.kind.key for item in catalogue.items} == set(BY_KEY)
    assert len(BY_KEY) == len(KINDS) >= 60


def test_part_numbers_tell_products_apart_but_for_a_rare_coincidence(catalogue: Catalogue) -> None:
    models = Counter((item.kind.key, item.model) for item in catalogue.items if item.model)
    assert len(models) >= 500
    assert sum(number > 1 for number in models.values()) <= 5
    stems = Counter((item.kind.key, item.stem) for item in catalogue.items if item.stem)
    assert sum(number > 1 for number in stems.values()) >= 20  # the same thing in several colours


def test_shares_add_up_to_the_size() -> None:
    shop = (KINDS[0], KINDS[1], KINDS[2])
    for size in (0, 1, 7, 100):
        assert sum(counts(size, shop).values()) == size
    with pytest.raises(ValueError, match="size is -1"):
        counts(-1)


def test_texts_are_filled_in_and_come_in_several_languages(catalogue: Catalogue) -> None:
    for item in catalogue.items:
        for text in (*item.title.values(), *item.description.values()):
            assert text.strip() == text
            assert text
            assert not set("{}") & set(text), text
    languages = Counter(tuple(item.title) for item in catalogue.items)
    assert set(languages) == {("en",), ("en", "de"), ("en", "de", "fr"), ("de",)}
    assert min(languages.values()) >= 10


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_declarations_hold_together(kind: Kind) -> None:
    known = {*kind.has, *(("fits",) if kind.fits else ())}
    for text in (*kind.names, *kind.uses, *kind.facts, *kind.features, *kind.details):
        assert set(placeholders(text)) <= known, text
    for text in kind.asked_with:
        assert set(placeholders(text)) <= {*known, *(("size",) if kind.sizes else ())}, text
    assert set(kind.near) <= set(BY_KEY)
    assert set(kind.means) <= {*kind.asked, *kind.synonyms, *kind.asked_with}
    for text in (*kind.asked, *kind.synonyms):
        meant = names_meant(kind, text)
        assert meant
        assert set(meant) <= set(kind.names)
    assert 0 < kind.price[0] < kind.price[1]


def test_there_are_queries_of_every_class_and_half_of_them_name_a_kind(catalogue: Catalogue) -> None:
    classes = Counter(query.query_class for query in catalogue.queries)
    assert set(classes) == set(QueryClass)
    assert min(classes.values()) >= 25
    assert len(catalogue.queries) >= 300
    named = classes[QueryClass.KIND] + classes[QueryClass.TYPO] + classes[QueryClass.LANGUAGE]
    assert named >= len(catalogue.queries) / 2
    assert len({query.text for query in catalogue.queries}) == len(catalogue.queries)


def test_no_query_is_copied_from_a_title_that_says_more_than_maker_and_name(catalogue: Catalogue) -> None:
    titles = {title.lower(): item for item in catalogue.items for title in item.title.values()}
    for query in catalogue.queries:
        if (item := titles.get(query.text)) is not None:
            name = item.name.format_map(item.values).lower()
            assert query.text in (name, f"{item.brand.lower()} {name}") or query.language != "en"


def test_no_title_of_an_answer_holds_the_synonym(catalogue: Catalogue) -> None:
    items = {item.id: item for item in catalogue.items}
    synonyms = {query.text for query in catalogue.queries if query.query_class is QueryClass.SYNONYM}
    for judgment in catalogue.judgments:
        if judgment.query in synonyms and judgment.grade == 3:
            title = items[judgment.product_id].title.get("en", "")
            assert f" {judgment.query} " not in f" {title.lower()} "


def test_everything_that_answers_a_query_is_judged(catalogue: Catalogue) -> None:
    judged: dict[str, dict[str, int]] = defaultdict(dict)
    for judgment in catalogue.judgments:
        assert judgment.product_id not in judged[judgment.query]
        judged[judgment.query][judgment.product_id] = judgment.grade
    assert set(judged) == {query.text for query in catalogue.queries}
    for query in catalogue.queries:
        grades = judged[query.text]
        assert max(grades.values()) >= 2, query
        assert min(grades.values()) == 0, query
        for item in catalogue.items:
            assert grades.get(item.id, 0) == query.grade(item)


def product(product_id: str, kind: str, name: str, **fields: object) -> Item:
    made = Item(id=product_id, kind=BY_KEY[kind], name=name, brand="Maker", title={"en": f"Maker {name}"})
    return Item(**{**{field: getattr(made, field) for field in Item.__slots__}, **fields})


def test_grades_of_four_products_by_hand() -> None:
    red_m = product("1", "dress", "{style} dress", options=(Option("red", "scarlet", "M"), Option("blue", "navy", "S")))
    red_s = product("2", "dress", "{style} dress", options=(Option("red", "red", "S"), Option("blue", "blue", "M")))
    german = product("3", "dress", "{style} dress", title={"de": "Kleid"}, options=red_m.options)
    skirt = product("4", "skirt", "{style} skirt", options=red_m.options)
    wants = (
        Want(3, kind="dress", where=(("colour", "red"), ("size", "M"))),
        Want(1, kind="dress"),
    )
    query = Query("red dress size m", QueryClass.ATTRIBUTE, wants)
    # The second has red and has M, but no red one in M; the third has it, but says so in German only.
    assert [query.grade(item) for item in (red_m, red_s, german, skirt)] == [3, 1, 1, 0]
    judgments = judge([query], Stock([red_m, red_s, german, skirt]), seed=1)
    assert [(j.product_id, j.grade) for j in judgments] == [("1", 3), ("2", 1), ("3", 1), ("4", 0)]


def test_names_that_are_different_things_are_told_apart() -> None:
    honey = BY_KEY["honey"]
    assert names_meant(honey, "jam") == ("{fruit} jam",)
    assert names_meant(honey, "marmalade") == ("{fruit} jam",)
    assert names_meant(BY_KEY["sofa"], "couch") == BY_KEY["sofa"].names
    with pytest.raises(ValueError, match=r"kind 'honey'.*'peanut butter'.*means"):
        names_meant(honey, "peanut butter")


def test_flaws_are_where_they_are_said_to_be(catalogue: Catalogue) -> None:
    feed = catalogue.feed
    rows = {flaw.name: [feed[line - 1] for line in flaw.lines] for flaw in catalogue.flaws}
    assert all(rows.values())
    assert all("price" not in row for row in rows["missing price"])
    assert all("," in row["price"] for row in rows["decimal comma"])
    assert all(row["price"].startswith("€ ") for row in rows["currency in price"])
    assert all(row["title"].isupper() for row in rows["shouting"])
    assert all("<p>" in row["description"] for row in rows["html"])
    assert all(row["brand"] == "" for row in rows["empty brand"])
    assert all("  " in row["title"] for row in rows["double spaces"])
    assert all("Â" in row["description"] or "Ã" in row["description"] for row in rows["mojibake"])
    assert all("title" not in row for row in rows["no title"])
    assert all("id" not in row for row in rows["no id"])
    assert all(row["price"] == "NaN" for row in rows["absurd price"])
    last = {row["id"]: line for line, row in enumerate(feed, start=1) if "id" in row}
    for flaw in catalogue.flaws:
        if flaw.fate is Fate.REPLACED:
            assert all(line < last[product_id] for line, product_id in zip(flaw.lines, flaw.ids, strict=True))


def test_the_other_rows_have_no_flaw_and_no_judgment_speaks_of_a_refused_one(catalogue: Catalogue) -> None:
    spoilt = {line for flaw in catalogue.flaws for line in flaw.lines}
    assert len(spoilt) == sum(len(flaw.lines) for flaw in catalogue.flaws)
    for line, row in enumerate(catalogue.feed, start=1):
        if line not in spoilt:
            assert all((row["id"], row["title"], row["brand"]))
            assert isinstance(row["price"], float)
            assert row["price"] > 0
    extra = sum(len(flaw.lines) for flaw in catalogue.flaws if flaw.fate is not Fate.KEPT)
    assert len(catalogue.feed) == len(catalogue.items) + extra
    refused = {product_id for flaw in catalogue.flaws if flaw.fate is Fate.REFUSED for product_id in flaw.ids}
    assert refused.isdisjoint(judgment.product_id for judgment in catalogue.judgments)


def test_rows_carry_variants_with_valid_gtins(catalogue: Catalogue) -> None:
    gtins = [row["gtin"] for row in catalogue.feed if row.get("variants")]
    variants = [variant for row in catalogue.feed for variant in row.get("variants", ())]
    assert len(variants) >= 1000
    for gtin in (*gtins, *(variant["gtin"] for variant in variants)):
        # The weights 1 and 3 take turns, and the whole adds up to a multiple of ten.
        assert sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(gtin)) % 10 == 0
    assert all({"sku", "size", "price", "availability"} <= set(variant) for variant in variants)


def test_files_say_what_the_catalogue_is(catalogue: Catalogue, tmp_path: Path) -> None:
    paths = write(catalogue, tmp_path / "new" / "folder")
    assert tuple(path.name for path in paths) == FILES
    products, judgments, queries, flaws = paths
    assert [json.loads(line) for line in products.read_text("utf-8").splitlines()] == catalogue.feed
    with judgments.open(encoding="utf-8", newline="") as file:
        assert [tuple(row) for row in csv.reader(file)] == [
            ("query", "product_id", "grade"),
            *((j.query, j.product_id, str(j.grade)) for j in catalogue.judgments),
        ]
    with queries.open(encoding="utf-8", newline="") as file:
        table = {row["query"]: row for row in csv.DictReader(file)}
    assert sum(int(row["judged"]) for row in table.values()) == len(catalogue.judgments)
    report = json.loads(flaws.read_text("utf-8"))
    assert (report["products"], report["rows"]) == (2000, len(catalogue.feed))
    assert [flaw["lines"] for flaw in report["flaws"]] == [list(flaw.lines) for flaw in catalogue.flaws]


def test_numbers_that_name_products() -> None:
    assert gtin13(0) == "2000000000008"  # 2·1 = 2, and 8 makes it ten
    assert gtin13(10) == "2000000000107"  # 2·1 + 1·1 = 3
    assert gtin13(1) == "2000000000015"  # 2·1 + 1·3 = 5
    number = part_number("KX-##?", random.Random(1))
    assert number[:3] == "KX-"
    assert number[3:5].isdigit()
    assert number[5].isupper()


def test_slips_of_the_fingers() -> None:
    assert swapped("kettle", 1) == "ktetle"
    assert dropped("kettle", 1) == "kttle"
    assert doubled("kettle", 1) == "keettle"
    assert beside("kettle", 1) == "kwttle"
    assert beside("q1", 0) == "w1"
    assert beside("q1", 1) == "q1"
    assert mistyped("tea kettle", random.Random(3)).startswith("tea k")
    with pytest.raises(ValueError, match="no word of five letters"):
        mistyped("tea cup", random.Random(3))
