"""Stable pages: the window that was ranked once, kept for a while where every web process finds it."""

from search.pages.cursor import Cursor
from search.pages.files import FilePages
from search.pages.protocol import KEEP_S, Pages
from search.pages.window import KeptWindow, binding_of

__all__ = ["KEEP_S", "Cursor", "FilePages", "KeptWindow", "Pages", "binding_of"]
