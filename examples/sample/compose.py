"""Products, made from the declared kinds."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace

from . import foreign, texts
from .codes import part_number
from .item import Item, Option
from .kind import Kind, Value
from .kinds import KINDS, counts
from .words import FRENCH, GERMAN, SERIES, SHADES

IN_SEVERAL_LANGUAGES = 0.4
"""Share of the products of kinds with foreign texts that carry German, a third of them French as well."""
ONLY_GERMAN = 0.08
"""Share of those that carry nothing but German."""
IN_TWO_COLOURS = 0.3
"""Share of the products with sizes that come in two colours."""
SAME_BUT_COLOUR = 0.3
"""Share of the products with a part number that differ from the one before in nothing but the colour."""


def compose(seed: int, size: int) -> list[Item]:
    """A catalogue of `size` products, the same for the same seed, in no particular order."""
    rng = random.Random(f"{seed}/ids")
    ids = iter(rng.sample(range(100_000, 1_000_000), size))
    share = counts(size)
    made: dict[str, list[Item]] = defaultdict(list)
    # Parts come after what they fit, so that their texts can name it.
    for kind in sorted(KINDS, key=lambda kind: bool(kind.fits)):
        # One generator for each kind: a change to one kind leaves the texts of the others as they are.
        maker = _Maker(kind, made.get(kind.fits, []), random.Random(f"{seed}/{kind.key}"))
        for _ in range(share[kind.key]):
            made[kind.key].append(maker.next(str(next(ids))))
    items = [item for kind in KINDS for item in made[kind.key]]
    rng.shuffle(items)
    return items


class _Maker:
    """Makes the products of one kind, one after another."""

    def __init__(self, kind: Kind, hosts: list[Item], rng: random.Random) -> None:
        self._kind = kind
        self._hosts = hosts
        self._rng = rng
        self._last: Item | None = None
        self._letters: set[str] = set()
        root = kind.path.split(" > ")[0]
        self._others = [other for other in KINDS if other.path.split(" > ")[0] == root and other is not kind]

    def next(self, product_id: str) -> Item:
        last = self._last
        if last is not None and last.stem and self._rng.random() < SAME_BUT_COLOUR:
            item = self._twin(last, product_id)
        else:
            item = self._fresh(product_id)
        self._last = self._with_texts(item)
        return self._last

    def _fresh(self, product_id: str) -> Item:
        kind, rng = self._kind, self._rng
        name = rng.choice(kind.names)
        values = {key: rng.choice(options) for key, options in kind.has.items()}
        # An attribute that only other names speak of (the shape of a lamp, the kind of a jam) is none of this one.
        in_names = set(texts.placeholders(" ".join(kind.names)))
        spoken_of = set(texts.placeholders(" ".join((name, *kind.uses, *kind.facts, *kind.details, *kind.asked_with))))
        values = {key: value for key, value in values.items() if key not in in_names - spoken_of}
        options = self._options(str(values.pop("colour", "")))
        if len({option.shade for option in options}) == 1 and options[0].shade:
            values["colour"] = options[0].shade
        stem = part_number(kind.model.removesuffix("?"), rng)
        self._letters = {options[0].colour[:1].upper()}
        host = rng.choice(self._hosts) if self._hosts else None
        if host is not None:
            values["fits"] = f"{host.brand} {host.model}"
        return Item(
            id=product_id, kind=kind, name=name, brand=rng.choice(kind.brands), model=self._model(stem, options[0]),
            stem=stem, options=options, values=values, fits=host.id if host else "",
        )  # fmt: skip

    def _twin(self, last: Item, product_id: str) -> Item:
        # Part numbers tell colours apart by their first letter: black and blue cannot both be had.
        colours = [str(colour) for colour in self._kind.has.get("colour", ())]
        free = [colour for colour in colours if colour[0].upper() not in self._letters]
        if not free or not self._kind.model.endswith("?"):
            return self._fresh(product_id)
        colour = self._rng.choice(free)
        options = tuple(dict.fromkeys(replace(option, colour=colour, shade=colour) for option in last.options))
        values = {**last.values, "colour": colour}
        self._letters.add(colour[0].upper())
        return replace(last, id=product_id, model=self._model(last.stem, options[0]), options=options, values=values)

    def _model(self, stem: str, option: Option) -> str:
        if not self._kind.model.endswith("?"):
            return stem
        return stem + (option.colour[:1].upper() or self._rng.choice("ABCDEF"))

    def _options(self, colour: str) -> tuple[Option, ...]:
        rng, kind = self._rng, self._kind
        colours = [colour]
        if kind.sizes and colour and rng.random() < IN_TWO_COLOURS:
            colours.append(str(rng.choice([other for other in kind.has["colour"] if other != colour])))
        shades = {name: self._shade(name) for name in colours}
        first = rng.randrange(max(1, len(kind.sizes) - 3))
        sizes = kind.sizes[first : first + rng.randint(3, 6)] or ("",)
        return tuple(Option(name, shades[name], size) for name in colours for size in sizes)

    def _shade(self, colour: str) -> str:
        if not colour:
            return ""
        plain, *others = SHADES[colour]
        return plain if self._rng.random() < 0.5 else self._rng.choice(others)

    def _with_texts(self, item: Item) -> Item:
        rng, kind = self._rng, self._kind
        values: dict[str, Value] = {**item.values, "brand": item.brand}
        if item.model:
            values["model"] = item.model
        else:
            values["series"] = rng.choice(SERIES)
        english = texts.title(kind, item.name, values, rng)
        title = {"en": english}
        description = {"en": texts.description(kind, item.name, english, values, self._others, rng)}
        german, french = foreign.GERMAN.get(kind.key), foreign.FRENCH.get(kind.key)
        draw = rng.random()
        if german is not None and draw < IN_SEVERAL_LANGUAGES:
            colour = item.options[0].colour if "colour" in values else ""
            title["de"] = texts.foreign_title(german, values, GERMAN.get(colour, ""), rng)
            description["de"] = texts.foreign_description(german, values)
            if draw < ONLY_GERMAN:
                del title["en"], description["en"]
            elif french is not None and draw < IN_SEVERAL_LANGUAGES / 2:
                title["fr"] = texts.foreign_title(french, values, FRENCH.get(colour, ""), rng)
                description["fr"] = texts.foreign_description(french, values)
        return replace(item, title=title, description={lang: text for lang, text in description.items() if text})
