"""What is to happen later: edits with a time. Whether that has come is for the store to say, which has the clock."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime

Act = Callable[[], object]


class Schedule:
    """Acts by their time; those of one time in the order in which they were planned."""

    def __init__(self) -> None:
        self._planned: list[tuple[datetime, int, Act]] = []
        self._count = 0

    def add(self, at: datetime, act: Act) -> None:
        """Plan an act."""
        self._count += 1
        heapq.heappush(self._planned, (at, self._count, act))

    def due(self, now: datetime) -> tuple[datetime, Act] | None:
        """Take the first act whose time has come."""
        if not self._planned or self._planned[0][0] > now:
            return None
        at, _, act = heapq.heappop(self._planned)
        return at, act
