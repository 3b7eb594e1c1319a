"""A search from the command line: one answer, or those of the three modes side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from search.answering import answer
from search.api.encode import response_to_dict
from search.cli.output import print_json
from search.cli.results import print_answers, print_response
from search.cli.session import Session, only_index
from search.pages import Cursor
from search.request import Mode

Raw = Mapping[str, str | Sequence[str]]
"""The parameters of a search, as a query string has them."""


def search(session: Session, index: str, raw: Raw, *, as_json: bool) -> None:
    """Prints the answer to one search.

    Args:
        index: "" for the only one.

    Raises:
        RequestError, NotFoundError, ExpiredError: see `answer`.
    """
    with session.existing() as services:
        name = index or only_index(services)
        response = answer(services, name, raw, "query")
        if as_json:
            print_json(response_to_dict(response))
            return
        cursor = str(raw.get("cursor", ""))
        start = Cursor.decode(cursor).start if cursor else ((response.page or 1) - 1) * response.page_size
        language = services.settings(name)[0].schema.language
        print_response(response, language, start, str(raw.get("explain_id", "")))


def compare_modes(session: Session, index: str, raw: Raw, *, as_json: bool) -> None:
    """Prints the answers of the three modes to one search; arguments and errors are those of `search`."""
    with session.existing() as services:
        name = index or only_index(services)
        modes = (Mode.LEXICAL, Mode.VECTOR, Mode.HYBRID)
        answers = {mode.value: answer(services, name, {**raw, "mode": mode.value}, "query") for mode in modes}
        if as_json:
            print_json({mode: response_to_dict(response) for mode, response in answers.items()})
        else:
            print_answers(answers, services.settings(name)[0].schema.language)
