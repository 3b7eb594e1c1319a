"""How the documentation is built: MyST Markdown, the furo theme, every warning an error (see `make docs`)."""

from importlib.metadata import version as installed_version

project = "Shelfwise"
author = "The Shelfwise authors"
copyright = author
version = release = installed_version("shelfwise")

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
nitpicky = True

html_theme = "furo"
html_title = f"Shelfwise {release}"
html_copy_source = False
html_show_sphinx = False
