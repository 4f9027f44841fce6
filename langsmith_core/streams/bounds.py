"""Time bounds of a look and of a backfill: how far back each reads, and why.

Pure. Not here: when a look is due (sync.look), or what is asked within a window.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from langsmith_core.records.packed_ids import NO_IDS, Ids

Moment: TypeAlias = Annotated[datetime, Meta(tz=True)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**60)]
Id: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")]

RECENT = timedelta(days=7)
OVERLAP = timedelta(hours=24)
"""Ingestion takes runs back-dated by at most 24 hours (API reference, section 2a)."""
INDEX_LAG = timedelta(minutes=15)
"""The SDK's own tests wait up to 90 seconds for a run to show; ten times that costs next to nothing."""
AHEAD = timedelta(minutes=5)
"""Start times are set by the traced application's clock, which may run ahead of LangSmith's."""
RETENTION = timedelta(days=400)
"""The longest retention; LangSmith refuses a window over 401 days."""
UNFINISHED_AGE = timedelta(days=14)
"""A run whose end was lost stays pending for ever (langsmith-sdk #453): after this age nobody asks for it again."""
FUTURE = timedelta(days=1)
"""A start further in the future comes from no clock that runs ahead: nothing waits for it."""


class Bounds(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The frozen bounds of one look: everything from `since` (None: the beginning) to `until`.

    `oldest` is the start of the oldest run that is read at all. Runs are read from `runs_from`, feedback from `feedback_from`.
    Feedback written since `touched_since` makes its run be read again; None in a first look, which reads every run. `deep` marks
    the daily pass, which re-reads recent data. `light` leaves out the 24 hours before, which a call of the last hour has read.
    """

    until: Moment
    oldest: Moment
    runs_from: Moment
    feedback_from: Moment
    since: Moment | None = None
    touched_since: Moment | None = None
    first_feedback: bool = False
    deep: bool = False
    light: bool = False

    @property
    def runs_to(self) -> datetime:
        """Return the end of every window of runs that a look reads."""
        return self.until + AHEAD

    @property
    def counted_from(self) -> datetime:
        """Return the moment that ages count from: the look before, so that a late look still finds what ended in time."""
        return self.since or self.until


class Past(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The bounds of a backfill: runs of `[lo, hi)` of every project except those in `skip`."""

    lo: Moment
    hi: Moment
    skip: Ids = NO_IDS


class Before(Struct, frozen=True):
    """What earlier looks have read, as far as the next bounds depend on it.

    `done_to` is the bound of the last finished look; `feedback_to` is the same where that look read feedback of this scope.
    `overlapped_to` is the bound of the last look that re-read the 24 hours before it, `reconciled` that of the last daily pass.
    """

    done_to: datetime | None
    feedback_to: datetime | None
    overlapped_to: datetime | None
    reconciled: datetime | None


def oldest(start_time: datetime | None, now: datetime) -> datetime:
    """Return the start of the oldest run that is read at all."""
    return max(start_time, now - RETENTION) if start_time else now - RETENTION


def of_look(before: Before, start_time: datetime | None, now: datetime, *, deep: bool, light: bool) -> Bounds:
    """Compute the bounds of a look that begins at `now`."""
    return Bounds(
        until=now,
        oldest=oldest(start_time, now),
        runs_from=_runs_from(before, start_time, now, deep=deep, light=light),
        feedback_from=_feedback_from(before, start_time, now, deep=deep),
        since=before.done_to,
        touched_since=_touched_since(before, deep=deep),
        first_feedback=before.feedback_to is None,
        deep=deep,
        light=light,
    )


def _runs_from(before: Before, start_time: datetime | None, now: datetime, *, deep: bool, light: bool) -> datetime:
    recent = _counted_back_from(before, now, deep=deep) + AHEAD - RECENT
    lo = recent
    if before.done_to:
        lo = before.done_to - INDEX_LAG if light else (before.overlapped_to or before.done_to) - OVERLAP - INDEX_LAG
    return max(min(lo, recent) if deep else lo, oldest(start_time, now))


def _feedback_from(before: Before, start_time: datetime | None, now: datetime, *, deep: bool) -> datetime:
    done = before.feedback_to
    lo = done - OVERLAP - INDEX_LAG if done else oldest(start_time, now)
    return min(lo, _counted_back_from(before, now, deep=deep) - UNFINISHED_AGE) if deep else lo


def _touched_since(before: Before, *, deep: bool) -> datetime | None:
    """A daily pass goes further back, because older feedback may have arrived late."""
    if before.feedback_to is None:
        return None
    if deep:
        return min(before.feedback_to, before.reconciled or before.feedback_to) - OVERLAP - INDEX_LAG
    return before.feedback_to - INDEX_LAG


def _counted_back_from(before: Before, now: datetime, *, deep: bool) -> datetime:
    """A daily pass counts back from the one before, so that it re-reads all that was young since then."""
    return min(now, before.reconciled or now) if deep else now
