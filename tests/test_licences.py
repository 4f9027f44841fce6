"""Tests of the licences of what is locked: each is known and allowed."""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "scripts"))

import licences  # noqa: E402  the path above comes first

LOCKED = licences.locked()
OF_ANOTHER_SYSTEM = {"colorama", "httpx2-jsfetch"}
"""Packages that Linux does not install, of Windows and of a browser. Each has a BSD licence on its page of PyPI."""


def test_every_locked_package_is_listed() -> None:
    """docs/licences.md names each package of the two files, and no other, at the version that they lock."""
    listed = dict(re.findall(r"^\| ([\w.-]+) \| (\d\S*) \|", (ROOT / "docs" / "licences.md").read_text(), re.MULTILINE))
    texts = [(ROOT / file).read_text() for file in licences.FILES]
    pinned = {
        name: version
        for text in texts
        for name, version in re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==([^\s;\\]+)", text, re.MULTILINE)
    }
    assert listed == pinned
    assert len(listed) > 50


@pytest.mark.parametrize("one", LOCKED, ids=lambda one: one.name)
def test_a_licence_is_allowed(one: licences.Locked) -> None:
    """Each licence that an installed package names is one of those that are allowed, and the package is the locked version."""
    if one.licence is None:
        assert one.name in OF_ANOTHER_SYSTEM
        return
    assert licences.parts(one.licence) <= licences.ALLOWED
    assert metadata.version(one.name) == one.version
