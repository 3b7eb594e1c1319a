"""A shop small enough to check by eye, the same shop drawn at random, and the plainest reading of filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from indexer.engines.protocol import EngineReader, IndexDocument
from indexer.engines.query import (
    Alternative,
    And,
    Atom,
    Exists,
    Filter,
    In,
    Not,
    Or,
    Range,
    SearchQuery,
    TermGroup,
    Words,
)
from indexer.fields import Field, FieldType, Schema

DIM = 8
SCHEMA = Schema(
    attributes=(
        Field("colour", FieldType.KEYWORD, "colour", variant=True),
        Field("size", FieldType.KEYWORD, "size", variant=True),
        Field("weight", FieldType.NUMBER, "weight"),
        Field("organic", FieldType.BOOLEAN, "organic"),
    ),
    languages=("de",),
    currencies={"default": "EUR"},
    encoder="hashing",
)
PRICE, IN_STOCK = "price@default", "in_stock@default"

OpenShop = Callable[[Sequence[IndexDocument]], EngineReader]


def unit(*values: float) -> np.ndarray:
    """float32 (DIM,), unit length, out of its first coordinates."""
    vector = np.zeros(DIM, np.float32)
    vector[: len(values)] = values
    return vector / np.linalg.norm(vector)


def words(*asked: str | Sequence[str], languages: tuple[str, ...] = ("en",)) -> Words:
    """One group per word; a list of words is a group of alternatives."""
    groups = [[word] if isinstance(word, str) else list(word) for word in asked]
    return Words(
        tuple(TermGroup(tuple(Alternative((word,)) for word in group)) for group in groups), languages=languages
    )


def document(
    number: int,
    title: str | Mapping[str, str],
    change: int | None = None,
    vector: np.ndarray | None = None,
    variants: Sequence[Mapping[str, tuple[Atom, ...]]] = (),
    description: str = "",
    **values: Atom | tuple[Atom, ...],
) -> IndexDocument:
    """A product `p<number>`; keyword arguments are column values (`price` and `in_stock` of the default channel)."""
    columns = {{"price": PRICE, "in_stock": IN_STOCK}.get(name, name): value for name, value in values.items()}
    texts = {"title": {"en": title} if isinstance(title, str) else dict(title)}
    if description:
        texts["description"] = {"en": description}
    return IndexDocument(
        id=f"p{number}",
        change_number=number if change is None else change,
        texts=texts,
        values={"id": (f"p{number}",), **{key: v if isinstance(v, tuple) else (v,) for key, v in columns.items()}},
        variants=tuple(variants),
        vector=vector,
        source=b'{"id":"p%d"}' % number,
    )


SHOP = (
    document(
        1, "Red wool scarf", brand="Alma", price=1999, weight=120.0, organic=True, vector=unit(1, 0), colour="red"
    ),
    document(2, "Blue wool hat", brand="Alma", price=2499, weight=90.0, vector=unit(0.9, 0.4), colour="blue"),
    document(
        3, "Printer HL2140", brand="Brod", price=15900, vector=unit(0, 0, 1), category=("Office", "Office > Printers")
    ),
    document(4, "Toner for hl-2140 printers", brand="Brod", price=4900, vector=unit(0, 0.2, 1), category=("Office",)),
    document(5, "Printer HL 2140 refurbished", brand="Cato", price=9900, vector=unit(0, 0, 1, 0.1)),
    document(6, {"en": "Winter shoes", "de": "Winterschuhe aus Leder"}, brand="Dahl", vector=unit(0.6, 0.8)),
    document(7, "Café crème cups", description="a set of six", brand="Dahl", price=3000, organic=False),
    document(
        8,
        "Cotton shirt",
        brand="Alma",
        vector=unit(0.8, 0.6),
        variants=(
            {"sku": ("s-red-s",), "colour": ("red",), "size": ("S",), PRICE: (1000,), IN_STOCK: (True,)},
            {"sku": ("s-red-l",), "colour": ("red",), "size": ("L",), PRICE: (1200,), IN_STOCK: (False,)},
            {"sku": ("s-blue-s",), "colour": ("blue",), "size": ("S",), PRICE: (900,), IN_STOCK: (True,)},
        ),
    ),
    document(9, "笔记本电脑 laptop", brand="Erle", vector=unit(0, 1)),
)


def found(reader: EngineReader, query: SearchQuery) -> set[str]:
    """The whole result set."""
    result = reader.search(replace(query, limit=10_000))
    ids = {hit.id for hit in result.lexical} | {hit.id for hit in result.neighbours}
    assert len(ids) == result.total
    return ids


# --- the plainest reading of a filter, and shops drawn at random -----------------------------------------------------


def holds(condition: Filter, doc: IndexDocument) -> bool:
    """Whether a product satisfies a filter, read off the definitions in `indexer.engines.query`."""
    return any(_holds(condition, unit, doc) for unit in doc.variants or (doc.values,))


def _holds(condition: Filter, unit: Mapping[str, tuple[Atom, ...]], doc: IndexDocument) -> bool:
    """Whether one variant satisfies it."""
    match condition:
        case Not(inner):
            return not holds(inner, doc)
        case Or(parts):
            return any(_holds(part, unit, doc) for part in parts)
        case And(parts):
            return all(_holds(part, unit, doc) for part in parts)
        case _:
            return _leaf(condition, unit if SCHEMA.columns[condition.column].variant else doc.values)


def _leaf(leaf: In | Range | Exists, values: Mapping[str, tuple[Atom, ...]]) -> bool:
    found = values.get(leaf.column, ())
    match leaf:
        case Exists():
            return bool(found)
        case In(_, wanted):
            return any(value in wanted for value in found)
        case Range(_, lower, upper, include_lower, include_upper):
            return any(
                (lower is None or value > lower or (include_lower and value == lower))
                and (upper is None or value < upper or (include_upper and value == upper))
                for value in found
            )


_WORDS = ("red", "wool", "lamp", "desk")
_COLOURS, _SIZES, _BRANDS = ("red", "blue"), ("S", "L"), ("Alma", "Brod", "Cato")


@st.composite
def documents(draw: st.DrawFn, number: int) -> IndexDocument:
    """A product whose every title has the word `item`."""
    values: dict[str, Atom | tuple[Atom, ...]] = {}
    if draw(st.booleans()):
        values["brand"] = draw(st.sampled_from(_BRANDS))
    if draw(st.booleans()):
        values["weight"] = float(draw(st.integers(0, 3)))
    if draw(st.booleans()):
        values["organic"] = draw(st.booleans())
    variants: list[dict[str, tuple[Atom, ...]]] = []
    for at in range(draw(st.integers(0, 3))):
        variant: dict[str, tuple[Atom, ...]] = {"sku": (f"{number}-{at}",), PRICE: (draw(st.integers(0, 4)),)}
        if draw(st.booleans()):
            variant["colour"] = (draw(st.sampled_from(_COLOURS)),)
        if draw(st.booleans()):
            variant["size"] = (draw(st.sampled_from(_SIZES)),)
        variants.append(variant)
    if not variants and draw(st.booleans()):
        values["price"] = draw(st.integers(0, 4))
        values["colour"] = draw(st.sampled_from(_COLOURS))
    title = " ".join(["item", *draw(st.lists(st.sampled_from(_WORDS), max_size=3))])
    direction = draw(st.integers(0, 4))
    vector = None if direction == 4 else unit(*(1.0 if at == direction else 0.1 * number for at in range(4)))
    return document(number, title, vector=vector, variants=variants, **values)


shops = st.integers(1, 12).flatmap(lambda n: st.tuples(*(documents(number) for number in range(1, n + 1))))

_leaves = st.one_of(
    st.builds(In, st.just("colour"), st.sets(st.sampled_from(_COLOURS), min_size=1).map(tuple)),
    st.builds(In, st.just("size"), st.sets(st.sampled_from(_SIZES), min_size=1).map(tuple)),
    st.builds(In, st.just("brand"), st.sets(st.sampled_from(_BRANDS), min_size=1).map(tuple)),
    st.builds(In, st.just("organic"), st.just((True,))),
    st.builds(
        Range, st.sampled_from((PRICE, "weight")), st.none() | st.integers(0, 4), st.none() | st.integers(0, 4),
        st.booleans(), st.booleans(),
    ),
    st.builds(Exists, st.sampled_from((PRICE, "weight", "colour", "brand"))),
)  # fmt: skip
filters = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, min_size=1, max_size=3).map(tuple)),
    ),
    max_leaves=5,
)

refinements = st.fixed_dictionaries(
    {},
    optional={
        "brand": st.builds(In, st.just("brand"), st.sets(st.sampled_from(_BRANDS), min_size=1).map(tuple)),
        "colour": st.builds(In, st.just("colour"), st.sets(st.sampled_from(_COLOURS), min_size=1).map(tuple)),
        "size": st.builds(In, st.just("size"), st.sets(st.sampled_from(_SIZES), min_size=1).map(tuple)),
        PRICE: st.one_of(
            st.integers(0, 4).map(lambda least: Range(PRICE, least, None)),
            st.integers(1, 4).map(lambda least: Or((Range(PRICE, None, 1, True, False), Range(PRICE, least, None)))),
        ),
    },
)
"""What a shopper may have chosen, of the product and of its variants."""
