"""The deadline of one attempt at a request, which every wait of its connection keeps.

Here: setting it, and bounding a wait. Not here: how long an attempt may take (time_limit), or waiting on a socket (transport).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

from langsmith_core.clock import Clock


class Deadline:
    """The end of an attempt of so many seconds, by the call's clock and by one that nobody sets back."""

    def __init__(self, seconds: float, clock: Clock) -> None:
        self.seconds, self._clock = seconds, clock
        self.until, self._ends = clock.now() + timedelta(seconds=seconds), time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds left; zero or fewer once the attempt has had its time."""
        return min((self.until - self._clock.now()).total_seconds(), self._ends - time.monotonic())


_deadline: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def within(seconds: float, clock: Clock) -> Iterator[Deadline]:
    """Bound every wait of a connection of `transport.session` by the block's seconds. A wait past them raises a timeout."""
    deadline = Deadline(seconds, clock)
    token = _deadline.set(deadline)
    try:
        yield deadline
    finally:
        _deadline.reset(token)


def current() -> Deadline | None:
    """Return the deadline of the attempt under way; None outside of one."""
    return _deadline.get()


def shorter(seconds: float | None, deadline: Deadline | None) -> float | None:
    """Return the shorter of a timeout and the time left. Raises TimeoutError where no time is left."""
    left = deadline.left if deadline else seconds
    if left is not None and left <= 0:
        raise TimeoutError("the time of this attempt is over")
    return left if seconds is None or left is None else min(seconds, left)
