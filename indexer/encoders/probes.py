"""The texts on which a small form of a model is compared with the model: what shoppers type, and what shops write."""

from __future__ import annotations

_THINGS = (
    "kettle", "rain jacket", "garden hose", "laser printer", "running shoes", "office chair", "cordless drill",
    "baby monitor", "coffee beans", "desk lamp", "tent", "winter tyre", "frying pan", "bluetooth speaker", "yoga mat",
    "wall paint", "electric toothbrush", "dog bed", "suitcase", "network cable", "wrist watch", "board game",
    "sewing machine", "vacuum cleaner", "cotton bed sheets", "mountain bike", "face cream", "bookshelf",
    "graphics card", "fishing rod", "lawn mower", "hair dryer", "memory card", "oak dining table", "sunglasses",
    "pressure washer", "camera tripod", "school backpack", "LED bulb", "chocolate gift box", "fish tank",
    "safety gloves", "acoustic guitar", "pillow", "smoke alarm", "USB-C charger", "towel rail", "wool scarf",
    "ice skates", "water filter",
)  # fmt: skip

_WISHES = (
    "cheap {}", "{} for small rooms", "best {} under 50", "{} black", "replacement part for {}", "quiet {}",
    "{} 2 pack", "{} with free returns", "waterproof {}", "{} as a present",
)  # fmt: skip

_SENTENCES = (
    "It takes up little room and is ready in under a minute.",
    "The set comes with a carrying bag, two spare parts and a printed guide in six languages.",
    "Measures 42 x 30 x 12 cm and weighs 1.8 kg; the cable is 1.5 m long.",
    "Made of recycled steel and solid beech, oiled by hand, free of solvents.",
    "Works with all common standards, 220-240 V at 50 Hz, energy class B.",
    "Machine washable at 40 °C; do not bleach, do not tumble dry.",
    "A soft grip and rounded edges make it safe for children from three years.",
    "Ships within two working days, with a warranty of 36 months.",
    "The surface resists scratches, fingerprints and most household chemicals.",
    "Sizes run small: we recommend ordering one size larger than usual.",
    "Its battery lasts up to eleven hours and charges fully in ninety minutes.",
    "For indoor and outdoor use, rated IP54 against dust and splashing water.",
)

_MODELS = ("AX-200", "Pro 15", "No. 7", "Series 3 (2nd generation)", "MK2-b", "Classic", "XL", "9000i")

QUERIES = (*_THINGS, *(_WISHES[i % len(_WISHES)].format(thing) for i, thing in enumerate(_THINGS)))
"""100 short texts of one to six words."""


def _description(number: int, thing: str) -> str:
    """A title and between 1 and 12 sentences: the longest are longer than any encoder here reads by default."""
    sentences = (_SENTENCES[(number + i) % len(_SENTENCES)] for i in range(1 + number % len(_SENTENCES)))
    return f"{thing.capitalize()} {_MODELS[number % len(_MODELS)]}\n{' '.join(sentences)}"


DOCUMENTS = (
    *(f"{thing.capitalize()} {_MODELS[number % len(_MODELS)]}" for number, thing in enumerate(_THINGS)),
    *(_description(number, thing) for number, thing in enumerate(_THINGS)),
)
"""50 titles, and 50 titles with a description."""
