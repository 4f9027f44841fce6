"""Tests of what `make audit` makes of pip-audit's answers."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "scripts"))

import audit

SAFE = {"name": "a", "version": "1", "vulns": []}
UNSAFE = {"name": "b", "version": "2", "vulns": [{"id": "X-1", "fix_versions": ["3", "4"]}, {"id": "X-2", "fix_versions": []}]}
SKIPPED = {"name": "c", "skip_reason": "Dependency not found on PyPI and could not be audited: c (1)"}


def test_a_vulnerability_is_named_once() -> None:
    """A package that two files lock is told of once, with the versions that mend it."""
    known = ["b 2: X-1, fixed in 3, 4", "b 2: X-2, fixed in no version"]
    assert audit.report({"f": [SAFE, UNSAFE], "g": [UNSAFE]}) == (known, [], 3)


def test_a_skipped_package_is_left_out_and_not_safe() -> None:
    """Packages that no service told of, and files that it gave no answer for, are named as left out."""
    left_out = [
        "left out: known vulnerabilities of 1 packages of f: no answer",
        "left out: known vulnerabilities of all packages of g: no answer",
    ]
    assert audit.report({"f": [SAFE, SKIPPED], "g": None}) == ([], left_out, 1)
