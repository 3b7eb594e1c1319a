"""What the sample says of a column beyond its name: decimal commas and numbers in stock."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping, Sequence

import pytest

from indexer.feeds import open_feed
from indexer.feeds.errors import UnrecognisedError
from indexer.product import Availability, Product

Products = Callable[..., list[Product]]


def delimited(column: str, values: Sequence[str]) -> bytes:
    rows = (f"{number};Thing;{value}\n" for number, value in enumerate(values))
    return f"id;title;{column}\n{''.join(rows)}".encode()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["1,05", "2,5", "3,0"], [1.05, 2.5, 3.0]),
        (["1,5", "", "3", "-0,25"], [1.5, None, 3, -0.25]),
        (["1,200", "0,125"], [1.2, 0.125]),
        (["1.250,5", "12,25"], [1250.5, 12.25]),
        (["1,200", "2,500"], ["1,200", "2,500"]),  # thousands, perhaps
        (["1,200,000", "1,5"], ["1,200,000", "1,5"]),
        (["1,2,3", "4,5"], ["1,2,3", "4,5"]),
        (["1,5", "2.5"], ["1,5", "2.5"]),
        (["01,5", "2,5"], ["01,5", "2,5"]),
        (["A1,5", "2,5"], ["A1,5", "2,5"]),
    ],
)
def test_decimal_commas_are_read_where_the_whole_column_has_them(
    read_products: Products, written: list[str], read: list[object]
) -> None:
    products = read_products(delimited("gewicht", written), "feed.csv")
    assert [product.attributes.get("gewicht") for product in products] == read


def test_behind_the_sample_other_values_stay_texts(read_products: Products) -> None:
    products = read_products(delimited("gewicht", ["1,5"] * 1000 + ["2,5", "1,2,3", "2.5"]), "feed.csv")
    assert [product.attributes["gewicht"] for product in products[1000:]] == [2.5, "1,2,3", "2.5"]


def test_decimal_commas_are_told_of(tmp_path) -> None:
    path = tmp_path / "feed.csv"
    path.write_bytes(delimited("gewicht", ["1,05"]))
    with open_feed(path) as feed:
        assert feed.description.columns[-1].becomes == "decimal comma number attribute"


IN, OUT = Availability.IN_STOCK, Availability.OUT_OF_STOCK


@pytest.mark.parametrize(
    ("column", "mapping", "written", "states", "kept"),
    [
        ("stock", {}, ["0", "3", "7", "1"], [OUT, IN, IN, IN], [0, 3, 7, 1]),
        ("Bestand", {"availability": "Bestand"}, ["0", "3", "7"], [OUT, IN, IN], [0, 3, 7]),
        ("stock", {}, ["0", "sold out", "7"], [OUT, OUT, IN], [0, None, 7]),
        ("stock", {}, ["0", "1"], [OUT, IN], [None, None]),  # no and yes
    ],
)
def test_a_number_in_stock_is_kept_and_so_is_none(
    read_products: Products,
    column: str,
    mapping: Mapping[str, str],
    written: list[str],
    states: list[Availability],
    kept: list[int | None],
) -> None:
    products = read_products(delimited(column, written), "feed.csv", mapping=mapping)
    assert [product.offers["default"].availability for product in products] == states
    assert [product.attributes.get(column) for product in products] == kept


@pytest.mark.parametrize(
    ("written", "becomes"),
    [(["0", "3"], "availability, and an attribute with the number"), (["0", "1"], "availability")],
)
def test_the_number_in_stock_is_told_of(tmp_path, written: list[str], becomes: str) -> None:
    path = tmp_path / "feed.csv"
    path.write_bytes(delimited("stock", written))
    with open_feed(path) as feed:
        assert feed.description.columns[-1].becomes == becomes


def test_columns_that_cannot_be_told_are_shown_with_examples(tmp_path) -> None:
    path = tmp_path / "feed.csv"
    path.write_bytes(b"nummer;bezeichnung;farbe\n;Stuhl;\n17;Tisch;\n")
    with pytest.raises(UnrecognisedError, match="told to be the id") as caught:
        open_feed(path)
    error = pickle.loads(pickle.dumps(caught.value))
    assert error.columns == (("bezeichnung", "Stuhl"), ("nummer", "17"))
    assert str(error) == str(caught.value)
