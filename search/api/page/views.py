"""`GET /`: the page, its files, and its errors as pages too."""

from __future__ import annotations

import shlex
from pathlib import Path

from flask import Blueprint, Response, current_app, render_template, request, send_from_directory
from werkzeug.exceptions import HTTPException

from search.api.access import caller, for_everyone
from search.api.page.address import KNOWN, REFINE, SORTS, Address, read_address
from search.api.page.asking import COMPARED, PAGE_SIZE, ask, ask_sides, first_index, named, popular
from search.api.page.cards import card
from search.api.page.choices import chips, facet_lists
from search.api.page.comparing import sides
from search.api.page.notes import notes
from search.api.problems import Problem, to_problem
from search.api.reading import known_parameters
from search.arrange import MAX_DEPTH
from search.errors import NoIndexError
from search.request import Mode
from search.response import SearchResponse
from search.services import Services

_ROOT = Path(__file__).resolve().parents[2]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src * data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

page = Blueprint("page", __name__, template_folder=str(_ROOT / "templates"))


@page.get("/")
def show() -> Response:
    """The page: results, the comparison, or how to begin where there is nothing yet."""
    services: Services = current_app.extensions["shelfwise"]
    address = read_address(known_parameters(KNOWN, (REFINE,)))
    names = sorted(record.name for record in services.catalogue.list_indexes())
    index = address.index or first_index(services, names)
    if index and index not in names:
        raise NoIndexError(f"there is no index {index[:100]!r}; there are {', '.join(names) or 'none at all'}")
    if not index or services.engine.live(index) is None:
        host = request.host_url.rstrip("/")
        name = shlex.quote(index or "shop")
        return _page("begin.html", index=index, names=names, address=address, host=host, in_shell=name)
    address = named(address, index, names)
    # Nothing searched for has nothing to compare.
    show_view = _comparison if address.compares and address.q.strip() else _results
    return show_view(services, index, names, address)


@page.get("/static/page/<path:name>")
@for_everyone
def file(name: str) -> Response:
    """A style, script or picture of the page."""
    answer = send_from_directory(_ROOT / "static" / "page", name, max_age=0)
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@page.after_request
def protect(response: Response) -> Response:
    """Leaves hostile texts no way out, should one ever get through."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    return response


@page.errorhandler(Exception)
def fail(error: Exception) -> Response:
    """An error as a page."""
    if isinstance(error, HTTPException):
        problem: Problem = {"status": error.code or 500, "title": error.name, "detail": error.description or error.name}
    else:
        problem = to_problem(error)
    answer = _page("problem.html", problem=problem)
    answer.status_code = problem["status"]
    if problem["status"] == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="shelfwise"'
    return answer


def _results(services: Services, index: str, names: list[str], address: Address) -> Response:
    response = ask(services, index, address, caller())
    schema = services.searcher(index).schema
    start = (address.page - 1) * PAGE_SIZE
    last = max(1, -(-response.total // PAGE_SIZE)) if response.total <= MAX_DEPTH else MAX_DEPTH // PAGE_SIZE
    facets = facet_lists(response, address, schema)
    shown = {facet.parameter for facet in facets} | ({"sort"} if response.hits else set())
    if any(facet.name == "price" for facet in facets):
        shown |= {"price_from", "price_to"}
    return _page(
        "results.html",
        index=index,
        names=names,
        address=address,
        response=response,
        language=schema.language,
        notes=notes(response, address),
        facets=facets,
        kept=_kept(address, shown),
        chips=chips(address, schema),
        sorts=_sorts(response, address),
        cards=[card(hit, place, schema.language, address.sort) for place, hit in enumerate(response.hits, start + 1)],
        last_page=last,
        popular=() if response.total else popular(services, index, caller()),
    )


def _comparison(services: Services, index: str, names: list[str], address: Address) -> Response:
    answers = ask_sides(services, index, address, caller())
    schema = services.searcher(index).schema
    both = answers[Mode.HYBRID]
    return _page(
        "compare.html",
        index=index,
        names=names,
        address=address,
        response=both,
        language=schema.language,
        notes=notes(both, address),
        chips=chips(address, schema),
        kept=_kept(address, set()),
        sides=sides(answers, schema.language),
        compared=COMPARED,
    )


def _kept(address: Address, shown: set[str]) -> list[tuple[str, str]]:
    """What no control of the page holds, and the form is to send all the same.

    Args:
        shown: the parameters that have a control.
    """
    return [(name, value) for name, value in address.pairs if name not in shown | {"index", "q", "page"}]


def _sorts(response: SearchResponse, address: Address) -> dict[str, str]:
    """The orders that say something here: those by a field that products of the result have."""
    return {
        key: label
        for key, label in SORTS.items()
        if not key or key == address.sort or key.partition(":")[0] in response.facet_stats
    }


def _page(template: str, **context: object) -> Response:
    answer = Response(render_template(f"page/{template}", **context), mimetype="text/html")
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
