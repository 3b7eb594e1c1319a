"""The page at `/` without scripts: everything by links and one form, whatever products are called."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from page_reader import Reader

from indexer.feeds.records import Row
from indexer.fields import Field, FieldType, Schema
from indexer.jobs.importing import ImportOptions
from indexer.jobs.progress import Silent
from indexer.product import Availability, Offer, Product
from search.app import create_app
from search.config import Config
from search.maintenance import Maintenance
from search.services import Services

BRANDS = ("Alma", "Brod", "Söhne & Co")
COLOURS = ("red", "blue", "green", "black")
MASTER = "master-key-of-the-tests"
CHOSEN = {"aria-label": "Chosen"}


def lamps() -> list[Product]:
    result = []
    for n in range(60):
        place = ("Home", "Lamps", "Desk") if n % 3 else ("Garden",)
        sold = Availability.OUT_OF_STOCK if n % 7 == 0 else Availability.IN_STOCK
        result.append(
            Product(
                f"lamp/{n}",
                f"Desk lamp {COLOURS[n % 4]} number{n}",
                "A lamp to read by.",
                brand=BRANDS[n % 3],
                categories=(place,),
                url=f"https://shop.example/p/{n}",
                images=(f"https://shop.example/{n}.jpg",) if n % 2 else (),
                rating=3.0 + n % 3 if n < 30 else None,
                rating_count=n if n < 30 else None,
                popularity=float(60 - n),
                offers={"default": Offer(500 + 250 * n, "EUR", 1000 + 250 * n if n % 5 == 0 else None, sold)},
                attributes={"colour": COLOURS[n % 4], "dimmable": n % 2 == 0},
            )
        )
    return result


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    config = Config(data_dir=tmp_path_factory.mktemp("data"), text_model="hashing", threads=1, refresh_ms=0)
    schema = Schema(
        (Field("colour", FieldType.KEYWORD, "colour"), Field("dimmable", FieldType.BOOLEAN, "dimmable")),
        currencies={"default": "EUR"},
        encoder="hashing",
    )
    with Services(config) as services:
        rows = [Row(number, 0, one) for number, one in enumerate(lamps(), 1)]
        Maintenance(services).import_feed("lamps", rows, ImportOptions(), Silent(), schema=schema)
    app = create_app(config)
    yield app.test_client()
    app.extensions["shelfwise"].close()


@pytest.fixture
def page(client: FlaskClient) -> Reader:
    return Reader(client)


def test_it_shows_all_products_at_first(page: Reader) -> None:
    page.get("/")
    assert page.heading == "All 60 products"
    assert len(page.titles) == 24
    assert page.titles[0] == "Desk lamp red number0"
    assert not page.tree.all("nav", **{"aria-label": "View"})


def test_a_search_by_the_form(page: Reader) -> None:
    page.get("/").submit(q="red lamp")
    assert page.heading.endswith("for “red lamp”")
    assert all("red" in title for title in page.titles[:15])
    assert page.tree.one("input", id="q").attributes["value"] == "red lamp"
    assert "ms" in page.tree.one("p", class_="time").text
    assert f"{page.total} products found" in page.tree.one(role="status").text


def test_marks_are_elements_of_their_own(page: Reader) -> None:
    page.get("/", q="desk lamp")
    title = page.tree.all("article")[0].one("h2")
    assert [mark.text for mark in title.all("em")] == ["Desk", "lamp"]


def test_a_card_says_what_is_to_be_known(page: Reader) -> None:
    card = page.get("/", q="number5").tree.all("article")[0]
    assert card.one("h2").one("a").attributes["href"] == "https://shop.example/p/5"
    image = card.one("img")
    assert image.attributes["src"] == "https://shop.example/5.jpg"
    assert image.attributes["alt"] == "Desk lamp blue number5"
    assert image.attributes["loading"] == "lazy"
    assert card.one("p", class_="price").text == "Now €17.50 instead of €22.50"
    assert card.one("s").text == "€22.50"
    assert "In stock" in card.text
    assert "Rated 5.0 from 5 ratings" in card.text
    sold_out = page.get("/", q="number14").tree.all("article")[0]
    assert not sold_out.all("img")
    assert "Sold out" in sold_out.text


@pytest.mark.parametrize("query", ["", "desk lamp", "red"])
def test_the_number_beside_a_choice_is_the_total_after_it(page: Reader, query: str) -> None:
    page.get("/", q=query)
    followed = 0
    for field in ("category", "brand", "colour", "dimmable", "availability", "price"):
        for value, count in page.get("/", q=query).choices(field).items():
            assert page.get("/", q=query, **{f"refine.{field}": value}).total == count
            followed += 1
    assert followed > 15


def test_counts_hold_beside_other_choices(page: Reader) -> None:
    chosen = {"q": "lamp", "refine.brand": "Brod"}
    for value, count in page.get("/", **chosen).choices("colour").items():
        assert page.get("/", **chosen, **{"refine.colour": value}).total == count


def test_several_values_of_a_facet_widen_it(page: Reader) -> None:
    counts = page.get("/").choices("brand")
    page.submit(**{"refine.brand": ["Alma", "Söhne & Co"]})
    assert page.total == counts["Alma"] + counts["Söhne & Co"]
    checked = [
        box.attributes["value"]
        for box in page.tree.all("input", type="checkbox", name="refine.brand")
        if "checked" in box.attributes
    ]
    assert sorted(checked) == ["Alma", "Söhne & Co"]


def test_chips_take_choices_away(page: Reader) -> None:
    page.get("/?q=lamp&refine.brand=Alma&refine.colour=red&price_from=10&price_to=20.50")
    chips = page.tree.one("ul", **CHOSEN)
    assert [chip.text for chip in chips.all("li")] == [
        "Remove Brand: Alma×", "Remove Colour: red×", "Remove Price: 10 – 20.50×", "Remove all",
    ]  # fmt: skip
    page.follow("Colour: red")
    assert len(page.tree.one("ul", **CHOSEN).all("li")) == 3
    page.follow("Remove all")
    assert not page.tree.all("ul", **CHOSEN)
    assert page.heading.endswith("for “lamp”")


def test_typed_prices_are_both_inside(page: Reader) -> None:
    # Prices are 5.00, 7.50, 10.00 and so on.
    assert page.get("/").submit(price_from="7.50", price_to="12.50").total == 3
    assert page.submit(price_from="7,51", price_to="").total == 58
    assert page.submit(price_from="12.50", price_to="7.50").total == 3
    assert page.get("/", 400, price_from="cheap").tree.one("pre").text.startswith("price_from:")
    page.get("/", 400, price_to="-5")
    page.get("/", 400, price_to="1e400")


def test_a_subcategory_takes_the_place_of_the_one_above(page: Reader) -> None:
    page.get("/")
    assert set(page.choices("category")) == {"Home", "Garden"}
    page.submit(**{"refine.category": ["Home"]})
    assert {"Home", "Home > Lamps", "Garden"} <= set(page.choices("category"))
    page.submit(**{"refine.category": ["Home", "Home > Lamps"]})
    assert [chip.text for chip in page.tree.one("ul", **CHOSEN).all("li")][:-1] == ["Remove Category: Home > Lamps×"]


def test_orders_are_those_that_say_something(page: Reader) -> None:
    page.get("/", q="lamp")
    # No lamp has a date.
    sorts = [option.attributes["value"] for option in page.tree.one("select", id="sort").all("option")]
    assert sorts == ["", "price:asc", "price:desc", "rating:desc"]
    page.submit(sort="price:desc")
    assert page.titles[0].endswith("number59")
    assert "You sorted by price" in page.tree.all("article")[0].one("details").text
    problem = page.get("/", 400, sort="prize:asc").tree.one("pre").text
    assert 'did you mean "price:asc"' in problem


def test_pages_turn_in_both_directions(page: Reader) -> None:
    page.get("/", q="lamp", sort="price:asc")
    seen = page.titles
    assert "Page 1 of 3" in page.tree.one("nav", class_="pages").text
    assert "Previous" not in page.tree.one("nav", class_="pages").text
    seen += page.follow("Next").titles
    seen += page.follow("Next").titles
    assert len(seen) == len(set(seen)) == 60
    assert "Next" not in page.tree.one("nav", class_="pages").text
    assert page.tree.one("ol", class_="cards").attributes["start"] == "49"
    assert page.follow("Previous").titles == seen[24:48]
    assert page.get("/", page="9").tree.one("div", class_="nothing").text.startswith("The results end")


def test_choices_without_a_facet_stay(page: Reader) -> None:
    page.get("/", **{"refine.rating": "4..", "refine.id": "lamp/1"}).submit(q="lamp")
    assert len(page.tree.one("ul", **CHOSEN).all("li")) == 3
    page.get("/", q="nothingness zeppelin", price_from="20", sort="price:asc").submit(q="lamp")
    assert page.tree.one("ul", **CHOSEN).text == "Remove Price: 20 and more× Remove all"


def test_an_explanation_in_plain_words(page: Reader) -> None:
    why = page.get("/", q="red lamp").tree.all("article")[0].one("details", class_="why").text
    assert "By its words it is the 1st match" in why
    assert "found in its title" in why
    browsing = page.get("/").tree.all("article")[0].one("details", class_="why").text
    assert "Nothing was searched for" in browsing


def test_a_correction_is_said_and_can_be_undone(page: Reader) -> None:
    page.get("/", q="dsek lamp")
    assert "Showing results for desk lamp" in page.tree.one("main").text
    page.follow("as typed instead")
    assert page.tree.one("input", id="q").attributes["value"] == '"dsek" lamp'
    assert page.total == 0
    assert "without quotation marks" in page.tree.one("div", class_="nothing").text


def test_given_up_words_are_said(page: Reader) -> None:
    page.get("/", q="red lamp zeppelin")
    assert "these were left out: zeppelin" in page.tree.one("main").text


def test_nothing_found_helps_on(page: Reader) -> None:
    page.get("/", q="red lamp", **{"refine.brand": "Nobody"})
    assert page.heading.startswith("0 products")
    help_ = page.tree.one("div", class_="nothing")
    assert [chip.text for chip in help_.one("ul", class_="chips").all("li")] == ["Home 40", "Garden 20"]
    # The choice can be unmade where it was made.
    assert page.choices("brand")["Nobody"] == -1
    assert page.follow("without the choices").total > 0


def test_the_sides_next_to_each_other(page: Reader) -> None:
    page.get("/", q="red lamp").follow("Words or meaning?")
    columns = page.tree.all("section", class_="side")
    assert [column.one("h2").text for column in columns] == ["Words", "Both", "Meaning"]
    assert all(len(column.all("h3")) == 10 for column in columns[:2])
    assert "words 1st" in columns[1].text
    assert columns[1].all("svg", class_="shares")
    assert "1st in both" in columns[0].text
    assert page.tree.one("input", type="hidden", name="view").attributes["value"] == "compare"
    page.get("/", q="lamp", view="compare", sort="price:asc", price_from="20", **{"refine.brand": "Brod"}).submit(
        q="desk"
    )
    assert "view=compare" in page.answer.request.url
    page.follow("Results")
    assert [chip.text for chip in page.tree.one("ul", **CHOSEN).all("li")][:2] == [
        "Remove Brand: Brod×", "Remove Price: 20 and more×",
    ]  # fmt: skip
    assert page.tree.one("option", selected="", value="price:asc").text == "Price, low to high"


def test_what_the_page_is_made_of_is_there(page: Reader, client: FlaskClient) -> None:
    page.get("/")
    parts = [link.attributes["href"] for link in page.tree.all("link")]
    parts += [script.attributes["src"] for script in page.tree.all("script")]
    kinds = set()
    for part in [*parts, "/static/page/suggesting.js"]:
        with client.get(part) as answer:
            assert answer.status_code == 200
            kinds.add(answer.mimetype)
    assert kinds == {"text/css", "image/svg+xml", "text/javascript"}
    assert client.get("/static/page/../page.css").status_code == 404
    assert client.get("/static/page/nothing.css").status_code == 404


def test_an_unknown_parameter_is_told(page: Reader) -> None:
    assert 'did you mean "page"' in page.get("/", 400, pge="2").tree.one("pre").text
