"""The bounds of a look at the workspace: what a cycle covers, when one is due, what a history must make up for.

Pure: state, settings and the clock's reading in, state out. Not here: the walk within those bounds (plan).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from langsmith_core.config import Settings
from langsmith_core.state import Cycle, History, Scope, Slice, State, Walk
from langsmith_core.streams import DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN

RECENT = timedelta(days=7)
OVERLAP = timedelta(hours=24)
"""Ingestion takes runs back-dated by at most 24 hours (API reference, section 2a)."""
INDEX_LAG = timedelta(minutes=15)
"""The SDK's own tests wait up to 90 seconds for a run to show; ten times that costs next to nothing."""
RETENTION = timedelta(days=400)
"""The longest retention; a span over 401 days is refused."""
REFRESH = timedelta(hours=1)
IDS_MAX = 50
"""Ids in one request: what lists are known to take (langsmith-sdk #859)."""


class Stage(Struct, frozen=True):
    """One walk of a cycle: the table whose pages are listed, and the table read for each parent on them."""

    listing: str
    child: str | None


STAGES = (Stage(PROJECT.table, RUN.table), Stage(DATASET.table, EXAMPLE.table), Stage(FEEDBACK.table, None))


def opened(state: State, settings: Settings, projects: tuple[str, ...] | None, now: datetime) -> State:
    """The state with a cycle begun at `now`, and a history where the scope has grown. `projects`: the resolved PROJECTS."""
    scope = Scope(settings.start_time, projects, settings.sync_runs, settings.sync_feedback)
    same_feedback = state.scope is not None and state.scope.feedback and not _added(state.scope, scope)
    cycle = Cycle(
        until=now,
        since=state.done_to,
        feedback_since=state.done_to if same_feedback else None,
        walk=Walk(Slice(STAGES[0].listing)),
    )
    return replace(state, cycle=cycle, scope=scope, history=_history(state, scope, cycle))


def due(state: State, now: datetime) -> bool:
    """True when the recent part must be looked at again before history goes on: hourly."""
    return state.cycle is None and state.history is not None and state.done_to is not None and now - state.done_to >= REFRESH


def drained(state: State) -> bool:
    """True when nothing is left to read in this sync."""
    return state.cycle is None and state.history is None


def finished(state: State, settings: Settings) -> State:
    """Past the end of a walk: the next stage, the end of the cycle, or the end of history."""
    if state.cycle is None:
        return replace(state, history=None)
    cycle = replace(state.cycle, stage=state.cycle.stage + 1)
    if cycle.stage == len(STAGES):
        return replace(state, cycle=None, done_to=cycle.until)
    return replace(state, cycle=replace(cycle, walk=_entered(state, settings, cycle)))


def window(state: State, settings: Settings) -> tuple[datetime, datetime]:
    """The window of runs that the walk in hand reads of each project."""
    if state.cycle is None:
        assert state.history  # noqa: S101  as in _walk
        return state.history.lo, state.history.hi
    cycle = state.cycle
    lo = cycle.since - OVERLAP - INDEX_LAG if cycle.since else cycle.until - RECENT
    return max(lo, _oldest(settings, cycle.until)), cycle.until


def _oldest(settings: Settings, now: datetime) -> datetime:
    return max(settings.start_time, now - RETENTION) if settings.start_time else now - RETENTION


def _entered(state: State, settings: Settings, cycle: Cycle) -> Walk:
    """The walk of the cycle's stage, at its beginning. Feedback is no parent of anything: its windows are slices at once."""
    table = STAGES[cycle.stage].listing
    if table != FEEDBACK.table:
        return Walk(Slice(table))
    if not settings.sync_feedback:
        return Walk(None)
    since = cycle.feedback_since
    lo = since - OVERLAP - INDEX_LAG if since else _oldest(settings, cycle.until)
    projects = state.scope.projects if state.scope else None
    size = IDS_MAX
    batches = [()] if projects is None else [projects[i : i + size] for i in range(0, len(projects), size)]
    return Walk(None, slices=tuple(Slice(table, batch, lo=lo, hi=cycle.until) for batch in batches))


def _added(old: Scope, new: Scope) -> bool:
    """Whether `new` has projects that `old` had not."""
    return old.projects is not None and (new.projects is None or not set(new.projects) <= set(old.projects))


def _history(state: State, scope: Scope, cycle: Cycle) -> History | None:
    """What lies before the cycle's window and was never read under this scope; None when nothing does."""
    old = state.scope
    lo = max(scope.start_time or cycle.until - RETENTION, cycle.until - RETENTION)
    if not scope.runs:
        return None
    if old is None or state.done_to is None:
        return _history_of(lo, cycle.until - RECENT)
    earlier = old.start_time is not None and (scope.start_time is None or scope.start_time < old.start_time)
    if not old.runs or (earlier and _added(old, scope)) or (state.history and (earlier or _added(old, scope))):
        return _history_of(lo, state.done_to)
    if earlier and old.start_time:
        return _history_of(lo, old.start_time)
    if _added(old, scope):
        return _history_of(lo, state.done_to, old.projects or ())
    return state.history


def _history_of(lo: datetime, hi: datetime, skip: tuple[str, ...] = ()) -> History | None:
    return History(lo=lo, hi=hi, skip=skip, walk=Walk(Slice(PROJECT.table))) if lo < hi else None
