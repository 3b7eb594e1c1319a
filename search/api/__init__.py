"""The HTTP API: Flask lives here and in `search.app` only."""
