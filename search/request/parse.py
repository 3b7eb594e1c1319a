"""Raw parameters → SearchRequest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ValidationError

from search.errors import RequestError, shown
from search.filters import FacetRequest
from search.request.body import MAX_DEPTH, SearchBody
from search.request.characters import check_characters
from search.request.problems import to_request_error
from search.request.query_string import to_body
from search.request.request import Mode, SearchRequest, SoldOut

_BESIDE_CURSOR = frozenset({"cursor", "page_size", "user_id", "session_id"})


def parse_request(raw: Mapping[str, Any], source: Literal["query", "body"]) -> SearchRequest:
    """Reads and checks everything that needs no index.

    Args:
        raw: the JSON body; or the parameters of a query string by name, each a value or the list of its values.
            A null and an empty text count as absent, but an empty cursor is none: it would begin again.
        source: which of the two it is.

    Raises:
        RequestError: an unknown or empty name, a wrong type, half a surrogate pair, a limit, or parameters that exclude
            one another.
    """
    check_characters(raw)
    _check_names(raw, source)
    body = to_body(raw) if source == "query" else {n: v for n, v in raw.items() if v is not None and v != ""}
    try:
        checked = SearchBody.model_validate(body)
    except ValidationError as error:
        raise to_request_error(error) from error
    _check_together(checked)
    return SearchRequest(
        q=checked.q,
        filters=checked.filters,
        refine={name: tuple(choices) for name, choices in checked.refine.items()},
        facets=tuple(FacetRequest(f.field, f.size, tuple(f.ranges), f.under) for f in checked.facets),
        sort=tuple(checked.sort),
        page=checked.page,
        page_size=checked.page_size,
        cursor=checked.cursor,
        mode=Mode(checked.mode),
        fields=None if checked.fields is None else tuple(checked.fields),
        highlight=checked.highlight,
        language=checked.language,
        channel=checked.channel,
        user_id=checked.user_id,
        session_id=checked.session_id,
        similar_to=checked.similar_to,
        explain=checked.explain,
        explain_id=checked.explain_id,
        sold_out=None if checked.sold_out is None else SoldOut(checked.sold_out),
    )


def _check_names(raw: Mapping[str, Any], source: Literal["query", "body"]) -> None:
    if "" in raw:
        where = "body" if source == "body" else "query string"
        raise RequestError(where, shown(raw[""]), "a parameter has no name; give it one, or leave it out")
    if raw.get("cursor") in ("", [""]):
        detail = "it is empty: pass on `next_cursor` of an answer as it is, and ask no further where that is null"
        raise RequestError("cursor", "", detail)


def _check_together(body: SearchBody) -> None:
    if body.cursor and "page" in body.model_fields_set:
        raise RequestError("page", str(body.page), "a cursor says where to go on; leave out page or cursor")
    beside = sorted(body.model_fields_set - _BESIDE_CURSOR) if body.cursor else []
    if beside:
        detail = f"a cursor goes on with the search that gave it; leave out {' and '.join(beside)}, or the cursor"
        raise RequestError(beside[0], shown(str(getattr(body, beside[0]))), detail)
    if body.q and body.similar_to:
        detail = "it takes the place of a query; leave out similar_to or q"
        raise RequestError("similar_to", shown(body.similar_to), detail)
    if body.page * body.page_size > MAX_DEPTH:
        detail = (
            f"page {body.page} of {body.page_size} ends beyond product {MAX_DEPTH:,}, the last that pages reach; "
            "narrow the search with filters or refine; all products of an index are at /v1/indexes/INDEX/documents of "
            "the HTTP API"
        )
        raise RequestError("page", str(body.page), detail)
