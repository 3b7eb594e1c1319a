"""Feeds: the bytes of a shop's export in, products and rejected rows out, one at a time."""

from indexer.feeds.errors import TruncatedFeedError
from indexer.feeds.feed import Feed, open_feed
from indexer.feeds.records import Rejected, Row

__all__ = ["Feed", "Rejected", "Row", "TruncatedFeedError", "open_feed"]
