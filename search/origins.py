"""Which pages may ask from a browser: origins such as https://shop.example."""

from __future__ import annotations

import re

ANY = "*"
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/?#@,*\"\\]+")


def read_origins(text: str) -> frozenset[str]:
    """The origins of a list with commas, in lower case as browsers send them; only `*` where every page may ask."""
    return frozenset(part.strip().lower() for part in text.split(",") if part.strip())


def origin_faults(text: str, has_key: bool) -> list[str]:
    """What is wrong with a list of origins, as problems of the setting.

    Args:
        has_key: without a key whoever reaches the service may do everything.
    """
    origins = read_origins(text)
    faults = [f"cors_origins has {origin!r}: {_WANTED}" for origin in sorted(origins - {ANY}) if not _is_origin(origin)]
    if ANY in origins and len(origins) > 1:
        faults.append("cors_origins has * beside others; one or the other is wanted")
    if ANY in origins and not has_key:
        faults.append(
            "cors_origins is *, and no key is set: every page that a browser on this machine shows could do "
            "everything; name the origins, or set a key"
        )
    return faults


def _is_origin(text: str) -> bool:
    return _ORIGIN.fullmatch(text) is not None


_WANTED = "wanted is a scheme and a host, with its port where it has one and without a path: https://shop.example"
