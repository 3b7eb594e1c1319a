"""Suggestions as a shopper types: what the query may become, and the products and categories that it leads to."""
