"""Errors of reading feeds, beside those of `indexer.errors`."""

from __future__ import annotations

from indexer.errors import FeedError


class TruncatedFeedError(FeedError):
    """The feed breaks off: what came before is good, but what is missing from it may still exist in the shop."""
