from __future__ import annotations

import pytest

from indexer.errors import FeedError
from indexer.feeds.columns import Columns
from indexer.feeds.names import name_key
from indexer.feeds.recognise import Meaning, check_mapping, id_rank, no_column_for, recognise, recognise_in_variant
from indexer.feeds.sample import ColumnStats


@pytest.mark.parametrize(
    ("name", "target"),
    [
        # Google Merchant
        ("g:title", "title"),
        ("image link", "image"),
        ("additional_image_link", "image"),
        ("sale price", "sale_price"),
        ("product_type", "category"),
        ("link", "url"),
        ("gtin", "gtin"),
        # Shopify
        ("Body (HTML)", "description"),
        ("Vendor", "brand"),
        ("compare_at_price", "list_price"),
        ("inventory_quantity", "availability"),
        # WooCommerce
        ("Name", "title"),
        ("Short description", "description"),
        ("Regular price", "price"),
        ("In stock?", "availability"),
        ("GTIN, UPC, EAN, or ISBN", "gtin"),
        # Magento
        ("special_price", "sale_price"),
        ("base_image", "image"),
        ("is_in_stock", "availability"),
        ("manufacturer", "brand"),
        # schema.org
        ("offers.priceCurrency", "currency"),
        ("offers.availability", "availability"),
        ("brand.name", "brand"),
        ("aggregateRating.ratingValue", "rating"),
        ("aggregateRating.reviewCount", "rating_count"),
        ("releaseDate", "released_at"),
        # marketplaces
        ("product_title", "title"),
        ("Average Rating", "rating"),
        ("productUrl", "url"),
        ("categories", "category"),
        ("units sold", "popularity"),
        ("date released", "released_at"),
        ("Supplier", "brand"),
        # attributes
        ("color", ""),
        ("width", ""),
        ("energy rating", ""),
        ("url_key", ""),
    ],
)
def test_the_usual_names_are_recognised(name: str, target: str) -> None:
    assert recognise(name).target == target


def test_better_names_go_first() -> None:
    assert recognise("title").rank < recognise("name").rank
    assert recognise("description").rank < recognise("long description").rank < recognise("short_description").rank
    assert (
        recognise("brand").rank < recognise("manufacturer").rank < recognise("vendor").rank < recognise("supplier").rank
    )


@pytest.mark.parametrize(
    ("name", "target", "currency"),
    [
        ("price_eur", "price", "EUR"),
        ("Price (EUR)", "price", "EUR"),
        ("sale_price-usd", "sale_price", "USD"),
        ("price_net", "", ""),
        ("width_eur", "", ""),
    ],
)
def test_a_currency_in_the_name_is_seen(name: str, target: str, currency: str) -> None:
    assert (recognise(name).target, recognise(name).currency) == (target, currency)


@pytest.mark.parametrize(
    "name", ["title_de", "title:de", "title-de", "title[de]", "title (de)", "title.de", "title_de_AT"]
)
def test_a_language_in_the_name_is_seen(name: str) -> None:
    meaning = recognise(name)
    assert (meaning.target, meaning.language, meaning.base.strip()) == ("title", "de", "title")


@pytest.mark.parametrize("name", ["title_qq", "color_de", "price_de"])
def test_what_only_looks_like_a_language_is_none(name: str) -> None:
    assert recognise(name).language == ""


def test_names_that_begin_like_images_need_addresses() -> None:
    assert recognise("image_alt") == Meaning("image", 1000, only_urls=True)


def test_variants_have_fewer_fields() -> None:
    assert recognise_in_variant("price").target == "price"
    assert recognise_in_variant("title").target == ""


def test_names_are_compared_by_letters_and_digits() -> None:
    assert name_key("G:Image_Link ") == name_key("imageLink") == "imagelink"
    assert name_key("Größe") == "grösse"


def stats(**filled: int) -> dict[str, ColumnStats]:
    return {name: ColumnStats(filled=count) for name, count in filled.items()}


def test_title_goes_before_name_and_the_name_becomes_an_attribute() -> None:
    columns = Columns(stats(name=10, id=10, title=10), 10, {})
    assert (columns.id, columns.title, columns["name"].target) == ("id", "title", "")


def test_a_column_that_is_mostly_empty_is_no_title() -> None:
    assert Columns(stats(id=10, title=2, name=10), 10, {}).title == "name"


def test_the_id_may_be_a_sku_where_there_is_nothing_better() -> None:
    assert Columns(stats(sku=10, name=10), 10, {}).id == "sku"
    assert Columns(stats(sku=10, name=10, product_id=10), 10, {}).id == "product_id"
    assert id_rank("color") is None


def test_a_mapping_overrides_and_keeps_others_out() -> None:
    columns = Columns(stats(id=1, title=1, brand=1, maker=1), 1, {"brand": "maker"})
    assert (columns["maker"].target, columns["brand"].target) == ("brand", "")


def test_a_mapped_title_keeps_its_languages() -> None:
    columns = Columns(stats(id=1, name=1, name_de=1, title=1, title_de=1), 1, {"title": "name"})
    assert columns["name_de"].meaning.language == "de"
    assert columns["title_de"].target == ""


def test_a_mapping_to_what_is_not_there_names_what_is() -> None:
    with pytest.raises(FeedError, match=r"no column 'Titel'.*nearest: 'Title'"):
        check_mapping({"title": "Titel"}, ["Title", "x"])
    with pytest.raises(FeedError, match=r"no field 'colour'.*written title@de or description@de"):
        check_mapping({"colour": "x"}, ["x"])


@pytest.mark.parametrize(
    ("target", "words"),
    [("brand@de", "brand has no languages"), ("title@xx", "'xx' is no language"), ("title@", "'' is no language")],
)
def test_a_mapping_to_a_language_that_is_none_is_told(target: str, words: str) -> None:
    with pytest.raises(FeedError, match=words):
        check_mapping({target: "x"}, ["x"])


def test_plural_targets_are_understood() -> None:
    assert check_mapping({"categories": "c", "images": "i"}, ["c", "i"]) == {
        "c": Meaning("category"),
        "i": Meaning("image"),
    }


def test_when_no_column_is_the_id_the_nearest_are_named_and_the_list_has_an_end() -> None:
    message = str(no_column_for("id", ["prod_ident", *(f"column {number}" for number in range(60))]))
    assert "--map id=COLUMN" in message
    assert "nearest: 'prod_ident'" in message
    assert "'column 38'" in message
    assert "'column 39'" not in message
    assert "and 21 more" in message


def test_no_title_is_an_error_with_the_columns_seen() -> None:
    with pytest.raises(FeedError, match=r"the title; name it with --map title=COLUMN; columns seen: 'id', 'heading'"):
        Columns(stats(id=1, heading=1), 1, {})
