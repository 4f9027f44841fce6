"""Time, the outside system that everything shares: one object that tests turn by hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Now, and waiting."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's clock, read when a call begins. Within a call time goes on evenly, so that no deadline comes early or never
    where somebody sets the clock meanwhile.
    """

    def __init__(self, wall: Callable[[], float] = time.time, ticks: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._ticks = wall, ticks
        self.begin()

    def begin(self) -> None:
        """Read the machine's clock anew: a call begins."""
        self._begun, self._at = self._wall(), self._ticks()

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return datetime.fromtimestamp(self._begun + self._ticks() - self._at, UTC)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
