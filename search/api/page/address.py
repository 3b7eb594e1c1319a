"""The address of the page: what it says of a search, and the links that lead on from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from indexer.fields import PATH_SEPARATOR
from search.api.reading import Parameters, one, whole
from search.errors import RequestError, shown
from search.filters import nearest
from search.request.characters import clean

KNOWN = ("index", "q", "sort", "page", "view", "price_from", "price_to")
REFINE = "refine."
SORTS = {
    "": "Relevance",
    "price:asc": "Price, low to high",
    "price:desc": "Price, high to low",
    "rating:desc": "Rating",
    "released_at:desc": "Newest",
}
COMPARE = "compare"
_VIEWS = ("results", COMPARE)
_MAX_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Address:
    """What the page shows.

    Args:
        index: "" for the first one.
        q: what is searched for, as typed.
        refine: choices by field, each field with one at least.
        sort: one of `SORTS`.
        page: from 1.
        compares: whether it is the three sides next to each other.
        price_from, price_to: bounds that were typed, both inside, "" for open.
    """

    index: str = ""
    q: str = ""
    refine: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = ""
    page: int = 1
    compares: bool = False
    price_from: str = ""
    price_to: str = ""

    @property
    def narrows(self) -> bool:
        """Whether anything is chosen."""
        return bool(self.refine or self.price_from or self.price_to)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The parameters that it is made of."""
        pairs = [("index", self.index), ("q", self.q)]
        pairs += [(REFINE + name, value) for name, values in self.refine.items() for value in values]
        pairs += [("price_from", self.price_from), ("price_to", self.price_to), ("sort", self.sort)]
        pairs += [("view", COMPARE if self.compares else ""), ("page", str(self.page) if self.page > 1 else "")]
        return [(name, value) for name, value in pairs if value]

    @property
    def url(self) -> str:
        """The address itself."""
        query = urlencode(self.pairs)
        return f"/?{query}" if query else "/"

    def searching(self, q: str) -> Address:
        """Another query under the same choices."""
        return replace(self, q=q, page=1)

    def turned_to(self, page: int) -> Address:
        """Another page of the same results."""
        return replace(self, page=page)

    def comparing(self, compares: bool) -> Address:
        """The same search in the other view."""
        return replace(self, compares=compares, page=1)

    def without(self, name: str, value: str) -> Address:
        """One choice less."""
        left = tuple(one for one in self.refine[name] if one != value)
        others = {field: values for field, values in self.refine.items() if field != name}
        return replace(self, refine={**others, name: left} if left else others, page=1)

    def without_bounds(self) -> Address:
        """The same without the prices that were typed."""
        return replace(self, price_from="", price_to="", page=1)

    def within(self, category: str) -> Address:
        """The query in one category, and nothing else chosen."""
        return replace(self.unrefined(), refine={"category": (category,)})

    def unrefined(self) -> Address:
        """The same query with nothing chosen."""
        return replace(self.without_bounds(), refine={})


def read_address(found: Parameters) -> Address:
    """The address that the parameters of a query string make.

    Raises:
        RequestError: a value that a parameter cannot have.
    """
    view, sort = one(found, "view"), one(found, "sort")
    for name, value, known in (("view", view, _VIEWS), ("sort", sort, tuple(SORTS)[1:])):
        if value and value not in known:
            raise RequestError(
                name, shown(value), f"wanted is one of {', '.join(known)}", nearest=nearest(value, known)
            )
    refine = {name.removeprefix(REFINE): tuple(values) for name, values in found.items() if name.startswith(REFINE)}
    if "category" in refine:
        refine["category"] = _deepest(refine["category"])
    return Address(
        index=one(found, "index"),
        q=clean(one(found, "q")),
        refine=refine,
        sort=sort,
        page=whole(found, "page", 1, _MAX_PAGE),
        compares=view == COMPARE,
        price_from=one(found, "price_from").strip(),
        price_to=one(found, "price_to").strip(),
    )


def _deepest(paths: tuple[str, ...]) -> tuple[str, ...]:
    """Without those above another one: who takes a subcategory too means that alone."""
    return tuple(path for path in paths if not any(other.startswith(path + PATH_SEPARATOR) for other in paths))
