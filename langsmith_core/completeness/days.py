"""Which days are compared: those that have settled, and that the daily pass has just read again."""

from __future__ import annotations

from datetime import datetime, timedelta

from langsmith_core.records.times import DAY, midnight

SETTLED = timedelta(hours=48)
"""A day is settled so long after its end. Runs arrive up to 24 hours late, and an index takes minutes."""
DAYS = 7
"""Days of a daily check, so that 10,000 active projects take 700 requests."""


def settled(now: datetime, since: datetime | None = None, oldest: datetime | None = None) -> tuple[datetime, ...]:
    """Return the midnights of the days to compare, newest first: the last seven that have settled, or all from `since` on.

    `oldest` is the start of the oldest run that is read: the day that it cuts is left out.
    """
    newest = midnight(now - SETTLED) - DAY
    first = midnight(since) if since else newest - (DAYS - 1) * DAY
    whole = midnight(oldest) if oldest else first
    first = max(first, whole if oldest in (None, whole) else whole + DAY)
    return tuple(newest - number * DAY for number in range((newest - first) // DAY + 1))
