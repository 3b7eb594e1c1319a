from __future__ import annotations

from indexer.jobs.currencies import Currencies
from indexer.product import Offer, Product, Variant


def test_priced_offers_that_are_no_value_of_their_channel_are_counted() -> None:
    currencies = Currencies()
    currencies.add(Product("1", offers={"web": Offer(1, "EUR"), "shop": Offer(None, "USD")}))
    currencies.add(Product("2", offers={"web": Offer(None, "USD", list_price=2)}))
    currencies.add(Product("3", variants=(Variant("a", offers={"web": Offer(1, "USD"), "b2b": Offer(1, "EUR")}),)))
    assert list(currencies.unused({"web": "EUR", "shop": "EUR"})) == [("b2b", "EUR", 1), ("web", "USD", 2)]
    assert list(currencies.unused({"web": "USD", "b2b": "EUR"})) == [("web", "EUR", 1)]


def test_without_offers_there_is_nothing() -> None:
    assert (Currencies().busiest, dict(Currencies().by_channel), list(Currencies().unused({}))) == ("", {}, [])


def test_a_currency_that_is_known_goes_before_one_that_is_not() -> None:
    currencies = Currencies()
    currencies.add(Product("1", offers={"web": Offer(1, "EUR")}))
    currencies.add(Product("2", offers={"web": Offer(1, "XXX"), "shop": Offer(1, "XXX")}))
    currencies.add(Product("3", offers={"web": Offer(1, "XXX")}))
    assert dict(currencies.by_channel) == {"shop": "XXX", "web": "EUR"}
