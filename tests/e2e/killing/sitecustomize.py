"""Python runs this where it starts: it makes a process of the service one that can be killed at named points.

The folder of this file stands on the PYTHONPATH of the service's processes. The product knows nothing of it.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = str(Path(__file__).parent)


def _run_the_one_behind() -> None:
    """An environment may have its own: it runs as if this one were not there."""
    mine = sys.modules.pop("sitecustomize", None)
    place = sys.path.index(HERE)
    del sys.path[place]
    try:
        import sitecustomize  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name != "sitecustomize":
            raise
    finally:
        sys.path.insert(place, HERE)
        if mine is not None:
            sys.modules.setdefault("sitecustomize", mine)


_run_the_one_behind()

from patching import install  # noqa: E402

install()
