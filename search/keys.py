"""Keys of the HTTP API: kept as hashes, told apart in constant time."""

from __future__ import annotations

import hashlib
import hmac
import re

MIN_KEY_CHARS = 16
_KEY = re.compile(r"[\x21-\x7e]+")


def key_fault(key: str) -> str:
    """Why a text is no key, "" where it is one."""
    if not _KEY.fullmatch(key):
        return "letters, digits and signs of ASCII without spaces are wanted, which a header can carry"
    if len(key) < MIN_KEY_CHARS:
        return f"it has {len(key)} characters; at least {MIN_KEY_CHARS} are wanted, such as of `openssl rand -hex 32`"
    return ""


def key_hash(key: str) -> bytes:
    """What is kept of a key: its SHA-256.

    A key is random and long, not a password that people choose: a slow hash would only slow every request down.
    """
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()


def is_key(sent: bytes, kept: bytes) -> bool:
    """Whether a hash is that of a key; never where none is set."""
    return bool(kept) and hmac.compare_digest(sent, kept)
