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
AHEAD = timedelta(minutes=5)
"""Start times are set by the traced application's clock, which may run ahead of LangSmith's."""
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
    """The state with a cycle begun at `now`, and a history of what `settings` asks for beyond what was read before.

    `projects` are the ids that PROJECTS means now, None for all.
    """
    scope = scope_of(settings)
    seen_before = state.scope is not None and state.scope.feedback and not _added(state, projects)
    cycle = Cycle(
        until=now,
        since=state.done_to,
        feedback_since=state.done_to if seen_before else None,
        walk=Walk(Slice(STAGES[0].listing)),
    )
    history = _history(state, scope, projects, now)
    return replace(state, cycle=cycle, scope=scope, projects=projects, history=history)


def scope_of(settings: Settings) -> Scope:
    """The part of the settings that says what is read."""
    return Scope(settings.start_time, settings.projects, settings.sync_runs, settings.sync_examples, settings.sync_feedback)


def outdated(state: State, settings: Settings) -> bool:
    """True when the work in progress was begun for another configuration; it is begun again rather than gone on with."""
    return state.scope is not None and state.scope != scope_of(settings)


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
    lo = cycle.since - OVERLAP - INDEX_LAG if cycle.since else cycle.until + AHEAD - RECENT
    return max(lo, _oldest(settings, cycle.until)), cycle.until + AHEAD


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
    ids = state.projects
    batches = [()] if ids is None else [ids[i : i + IDS_MAX] for i in range(0, len(ids), IDS_MAX)]
    return Walk(None, slices=tuple(Slice(table, batch, lo=lo, hi=cycle.until) for batch in batches))


def _added(state: State, projects: tuple[str, ...] | None) -> bool:
    """Whether `projects` has any that the state's had not."""
    return state.projects is not None and (projects is None or not set(projects) <= set(state.projects))


def _history(state: State, scope: Scope, projects: tuple[str, ...] | None, now: datetime) -> History | None:
    """Runs before the cycle's window that were never read; None when there are none."""
    old, oldest = state.scope, max(scope.start_time or now - RETENTION, now - RETENTION)
    if not scope.runs:
        return None
    if old is None or state.done_to is None:
        return _history_of(oldest, now + AHEAD - RECENT)
    earlier = old.start_time is not None and (scope.start_time is None or scope.start_time < old.start_time)
    grown = [not old.runs, earlier, _added(state, projects)]
    if not any(grown):
        return state.history if scope == old or not state.history else _again(state.history)
    if state.history or sum(grown) > 1 or not old.runs:
        return _history_of(oldest, state.done_to)
    if earlier:
        return _history_of(oldest, old.start_time or oldest)
    return _history_of(oldest, state.done_to, state.projects or ())


def _again(history: History) -> History:
    """The same history from the beginning of its walk: what it had pending may no longer be wanted."""
    return replace(history, walk=Walk(Slice(PROJECT.table)))


def _history_of(lo: datetime, hi: datetime, skip: tuple[str, ...] = ()) -> History | None:
    return History(lo=lo, hi=hi, skip=skip, walk=Walk(Slice(PROJECT.table))) if lo < hi else None
