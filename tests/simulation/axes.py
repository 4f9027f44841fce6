"""Pair a table of cases with faces and run APIs in turn, where a row depends on neither.

`make soak` plays every combination. Where each row must meet each face, the test names both itself.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

Way = tuple[str, str]
"""A face and a run API."""
EVERY = "EVERY_COMBINATION"
"""The environment variable that asks for every combination."""


def every_combination() -> bool:
    """Return whether every combination is to be played."""
    return bool(os.environ.get(EVERY))


def in_turn(rows: Sequence[Any], ways: Sequence[tuple[Any, ...]], first: int = 0, each: int = 1) -> list[tuple[Any, ...]]:
    """Pair each row with `each` of the ways, in turn from the `first` on. With EVERY_COMBINATION, pair it with all ways."""
    if every_combination():
        return [(row, *way) for row in rows for way in ways]
    places = [(row, number + first + turn * len(rows)) for number, row in enumerate(rows) for turn in range(each)]
    return [(row, *ways[place % len(ways)]) for row, place in places]


def left_out(items: Iterable[pytest.Item]) -> set[pytest.Item]:
    """Return the tests to leave out: half of the pairs of face and run API, where a test has all pairs.

    Each face and each API stays, in turn. The engine stands between the two, and neither knows the other. A test that is marked
    `every_combination` keeps all pairs.
    """
    tests: defaultdict[str, defaultdict[str, dict[Way, pytest.Item]]] = defaultdict(lambda: defaultdict(dict))
    for item in items:
        if isinstance(item, pytest.Function) and not item.get_closest_marker("every_combination"):
            given: dict[str, Any] = dict(item.callspec.params) if hasattr(item, "callspec") else {}
            if {"face", "mode"} <= given.keys():
                way = given.pop("face"), given.pop("mode")
                tests[item.nodeid.partition("[")[0]][repr(given)][way] = item
    return {item for test in tests.values() for number, ways in enumerate(test.values()) for item in _half(ways, number)}


def _half(ways: dict[Way, pytest.Item], first: int) -> Iterable[pytest.Item]:
    """Return every second pair of a complete table of faces and modes. Return none of an incomplete one."""
    faces, modes = (list(dict.fromkeys(way[part] for way in ways)) for part in (0, 1))
    if every_combination() or len(faces) < 2 or len(modes) < 2 or len(ways) < len(faces) * len(modes):
        return ()
    return (item for (face, mode), item in ways.items() if (faces.index(face) + modes.index(mode) + first) % 2)
