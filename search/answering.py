"""One request answered, and its pages kept: what the HTTP API and the command line do alike."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from indexer.errors import StorageError
from search.caller import OPERATOR, Caller
from search.errors import RequestError, shown
from search.pages import Cursor, KeptWindow, binding_of
from search.records.record import page_record, search_record
from search.records.writer import RecordWriter
from search.request import parse_request, resolve
from search.response import Degraded, SearchResponse
from search.searcher import Continued
from search.services import Services

_log = logging.getLogger(__name__)


def answer(
    services: Services,
    index: str,
    raw: Mapping[str, Any],
    source: Literal["query", "body"],
    caller: Caller = OPERATOR,
    records: RecordWriter | None = None,
) -> SearchResponse:
    """Answers a request, or the next page of an earlier one where it has a cursor.

    Args:
        raw: see `parse_request`; with a cursor everything but `page_size` is taken from the first page's request.
        source: see `parse_request`.
        caller: whose filter everything is under, and whom cursors are bound to.
        records: takes down what was asked and answered; None for what is no shopper's search.

    Raises:
        RequestError, NotFoundError: see `parse_request`, `resolve` and `IndexSearcher.search`; or the cursor is of
            another index.
        ExpiredError: the cursor's pages are gone, or another caller's.
        ConfigurationError: the caller's filter does not fit the index.
    """
    asked = parse_request(raw, source)
    searcher = services.searcher(index)
    enforced = caller.enforced(searcher.schema)
    binding = binding_of(enforced, caller.key)
    who = (asked.user_id, asked.session_id)
    continued = None
    if asked.cursor:
        cursor = Cursor.decode(asked.cursor)
        kept = services.pages.find(cursor.query_id, binding)
        if kept.index != index:
            detail = "it goes on with a search in another index; send it to that one"
            raise RequestError("cursor", shown(asked.cursor), detail)
        first = parse_request(kept.request, kept.source)
        # Pages stay as long as the first one, unless this call says otherwise.
        asked = replace(first, page_size=asked.page_size) if "page_size" in raw else first
        continued = Continued(cursor.query_id, cursor.start, kept.window)
    resolved = resolve(asked, searcher.schema, services.undeclared(index))
    response = searcher.search(resolved, enforced, continued)
    if continued is None and response.next_cursor:
        try:
            services.pages.keep(response.query_id, KeptWindow(index, binding, raw, source, response.window))
        except StorageError as error:
            _log.error("later pages cannot be kept: %s", error)
            degraded = (*response.degraded, Degraded("pages", str(error)))
            response = replace(response, next_cursor="", degraded=degraded)
    if records is not None:
        if continued is None:
            encoder = "" if searcher.encoder is None else searcher.encoder.manifest.version
            records.put(search_record(time.time(), asked, response, caller, encoder))
        else:
            records.put(page_record(time.time(), continued.start, response, *who))
    return response
