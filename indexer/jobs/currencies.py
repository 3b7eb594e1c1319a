"""The currencies that a catalogue's offers are priced in, by sales channel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from indexer.product import UNKNOWN_CURRENCY, Offer, Product


class Currencies:
    """Counts the offers of products, those with a price apart."""

    def __init__(self) -> None:
        self._priced: dict[str, Counter[str]] = {}
        self._named: dict[str, Counter[str]] = {}

    def add(self, product: Product) -> None:
        """Counts the offers of one product and of its variants."""
        self._count(product.offers)
        for variant in product.variants:
            self._count(variant.offers)

    @property
    def by_channel(self) -> Mapping[str, str]:
        """The currency of most priced offers; where a channel has none, that which its offers name for the future.

        One that is known goes before one that is not, however few offers have it.
        """
        return {
            channel: _most_common(self._priced.get(channel) or named) for channel, named in sorted(self._named.items())
        }

    @property
    def busiest(self) -> str:
        """The channel with most offers, "" where there are none."""
        return max(sorted(self._named), key=lambda channel: self._named[channel].total(), default="")

    def unused(self, currencies: Mapping[str, str]) -> Iterator[tuple[str, str, int]]:
        """(channel, currency, priced offers) of what is no value of its channel, by name.

        Args:
            currencies: of the index, by channel.
        """
        for channel, priced in sorted(self._priced.items()):
            for currency, number in sorted(priced.items()):
                if currencies.get(channel) != currency:
                    yield channel, currency, number

    def unnamed(self) -> int:
        """How many priced offers do not say in what."""
        return sum(priced[UNKNOWN_CURRENCY] for priced in self._priced.values())

    def _count(self, offers: Mapping[str, Offer]) -> None:
        for channel, offer in offers.items():
            self._named.setdefault(channel, Counter())[offer.currency] += 1
            if offer.price is not None or offer.list_price is not None:
                self._priced.setdefault(channel, Counter())[offer.currency] += 1


def _most_common(counts: Counter[str]) -> str:
    known = Counter({currency: number for currency, number in counts.items() if currency != UNKNOWN_CURRENCY})
    return (known or counts).most_common(1)[0][0]
