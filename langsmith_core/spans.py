"""The time spans that a cycle covers: how far back each stage reads, and why so far.

Pure: state and settings in, moments out. Not here: when a cycle is due (cycles), what is asked within a span (plan).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from langsmith_core import ledger
from langsmith_core.config import Settings
from langsmith_core.stages import ENDED, stage_of
from langsmith_core.state import Cycle, State

RECENT = timedelta(days=7)
OVERLAP = timedelta(hours=24)
"""Ingestion takes runs back-dated by at most 24 hours (API reference, section 2a)."""
INDEX_LAG = timedelta(minutes=15)
"""The SDK's own tests wait up to 90 seconds for a run to show; ten times that costs next to nothing."""
AHEAD = timedelta(minutes=5)
"""Start times are set by the traced application's clock, which may run ahead of LangSmith's."""
RETENTION = timedelta(days=400)
"""The longest retention; a span over 401 days is refused."""


def oldest(settings: Settings, now: datetime) -> datetime:
    """The start of the oldest run that is read at all."""
    return max(settings.start_time, now - RETENTION) if settings.start_time else now - RETENTION


def since(state: State, cycle: Cycle, settings: Settings) -> datetime:
    """The lower bound of the runs that a cycle reads again."""
    recent = _looked(cycle, state) + AHEAD - RECENT
    lo = (state.overlapped_to or cycle.since) - OVERLAP - INDEX_LAG if cycle.since else recent
    lo = cycle.since - INDEX_LAG if cycle.light and cycle.since else lo
    return max(min(lo, recent) if cycle.deep else lo, oldest(settings, cycle.until))


def window(state: State, settings: Settings) -> tuple[datetime, datetime]:
    """The window of runs that the walk in hand reads of each project."""
    if state.cycle is None:
        assert state.history  # noqa: S101  as in stages.in_hand
        return state.history.lo, state.history.hi
    cycle = state.cycle
    lo = since(state, cycle, settings)
    if stage_of(state) is ENDED:
        return max((cycle.since or cycle.until) - ledger.UNFINISHED_AGE, oldest(settings, cycle.until)), lo
    return lo, cycle.until + AHEAD


def whole(state: State, settings: Settings) -> tuple[datetime, datetime]:
    """The window of a project that no earlier listing had: all of its past."""
    assert state.cycle  # noqa: S101  history finds no late projects
    return oldest(settings, state.cycle.until), state.cycle.until + AHEAD


def _looked(cycle: Cycle, state: State) -> datetime:
    """Where the daily pass counts back from: what was young enough since the one before is read once more."""
    return min(cycle.until, state.reconciled or cycle.until) if cycle.deep else cycle.until


def feedback(settings: Settings, cycle: Cycle, state: State) -> tuple[datetime, datetime]:
    """The window of creation times of the feedback that a cycle reads."""
    begun = cycle.feedback_since
    lo = begun - OVERLAP - INDEX_LAG if begun else oldest(settings, cycle.until)
    return min(lo, _looked(cycle, state) - ledger.UNFINISHED_AGE) if cycle.deep else lo, cycle.until


def touched_since(cycle: Cycle, state: State) -> datetime | None:
    """Feedback given or edited since then has touched its run; None in a first reading, where every run is read anyway.

    Older feedback may have arrived late, or have been read before: the daily pass makes up for it.
    """
    if cycle.feedback_since is None:
        return None
    if cycle.deep:
        return min(cycle.feedback_since, state.reconciled or cycle.feedback_since) - OVERLAP - INDEX_LAG
    return cycle.feedback_since - INDEX_LAG
