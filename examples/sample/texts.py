"""Titles and descriptions, put together from what a kind declares."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from string import Formatter

from .kind import Foreign, Kind, Value

TITLE_SHAPES: dict[str, int] = {
    "{brand} {name}": 3,
    "{name}": 2,
    "{brand} {feature} {name}": 3,
    "{brand} {series} {name}": 2,
    "{brand} {series} {feature} {name}, {details}": 3,
    "{brand} {series} {name} {detail}, {colour}": 3,
    "{brand} {model} {name}": 3,
    "{brand} {model} {feature} {name}, {details}, {colour}": 4,
    "{brand} {model} {name} {details}": 3,
    "{feature} {name} {detail}, {colour}, {brand}": 2,
    "{feature} {name} - {brand} {model}": 1,
    "{name} {details} {colour}": 1,
}
"""Title template → how often sellers write such titles, relative to the others that a product can fill."""

SMALL_WORDS = frozenset({"a", "and", "at", "by", "for", "in", "of", "on", "the", "to", "up", "with", "from"})

SHOP_SENTENCES = (
    "Free returns within 30 days.",
    "Two years' guarantee.",
    "Ships in paper, without plastic.",
    "Also makes a good present.",
    "New this season.",
    "While stocks last.",
    "Winner of a design award.",
    "Our customers' favourite.",
)


OPENINGS = ("{kind} by {brand}.", "A {kind} as {brand} makes them.", "{brand}: {kind}.", "The {kind} for every day.")
"""How shops begin descriptions that say once more what the thing is."""


def placeholders(template: str) -> list[str]:
    """The names in braces, in order."""
    return [name for _, name, _, _ in Formatter().parse(template) if name]


def fillable(templates: Sequence[str], values: Mapping[str, Value]) -> list[str]:
    """Those templates whose placeholders all have a value."""
    return [template for template in templates if all(name in values for name in placeholders(template))]


def capitalised(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def in_title_case(text: str) -> str:
    """Every Word Capitalised but the Small Ones; words that hold capitals or digits already stay as they are."""
    return " ".join(word if word in SMALL_WORDS else capitalised(word) for word in text.split(" "))


def title(kind: Kind, name: str, values: Mapping[str, Value], rng: random.Random) -> str:
    """An English title of a product whose values may be "brand", "model", "series" and the attributes of its kind."""
    dress_up = in_title_case if rng.random() < 0.7 else str
    parts = {key: value if key in ("brand", "model") else dress_up(str(value)) for key, value in values.items()}
    parts["name"] = dress_up(name.format_map(values))
    if features := fillable(kind.features, values):
        parts["feature"] = dress_up(rng.choice(features).format_map(values))
    if details := [detail.format_map(values) for detail in fillable(kind.details, values)]:
        parts["detail"] = details[0]
        parts["details"] = ", ".join(details)
    # A book is known by its own name: makers' names and features stand in the titles of things only.
    shapes = fillable(tuple(TITLE_SHAPES), parts) if kind.features else ["{name}"]
    return capitalised(rng.choices(shapes, [TITLE_SHAPES[shape] for shape in shapes])[0].format_map(parts))


def description(
    kind: Kind, name: str, the_title: str, values: Mapping[str, Value], others: Sequence[Kind], rng: random.Random
) -> str:
    """An English description: what it is for, some facts, and what shops add to it; "" now and then.

    Args:
        others: kinds that may be named as bought together.
    """
    if rng.random() < 0.03 and not kind.fits:
        return ""
    uses = fillable(kind.uses, values)
    facts = fillable(kind.facts, values)
    sentences = [
        *rng.sample(uses, min(len(uses), rng.choice((1, 1, 2)))),
        *rng.sample(facts, min(len(facts), rng.choice((0, 1, 2, 3)))),
    ]
    texts = [capitalised(sentence.format_map(values)) for sentence in sentences]
    if kind.features and rng.random() < 0.6:
        plain = name.format_map(values) if kind.apart else kind.asked[0]
        texts.insert(0, capitalised(rng.choice(OPENINGS).format(kind=plain, brand=values["brand"])))
    if "model" in values and str(values["model"]) not in the_title:
        texts.append(f"Model {values['model']}.")
    if rng.random() < 0.25:
        texts.append(" ".join(f"{_label(key)}: {values[key]}." for key in kind.has if key in values and key[0] != "_"))
    if rng.random() < 0.3:
        texts.append(rng.choice(SHOP_SENTENCES))
    if rng.random() < 0.1:
        names = " and ".join(other.asked[0] for other in rng.sample(others, min(2, len(others))))
        texts.append(f"Often bought with: {names}.")
    return " ".join(text for text in texts if text)


def foreign_title(foreign: Foreign, values: Mapping[str, Value], colour: str, rng: random.Random) -> str:
    """A title in another language: maker, part number, name and, where not "", the colour in that language."""
    name = rng.choice(fillable(foreign.names, values)).format_map(values)
    head = " ".join(str(values[key]) for key in ("brand", "model") if key in values)
    return f"{head} {name}" + (f", {colour}" if colour else "")


def foreign_description(foreign: Foreign, values: Mapping[str, Value]) -> str:
    """A description in another language."""
    return " ".join(sentence.format_map(values) for sentence in fillable(foreign.uses, values))


def _label(attribute: str) -> str:
    return capitalised(attribute.replace("_", " "))
