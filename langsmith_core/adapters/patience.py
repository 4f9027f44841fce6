"""How long a request may take: what its call has left, and a little more, so that a short call gets on.

    |--- MAX_SECONDS ---|--- GRACE ---|- LEAST -|
                        deadline      |         no attempt lasts longer, whatever the source does
                                      no attempt begins later; one that began before ends here

Here: when an attempt may begin, when it is broken off, and what that means. Not here: sending (langsmith), enforcing it on a
socket (wire), attempts after the first (retries).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import requests

from langsmith_core.adapters import wire
from langsmith_core.adapters.answers import Failure
from langsmith_core.adapters.bodies import SECONDS_MAX
from langsmith_core.adapters.clock import Clock
from langsmith_core.errors import OutOfTimeError, TooHeavyError

GRACE_SECONDS = 11.0
"""What the step in hand may take past the deadline: the pace's five seconds and an answer."""
LEAST_SECONDS = 3.0
"""What an attempt has that begins last of all, such as the request that tells a failing part from a failing LangSmith."""
OVER = "the time of this call is over before LangSmith has answered; raise MAX_SECONDS if no call gets further"


class Patience:
    """What one call has."""

    def __init__(self, clock: Clock, deadline: datetime, grace_seconds: float = GRACE_SECONDS) -> None:
        self._clock, self._ends = clock, deadline + timedelta(seconds=grace_seconds)
        self._enough = (self._ends - clock.now()).total_seconds() / 2

    def left(self) -> float:
        """Seconds in which an attempt may still begin. Raises OutOfTimeError where that is over."""
        seconds = (self._ends - self._clock.now()).total_seconds()
        if seconds < 0:
            raise OutOfTimeError(OVER)
        return seconds

    @contextmanager
    def attempt(self) -> Iterator[wire.Watch]:
        """The block sends and reads one answer.

        Raises OutOfTimeError where none may begin, and in place of the block's failure where the call's end broke it off. After
        an attempt that had half of the whole call it raises TooHeavyError, as a Failure: the next call would fare no better, but
        with a smaller page it may.
        """
        seconds = min(max(self.left(), LEAST_SECONDS), SECONDS_MAX)
        with wire.within(seconds, self._clock) as watch:
            try:
                yield watch
            except (requests.RequestException, ValueError, Failure) as error:
                if watch.left > 0 or seconds == SECONDS_MAX or isinstance(error, requests.ConnectTimeout):
                    raise
                if seconds < self._enough:
                    raise OutOfTimeError(OVER) from error
                raise Failure(TooHeavyError(OVER, 503)) from error
