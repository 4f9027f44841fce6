"""Clock skew: learn LangSmith's time from its answers' `Date` headers, whatever this machine's clock says.

Rows carry this time as their version, and windows end at it. Here: how far the two clocks are apart. Not here: reading `Date`
(headers), or deadlines, which go by this machine's clock.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from langsmith_core.clock import Clock

TOLERATED = timedelta(minutes=2)
"""A difference up to this counts as none: `Date` has whole seconds, and an answer takes time to arrive."""
BELIEVED = timedelta(days=366)
"""A `Date` further off than this is a mistake of whatever wrote it."""
_log = logging.getLogger(__name__)


class SourceClock:
    """LangSmith's time: this machine's clock plus `offset`, by which LangSmith's was ahead in the last answer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.offset = timedelta(0)

    def now(self) -> datetime:
        """Return LangSmith's time, as far as answers have shown it."""
        return self._clock.now() + self.offset

    def learn(self, date: datetime | None, asked_at: datetime) -> datetime:
        """Return when LangSmith answered, by its own clock, and learn the offset.

        `date` is the answer's `Date`, `asked_at` this machine's time of the request.
        """
        ahead = date - asked_at if date else None
        if date is None or ahead is None or abs(ahead) > BELIEVED:
            return asked_at + self.offset
        before, self.offset = self.offset, ahead if abs(ahead) > TOLERATED else timedelta(0)
        if self.offset and abs(self.offset - before) > TOLERATED:
            minutes = round(abs(ahead) / timedelta(minutes=1))
            fields = {"event": "clock", "skew_seconds": -round(ahead.total_seconds())}
            _log.warning(
                "this machine's clock is %d minutes %s LangSmith's; rows use LangSmith's time; set this clock right",
                minutes,
                "behind" if ahead > timedelta(0) else "ahead of",
                extra={"fields": fields},
            )
        return date
