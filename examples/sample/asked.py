"""The queries of the sample catalogue: the declared ones, and those made from its products."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from . import foreign
from .kind import Foreign, Kind
from .kinds import BY_KEY, KINDS
from .needs import GROUPS, NEEDS
from .query import Query, QueryClass, Want
from .stock import Stock
from .texts import fillable, placeholders
from .typos import mistyped

AT_MOST = {
    QueryClass.KIND: 300,
    QueryClass.SYNONYM: 90,
    QueryClass.NEED: 100,
    QueryClass.BRAND: 40,
    QueryClass.ATTRIBUTE: 60,
    QueryClass.CODE: 36,
    QueryClass.TYPO: 30,
    QueryClass.LANGUAGE: 40,
}
"""How many queries of each class are kept: about half name a kind of thing, as in a shop's own log."""

BRANDS_ALONE = 25
"""How many brands are asked for with nothing beside them."""


def ask(stock: Stock, seed: int) -> list[Query]:
    """Queries that the catalogue can answer (with at least one product of grade 2 or 3), by class, no text twice."""
    rng = random.Random(f"{seed}/queries")
    candidates = [
        *_declared(),
        *_by_brand(stock, rng),
        *_by_attribute(stock, rng),
        *_by_code(stock, rng),
        *_with_typos(stock, rng),
        *_in_other_languages(),
    ]
    by_class: dict[QueryClass, dict[str, Query]] = defaultdict(dict)
    seen: set[str] = set()
    for query in candidates:
        if query.text not in seen and max(query.grades(stock).values(), default=0) >= 2:
            seen.add(query.text)
            by_class[query.query_class][query.text] = query
    result: list[Query] = []
    for query_class, most in AT_MOST.items():
        queries = list(by_class[query_class].values())
        kept = sorted(rng.sample(range(len(queries)), min(most, len(queries))))
        result.extend(queries[place] for place in kept)
    return result


def names_meant(kind: Kind, text: str) -> tuple[str, ...]:
    """Which of the kind's names a declared query means: all, unless the kind's names are different things.

    A synonym shares no words with the names; it means all of them where `means` says nothing else.

    Raises:
        ValueError: no name holds all words of the query, and `means` says nothing of it.
    """
    if not kind.apart:
        return kind.names
    if text in kind.means:
        return kind.means[text]
    if text in kind.synonyms:
        return kind.names
    wanted = _words(text)
    names = tuple(name for name in kind.names if wanted <= _words(name))
    if not names:
        raise ValueError(f"kind {kind.key!r}: no name holds all words of {text!r}; say in `means` which it means")
    return names


def _declared() -> Iterator[Query]:
    for kind in KINDS:
        for text in kind.asked:
            yield Query(text, QueryClass.KIND, _wants(kind, text))
        for text in kind.synonyms:
            yield Query(text, QueryClass.SYNONYM, _wants(kind, text))
    for table, query_class in ((GROUPS, QueryClass.KIND), (NEEDS, QueryClass.NEED)):
        for text, answers in table.items():
            yield Query(text, query_class, tuple(_answers(answers)))


def _wants(kind: Kind, text: str) -> tuple[Want, ...]:
    near = (Want(grade, kind=key) for key, grade in kind.near.items())
    return (Want(3, kind=kind.key, names=names_meant(kind, text)), Want(1, kind=kind.key), *near)


def _answers(answers: Mapping[str, int]) -> Iterator[Want]:
    """Wants of "kind" → grade, or "kind/name" → grade.

    Raises:
        ValueError: the kind or the name is not declared.
    """
    for answer, grade in answers.items():
        key, _, name = answer.partition("/")
        if key not in BY_KEY or (name and name not in BY_KEY[key].names):
            raise ValueError(f"{answer!r} is no declared kind or name; declare it in `departments`")
        yield Want(grade, kind=key, names=(name,) if name else ())


