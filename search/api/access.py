"""Who may call what: found out before each request, and safe where nobody has said anything."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request

from search.caller import OPERATOR, Caller, Role
from search.config import Config
from search.errors import ForbiddenError, UnauthorizedError
from search.keys import is_key, key_hash
from search.services import Services

_log = logging.getLogger(__name__)

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_View = TypeVar("_View", bound=Callable[..., object])


def for_everyone(view: _View) -> _View:
    """Marks a view that needs no key."""
    view.__dict__["needs_key"] = False
    return view


def for_search_key(view: _View) -> _View:
    """Marks a view that a search key may call too; all others are the master key's."""
    view.__dict__["for_search_key"] = True
    return view


def register_access(app: Flask, config: Config) -> None:
    """Lets nobody through who may not."""
    app.before_request(_check)
    if not (config.master_key or config.search_key):
        _log.warning(
            "no key is set: only requests to 127.0.0.1, [::1] or localhost are answered; set SHELFWISE_MASTER_KEY or "
            "SHELFWISE_MASTER_KEY_FILE to answer others"
        )


def caller() -> Caller:
    """Who asks; known once a request was let through."""
    found: Caller = g.caller
    return found


def shows_insides() -> bool:
    """Whether the caller may read what is wrong inside the service."""
    return "caller" in g and caller().may_manage


def _check() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if not getattr(view, "needs_key", True):
        return
    services: Services = current_app.extensions["shelfwise"]
    g.caller = identify(services.config, request.headers.get("Authorization", ""))
    # An address that leads nowhere is told of as that.
    if view is not None and not g.caller.may_manage and not getattr(view, "for_search_key", False):
        raise ForbiddenError(
            "a search key may search, suggest, read facets and send events, no more: send the master key for this"
        )


def identify(config: Config, authorization: str) -> Caller:
    """The caller of the present request.

    Args:
        authorization: the header.

    Raises:
        UnauthorizedError: no key, or a wrong one.
        ForbiddenError: there are no keys, and the caller does not ask this machine by its own name.
    """
    if not (config.master_key or config.search_key):
        if not _asks_this_machine():
            raise ForbiddenError(
                f"the service has no keys, so it answers only as localhost, not as {request.host[:100]!r}: set "
                "SHELFWISE_MASTER_KEY (or SHELFWISE_MASTER_KEY_FILE), and send it as `Authorization: Bearer KEY`"
            )
        return OPERATOR
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UnauthorizedError("a key is needed: send it as `Authorization: Bearer KEY`")
    sent = key_hash(token.strip())
    # Both are compared in any case, so that the time tells nothing.
    is_master, is_search = is_key(sent, config.master_key), is_key(sent, config.search_key)
    if is_master:
        return Caller(Role.OPERATOR, "master:" + sent.hex())
    if is_search:
        return Caller(Role.SHOP_WINDOW, "search:" + sent.hex(), config.search_key_filter.strip())
    raise UnauthorizedError("the key is not known here; it may have been changed", is_wrong=True)


def _asks_this_machine() -> bool:
    """Whether the Host header names the machine itself: a page elsewhere that makes a browser ask cannot forge it."""
    try:
        return urlsplit(f"//{request.host}").hostname in _LOOPBACK
    except ValueError:
        return False
