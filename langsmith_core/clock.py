"""The current time and waiting, behind one object that tests replace by a clock of their own."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""


class SystemClock:
    """The machine's clock, read once when a call begins; within a call a monotonic counter is added to that reading.

    So a deadline keeps its distance even if somebody sets the machine's clock during the call.
    """

    def __init__(self, wall: Callable[[], float] = time.time, ticks: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._ticks = wall, ticks
        self.begin()

    def begin(self) -> None:
        """Read the machine's clock again, because a new call begins."""
        self._wall_at_begin, self._ticks_at_begin = self._wall(), self._ticks()

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        return datetime.fromtimestamp(self._wall_at_begin + self._ticks() - self._ticks_at_begin, UTC)

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""
        time.sleep(seconds)