def _by_brand(stock: Stock, rng: random.Random) -> Iterator[Query]:
    products: dict[tuple[str, str], int] = defaultdict(int)
    for item in stock.items:
        if item.name in names_meant(item.kind, item.kind.asked[0]):
            products[item.kind.key, item.brand] += 1
    pairs = sorted(pair for pair, number in products.items() if number >= 2)
    for key, brand in rng.sample(pairs, min(AT_MOST[QueryClass.BRAND], len(pairs))):
        kind = BY_KEY[key]
        text = kind.asked[0]
        names = names_meant(kind, text)
        wants = (
            Want(3, kind=key, brand=brand, names=names),
            Want(2, kind=key, brand=brand),
            Want(1, kind=key, names=names),
        )
        typed = f"{brand} {text}" if rng.random() < 0.8 else f"{text} {brand}"
        yield Query(typed.lower(), QueryClass.BRAND, wants)
    brands = sorted({item.brand for item in stock.items})
    for brand in rng.sample(brands, min(BRANDS_ALONE, len(brands))):
        yield Query(brand.lower(), QueryClass.BRAND, (Want(3, brand=brand),), language="")


def _by_attribute(stock: Stock, rng: random.Random) -> Iterator[Query]:
    for kind in KINDS:
        for template in kind.asked_with:
            fields = placeholders(template)
            names = kind.means.get(template, kind.names)
            choice = [
                (item, option)
                for item in stock.of_kind(kind.key)
                for option in item.options
                if item.name in names
                and fillable((template,), {**item.values, "colour": option.colour, "size": option.size})
            ]
            if not choice:
                continue
            item, option = rng.choice(choice)
            values = {**item.values, "colour": option.colour, "size": option.size}
            where = tuple((name, str(values[name])) for name in fields)
            wants = [Want(3, kind=kind.key, names=names, where=where), Want(1, kind=kind.key)]
            if len(where) > 1:
                wants.append(Want(2, kind=kind.key, names=names, where=where[:-1]))
            yield Query(template.format_map(values).lower(), QueryClass.ATTRIBUTE, tuple(wants))


def _by_code(stock: Stock, rng: random.Random) -> Iterator[Query]:
    coded = [item for item in stock.items if item.model]
    for number, item in enumerate(rng.sample(coded, min(2 * AT_MOST[QueryClass.CODE], len(coded)))):
        code = item.model.lower()
        pieces = re.findall(r"[a-z]+|\d+", code)
        written = (
            code,
            "".join(pieces),
            " ".join(re.findall(r"[a-z\d]+", code)),
            " ".join(pieces),
            f"{item.brand} {item.model}",
            f"{code} {item.kind.asked[0]}",
            item.stem.lower(),
            item.gtin,
        )[number % 8]
        family = frozenset(other.id for other in coded if other.kind is item.kind and other.stem == item.stem)
        meant = family if number % 8 == 6 else frozenset({item.id})
        parts = frozenset(other.id for other in stock.items if other.fits in meant)
        wants = [Want(3, ids=meant), Want(1, ids=family)]
        if parts:
            wants.append(Want(1, ids=parts))
        yield Query(written, QueryClass.CODE, tuple(wants), language="")


def _with_typos(stock: Stock, rng: random.Random) -> Iterator[Query]:
    written = {word for item in stock.items for title in item.title.values() for word in _words(title)}
    declared = [(kind, text) for kind in KINDS for text in kind.asked if max(map(len, text.split())) >= 5]
    for kind, text in rng.sample(declared, 3 * AT_MOST[QueryClass.TYPO]):
        typed = mistyped(text, rng)
        if not _words(typed) <= written:
            yield Query(typed, QueryClass.TYPO, _wants(kind, text))


def _in_other_languages() -> Iterator[Query]:
    tables: tuple[tuple[str, dict[str, Foreign]], ...] = (("de", foreign.GERMAN), ("fr", foreign.FRENCH))
    for language, table in tables:
        for key, texts in table.items():
            for text in texts.asked:
                yield Query(text, QueryClass.LANGUAGE, (Want(3, kind=key),), language=language)


def _words(text: str) -> frozenset[str]:
    """The words of a text for comparison: lower case, hyphens and apostrophes away, plural s away."""
    plain = re.sub(r"[-'’]", "", text.lower())
    return frozenset(word.removesuffix("s") for word in re.findall(r"\w+", plain))
