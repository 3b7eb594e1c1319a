"""The page at `/`: the search of an index as shoppers could see it, and why it answers so."""

from search.api.page.views import page

__all__ = ["page"]
