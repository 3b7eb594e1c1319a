"""A search from the command line: one answer, or those of the three modes side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from search.api.encode import response_to_dict
from search.cli.output import print_json
from search.cli.results import print_answers, print_response
from search.cli.session import Session, only_index
from search.request import Mode, parse_request, resolve
from search.response import SearchResponse
from search.services import Services

Raw = Mapping[str, str | Sequence[str]]
"""The parameters of a search, as a query string has them."""


def search(session: Session, index: str, raw: Raw, *, as_json: bool) -> None:
    """Prints the answer to one search.

    Args:
        index: "" for the only one.

    Raises:
        RequestError, NotFoundError: see `parse_request`, `resolve` and `IndexSearcher.search`.
    """
    with session.existing() as services:
        name = index or only_index(services)
        response = _answer(services, name, raw)
        if as_json:
            print_json(response_to_dict(response))
        else:
            print_response(response, services.settings(name)[0].schema.language, str(raw.get("explain_id", "")))


def compare_modes(session: Session, index: str, raw: Raw, *, as_json: bool) -> None:
    """Prints the answers of the three modes to one search; arguments and errors are those of `search`."""
    with session.existing() as services:
        name = index or only_index(services)
        modes = (Mode.LEXICAL, Mode.VECTOR, Mode.HYBRID)
        answers = {mode.value: _answer(services, name, {**raw, "mode": mode.value}) for mode in modes}
        if as_json:
            print_json({mode: response_to_dict(response) for mode, response in answers.items()})
        else:
            print_answers(answers, services.settings(name)[0].schema.language)


def _answer(services: Services, index: str, raw: Raw) -> SearchResponse:
    request = parse_request(raw, "query")
    searcher = services.searcher(index)
    return searcher.search(resolve(request, searcher.schema, services.undeclared(index)))
