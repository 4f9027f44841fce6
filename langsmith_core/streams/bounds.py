"""The time bounds of a look, a backfill and their windows: how far back each reads, and why so far.

Pure: moments in, moments out. Not here: when a look is due (sync.look), or what is asked within a window.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from langsmith_core.records.ids import NO_IDS, Ids

Moment: TypeAlias = Annotated[datetime, Meta(tz=True)]
Count: TypeAlias = Annotated[int, Meta(ge=0)]

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


class Bounds(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The frozen bounds of one look at the workspace: everything from `since` (None: the beginning) to `until`.

    `oldest` is the start of the oldest run that is read at all. Runs are read from `runs_from`, feedback from `feedback_from`.
    Feedback written since `touched_since` has touched its run; None in a first reading, which reads every run anyway.
    `deep` marks the daily pass, which re-reads recent data. `light` leaves the 24 hours before out, which a call of the last
    hour has read.
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
        """The end of every window of runs that a look reads."""
        return self.until + AHEAD

    @property
    def counted_from(self) -> datetime:
        """Where ages count from: the look before, so that a late look still finds what ended in time."""
        return self.since or self.until


class Past(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The bounds of a backfill: runs of `[lo, hi)` of every project but those of `skip`."""

    lo: Moment
    hi: Moment
    skip: Ids = NO_IDS


class Before(Struct, frozen=True):
    """What earlier looks have read, as far as the bounds of the next one depend on it.

    `done_to` is the bound of the last finished look, `feedback_to` the same where feedback of this scope was read with it.
    `overlapped_to` is the bound of the last look that re-read the 24 hours before it, `reconciled` that of the last daily pass.
    """

    done_to: datetime | None
    feedback_to: datetime | None
    overlapped_to: datetime | None
    reconciled: datetime | None


def oldest(start_time: datetime | None, now: datetime) -> datetime:
    """The start of the oldest run that is read at all."""
    return max(start_time, now - RETENTION) if start_time else now - RETENTION


def of_look(before: Before, start_time: datetime | None, now: datetime, *, deep: bool, light: bool) -> Bounds:
    """The bounds of a look that begins at `now`."""
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
    recent = _looked(before, now, deep=deep) + AHEAD - RECENT
    lo = recent
    if before.done_to:
        lo = before.done_to - INDEX_LAG if light else (before.overlapped_to or before.done_to) - OVERLAP - INDEX_LAG
    return max(min(lo, recent) if deep else lo, oldest(start_time, now))


def _feedback_from(before: Before, start_time: datetime | None, now: datetime, *, deep: bool) -> datetime:
    begun = before.feedback_to
    lo = begun - OVERLAP - INDEX_LAG if begun else oldest(start_time, now)
    return min(lo, _looked(before, now, deep=deep) - UNFINISHED_AGE) if deep else lo


def _touched_since(before: Before, *, deep: bool) -> datetime | None:
    """Older feedback may have arrived late, or have been read before: the daily pass makes up for it."""
    if before.feedback_to is None:
        return None
    if deep:
        return min(before.feedback_to, before.reconciled or before.feedback_to) - OVERLAP - INDEX_LAG
    return before.feedback_to - INDEX_LAG


def _looked(before: Before, now: datetime, *, deep: bool) -> datetime:
    """Where the daily pass counts back from: it reads once more what was young enough since the one before."""
    return min(now, before.reconciled or now) if deep else now
