from __future__ import annotations

import pytest

from indexer.fields import Field, FieldType, Schema
from indexer.jobs.tally import Tally, declared_fields
from indexer.product import Offer, Product, Value, Variant
from indexer.store.records import AttributeCount


def tallied(*products: Product) -> Tally:
    tally = Tally()
    for product in products:
        tally.add(product)
    return tally


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        ((True, False), FieldType.BOOLEAN),
        ((5, 7.5), FieldType.NUMBER),
        (("2020-01-31", "2020-01-31T12:00:00Z"), FieldType.DATE),
        (("red", "blue"), FieldType.KEYWORD),
        ((5, "many"), FieldType.KEYWORD),
        ((*range(19), "many"), FieldType.NUMBER),  # 95 in 100 are
        ((("red", "blue"), ("green",)), FieldType.KEYWORD),
        (("x" * 121, "y" * 121, "short"), None),  # prose
        (((), ()), None),  # nothing
    ],
)
def test_the_type_that_nearly_all_values_have(values: tuple[Value, ...], type_: FieldType | None) -> None:
    tally = tallied(*(Product(str(n), attributes={"a": value}) for n, value in enumerate(values)))
    assert [field.type for field in tally.declare(Schema()).attributes] == ([type_] if type_ else [])


def test_the_most_frequent_are_declared() -> None:
    counts = [AttributeCount(name, count, {"keyword": count}) for name, count in (("c", 3), ("a", 2), ("b", 1))]
    assert [field.name for field in declared_fields(counts, 2)] == ["c", "a"]


def test_a_name_that_is_taken_gets_a_prefix() -> None:
    (field,) = tallied(Product("1", attributes={"price": 5})).declare(Schema()).attributes
    assert field == Field("attributes.price", FieldType.NUMBER, "price")


def test_an_attribute_of_a_variant_counts_once_a_product() -> None:
    variants = (Variant("a", attributes={"size": "S"}), Variant("b", attributes={"size": "L"}))
    tally = tallied(Product("1", variants=variants), Product("2", attributes={"size": "M"}))
    assert [(entry.name, entry.count) for entry in tally.counts()] == [("size", 2)]
    assert tally.declare(Schema()).attributes == (Field("size", FieldType.KEYWORD, "size", variant=True),)


def test_currencies_languages_and_channel_are_those_that_were_met() -> None:
    tally = tallied(
        Product("1", {"en": "Lamp", "de": "Lampe"}, offers={"web": Offer(1, "EUR"), "shop": Offer(1, "EUR")}),
        Product("2", "Lamp", {"fr": "Claire"}, offers={"web": Offer(1, "EUR")}),
        Product("3", "Lamp", offers={"web": Offer(1, "USD")}),
    )
    schema = tally.declare(Schema())
    assert schema.languages == ("de", "fr")
    assert schema.currencies["web"] == schema.currencies["shop"] == "EUR"
    assert schema.channel == "web"
    assert tallied(Product("1")).declare(Schema()) == Schema()


def test_the_currency_of_a_channel_is_that_of_its_priced_offers() -> None:
    unpriced = [Product(str(n), offers={"web": Offer(None, "XXX"), "shop": Offer(None, "GBP")}) for n in range(3)]
    schema = tallied(*unpriced, Product("9", offers={"web": Offer(1, "EUR")})).declare(Schema())
    assert (schema.currencies["web"], schema.currencies["shop"]) == ("EUR", "GBP")
