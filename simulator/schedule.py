"""Edits that are planned for a later time. The store, which has the clock, runs those that are due."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime

Act = Callable[[], object]


class Schedule:
    """Acts by their time; acts of the same time keep the order in which they were planned."""

    def __init__(self) -> None:
        self._planned: list[tuple[datetime, int, Act]] = []
        self._count = 0

    def add(self, at: datetime, act: Act) -> None:
        """Plan an act for a time."""
        self._count += 1
        heapq.heappush(self._planned, (at, self._count, act))

    def due(self, now: datetime) -> tuple[datetime, Act] | None:
        """Remove and return the first act that is due, with its time; None if none is due."""
        if not self._planned or self._planned[0][0] > now:
            return None
        at, _, act = heapq.heappop(self._planned)
        return at, act
