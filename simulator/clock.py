"""Time for the simulator. Only this file knows whether time is real or set by hand.

All other files ask `now()`. None of them reads the machine's clock or sleeps.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from simulator.times import parse_time


class Clock:
    """A clock set by hand: it stands still until `advance` or `sleep` moves it."""

    def __init__(self, start: str | datetime) -> None:
        self._now = parse_time(start) if isinstance(start, str) else start.astimezone(UTC)

    def now(self) -> datetime:
        """The present moment, aware and in UTC."""
        return self._now

    def advance(self, delta: timedelta | None = None, **parts: float) -> datetime:
        """Move forward by a timedelta, or by timedelta's keyword arguments; returns the new moment."""
        self._now += delta if delta is not None else timedelta(**parts)
        return self._now

    def sleep(self, seconds: float) -> None:
        """Move forward by seconds, without waiting."""
        self.advance(seconds=seconds)

    @staticmethod
    def system() -> Clock:
        """Return the machine's clock, which really sleeps."""
        return _SystemClock()


class _SystemClock(Clock):
    def __init__(self) -> None:
        super().__init__(datetime.now(UTC))

    def now(self) -> datetime:
        return datetime.now(UTC)

    def advance(self, delta: timedelta | None = None, **parts: float) -> datetime:
        del delta, parts
        raise TypeError("the system clock cannot be advanced; make a Clock('2026-06-01T00:00:00Z')")

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
