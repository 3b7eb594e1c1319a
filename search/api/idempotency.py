"""Writes that come again under the same `Idempotency-Key` are answered as the first time, and done once."""

from __future__ import annotations

import hashlib
import logging
import re

from flask import Flask, Response, current_app, g, request

from indexer.errors import ConflictError, StorageError
from indexer.store.records import KeptAnswer
from search.api.access import caller
from search.errors import KeyReusedError, RequestError, shown
from search.services import Services

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_WRITES = ("POST", "PUT", "PATCH", "DELETE")
_UPLOADS = "imports.import_feed"

_log = logging.getLogger(__name__)


def register_idempotency(app: Flask) -> None:
    """For what only the master key may call; a search changes nothing, and events have ids of their own."""
    app.before_request(_replay)
    app.after_request(_keep)


def _replay() -> Response | None:
    view = current_app.view_functions.get(request.endpoint or "")
    key = request.headers.get(HEADER)
    if key is None or request.method not in _WRITES or view is None or getattr(view, "for_search_key", False):
        return None
    if not _KEY.fullmatch(key):
        raise RequestError(HEADER, shown(key), "wanted are 1 to 128 letters, digits and signs of ASCII without spaces")
    kept_as = f"{caller().key[:80]}:{key}"
    fingerprint = _fingerprint()
    known = _services().catalogue.requests.find(kept_as)
    if known is None:
        g.idempotency = (kept_as, fingerprint)
        return None
    if known.fingerprint != fingerprint:
        raise KeyReusedError(
            f"{HEADER} {key!r} was sent with another request before; use a new key for each request, and the same only "
            "to repeat one"
        )
    return Response(known.body, known.status, {REPLAYED: "true"}, mimetype="application/json")


def _keep(response: Response) -> Response:
    if "idempotency" in g and response.status_code < 400:
        kept_as, fingerprint = g.idempotency
        try:
            answer = KeptAnswer(fingerprint, response.status_code, response.get_data())
            _services().catalogue.requests.keep(kept_as, answer)
        except (ConflictError, StorageError) as error:
            # It is done, and that is what the caller is to hear.
            _log.warning("the answer to %s cannot be kept: %s", HEADER, error)
    return response


def _fingerprint() -> bytes:
    """16 bytes that change when anything of the request changes; of an upload, its length stands for its body."""
    digest = hashlib.blake2b(digest_size=16)
    parts = [request.method.encode(), request.full_path.encode(), str(request.content_length).encode()]
    if request.endpoint != _UPLOADS:
        request.max_content_length = _services().config.max_documents_bytes
        parts.append(request.get_data())
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


def _services() -> Services:
    services: Services = current_app.extensions["shelfwise"]
    return services
