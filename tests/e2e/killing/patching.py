"""Changes modules of the product as soon as they are imported: points to be killed at, and builds that are broken."""

from __future__ import annotations

import functools
import importlib.abc
import importlib.machinery
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from broken_builds import BROKEN
from kill_points import HELD_UP, HURRIED, POINTS, Point, armed_file

_MOST_HELD_UP_S = 4.0


def install() -> None:
    """Does it in this process, where `KILL_POINTS` names the folder in which points are armed."""
    folder = os.environ.get("KILL_POINTS")
    if folder:
        sys.meta_path.insert(0, _Finder(_patches(Path(folder), os.environ.get("BROKEN_BUILD", ""))))


Patch = Callable[[ModuleType], None]


def _patches(folder: Path, broken: str) -> dict[str, list[Patch]]:
    patches: dict[str, list[Patch]] = {}
    for module, patch in BROKEN.get(broken, {}).items():
        patches.setdefault(module, []).append(patch)
    for (module, name), value in HURRIED.items():
        patches.setdefault(module, []).append(_setting(name, value))
    for point_name, point in POINTS.items():
        if point.program == _program():
            patches.setdefault(point.module, []).append(_killing(armed_file(folder, point_name), point))
    for point_name, (module, path) in HELD_UP.items():
        if POINTS[point_name].program == _program():
            patches.setdefault(module, []).append(_waiting(armed_file(folder, point_name), path))
    return patches


def _setting(name: str, value: Any) -> Patch:
    return lambda module: setattr(module, name, value)


def _killing(armed: Path, point: Point) -> Patch:
    """Kills the process at a point, once for each time that its file is made; the file names who dies with it."""

    def reached(result: Any = None) -> None:
        if not armed.exists() or not point.counts(result) or not _within(point.within):
            return
        try:
            others = armed.read_text().split()
            armed.unlink()
        except FileNotFoundError:  # another thread or process was there first
            return
        for other in others:
            try:
                os.kill(int(other), signal.SIGKILL)
            except ProcessLookupError:
                continue
        os.kill(os.getpid(), signal.SIGKILL)

    def wrap(original: Any) -> Any:
        @functools.wraps(original)
        def wrapped(*args: Any, **options: Any) -> Any:
            if point.when == "before":
                reached()
            result = original(*args, **options)
            if point.when == "after":
                reached(result)
            return result

        return wrapped

    return lambda module: replace(module, point.path, wrap)


def _waiting(armed: Path, path: str) -> Patch:
    """Makes a work last for as long as a point is armed, so that it is reached before the work is done."""

    def wrap(original: Any) -> Any:
        @functools.wraps(original)
        def wrapped(*args: Any, **options: Any) -> Any:
            end = time.monotonic() + _MOST_HELD_UP_S
            while armed.exists() and time.monotonic() < end:
                time.sleep(0.02)
            return original(*args, **options)

        return wrapped

    return lambda module: replace(module, path, wrap)


def replace(module: ModuleType, path: str, wrap: Callable[[Any], Any]) -> None:
    """Puts another function in the place of one; that of a library only as this one module sees it."""
    owner: Any = module
    *owners, name = path.split(".")
    for part in owners:
        found = getattr(owner, part)
        if not isinstance(found, type | SimpleNamespace):
            found = SimpleNamespace(**vars(found))
            setattr(owner, part, found)
        owner = found
    setattr(owner, name, wrap(getattr(owner, name)))


def _within(function: str) -> bool:
    frame = sys._getframe()
    while function and frame is not None and frame.f_code.co_name != function:
        frame = frame.f_back
    return frame is not None


def _program() -> str:
    words = " ".join(sys.orig_argv)
    return "web" if "gunicorn" in words else "worker" if "celery" in words else "serve"


class _Finder(importlib.abc.MetaPathFinder):
    """Finds as the others do, and has the patches carried out when the module has run."""

    def __init__(self, patches: Mapping[str, list[Patch]]) -> None:
        self._patches = patches

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in self._patches:
            return None
        found = (finder.find_spec(name, path, target) for finder in sys.meta_path if finder is not self)
        spec = next((spec for spec in found if spec is not None), None)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                run(module)
                for patch in self._patches[name]:
                    patch(module)

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec
