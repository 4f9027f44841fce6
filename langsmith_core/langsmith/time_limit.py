"""Time limits of requests: what the call has left, and a little more, so that a short call still makes progress.

    |--- MAX_SECONDS ---|--- GRACE ---|- LEAST -|
                        deadline      |         every attempt has ended, whatever LangSmith does
                                      no attempt begins later; one that began before ends here

Here: when an attempt may begin, when it is broken off, and what that means. Not here: sending (client), enforcing the limit on a
socket (transport), attempts after the first (retries).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import requests

from langsmith_core.clock import Clock
from langsmith_core.errors import OutOfTimeError, TooHeavyError
from langsmith_core.langsmith.answers import Failure
from langsmith_core.langsmith.deadline import Deadline, within
from langsmith_core.langsmith.reading import SECONDS_MAX

GRACE_SECONDS = 11.0
"""Seconds that the step in hand may take past the deadline: the pace's five seconds, and an answer."""
LEAST_SECONDS = 3.0
"""Seconds of the very last attempt. It may be the request that tells a failing part from a failing LangSmith."""
OVER = "this call ran out of time before LangSmith answered; raise MAX_SECONDS if no call gets further"


class TimeLimit:
    """The time that one call has."""

    def __init__(self, clock: Clock, deadline: datetime, grace_seconds: float = GRACE_SECONDS) -> None:
        self._clock, self._ends = clock, deadline + timedelta(seconds=grace_seconds)
        self._enough = (self._ends - clock.now()).total_seconds() / 2

    def left(self) -> float:
        """Return the seconds in which an attempt may still begin. Raises OutOfTimeError where they are over."""
        seconds = (self._ends - self._clock.now()).total_seconds()
        if seconds < 0:
            raise OutOfTimeError(OVER)
        return seconds

    @contextmanager
    def attempt(self) -> Iterator[Deadline]:
        """Bound a block that sends one request and reads its answer.

        Raises OutOfTimeError where no attempt may begin, and in place of the block's failure where the call's end broke it off.
        Raises TooHeavyError, as a Failure, for an attempt that had half of the whole call. The next call would fare no better,
        but with a smaller page it may.
        """
        seconds = min(max(self.left(), LEAST_SECONDS), SECONDS_MAX)
        with within(seconds, self._clock) as deadline:
            try:
                yield deadline
            except (requests.RequestException, ValueError, Failure) as error:
                if deadline.left > 0 or seconds == SECONDS_MAX or isinstance(error, requests.ConnectTimeout):
                    raise
                if seconds < self._enough:
                    raise OutOfTimeError(OVER) from error
                raise Failure(TooHeavyError(OVER, 503)) from error
