"""Minor units: how many digits of each currency's amounts are kept as integers."""

from __future__ import annotations

# ISO 4217, where it is not two digits. (The CLDR that babel carries has the digits of cash, which are fewer.)
_WITHOUT_MINOR_UNIT = frozenset({
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG",
    "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF",
})  # fmt: skip
_WITH_THREE_DIGITS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
_WITH_FOUR_DIGITS = frozenset({"CLF", "UYW"})


def minor_digits(currency: str) -> int:
    """How many decimal digits the minor unit has: 2 for EUR, 0 for JPY, 3 for KWD; 2 where no currency is known."""
    if currency in _WITHOUT_MINOR_UNIT:
        return 0
    if currency in _WITH_THREE_DIGITS:
        return 3
    return 4 if currency in _WITH_FOUR_DIGITS else 2
