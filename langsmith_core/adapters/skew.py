"""LangSmith's clock, told from its answers: rows are versioned and looks are bounded by it, whatever this machine's clock says.

Here: how far the two clocks are apart. Not here: reading the `Date` header (headers), or deadlines, which this machine's clock
bounds.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from langsmith_core.adapters.clock import Clock

TOLERATED = timedelta(minutes=2)
"""A difference up to this is no difference: `Date` has whole seconds, and an answer takes its time."""
BELIEVED = timedelta(days=366)
"""A `Date` that is further off is a mistake of whatever wrote it."""
_log = logging.getLogger(__name__)


class SourceClock:
    """LangSmith's time: this machine's clock and `offset`, what LangSmith's is ahead of it by the last answer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.offset = timedelta(0)

    def now(self) -> datetime:
        """LangSmith's time, as far as an answer has told it."""
        return self._clock.now() + self.offset

    def heard(self, told: datetime | None, asked_at: datetime) -> datetime:
        """When LangSmith answered, by its own clock. `told` is its `Date`, `asked_at` this machine's time of the question."""
        ahead = told - asked_at if told else None
        if told is None or ahead is None or abs(ahead) > BELIEVED:
            return asked_at + self.offset
        before, self.offset = self.offset, ahead if abs(ahead) > TOLERATED else timedelta(0)
        if self.offset and abs(self.offset - before) > TOLERATED:
            minutes = round(abs(ahead) / timedelta(minutes=1))
            fields = {"event": "clock", "skew_seconds": -round(ahead.total_seconds())}
            _log.warning(
                "this machine's clock is %d minutes %s LangSmith's; rows go by LangSmith's, but set this one right",
                minutes,
                "behind" if ahead > timedelta(0) else "ahead of",
                extra={"fields": fields},
            )
        return told
