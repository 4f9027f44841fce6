"""Combine a table of cases with faces and run APIs in turn, where a row does not depend on them.

`make soak` plays every combination. Where each row must meet each face, the test names both itself.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

EVERY = "EVERY_COMBINATION"
"""The environment variable that asks for every combination."""


def every_combination() -> bool:
    """Return whether every combination is to be played."""
    return bool(os.environ.get(EVERY))


def in_turn(rows: Sequence[Any], ways: Sequence[tuple[Any, ...]], first: int = 0, each: int = 1) -> list[tuple[Any, ...]]:
    """Return each row with `each` of the ways, in turn from the `first` on. With every combination: each row with all ways."""
    if every_combination():
        return [(row, *way) for row in rows for way in ways]
    places = [(row, number + first + turn * len(rows)) for number, row in enumerate(rows) for turn in range(each)]
    return [(row, *ways[place % len(ways)]) for row, place in places]
