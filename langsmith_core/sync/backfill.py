"""The backfill: runs before the first look's window, or of what a wider configuration has added.

Pure: what was read before and what is asked for now, in; a backfill, or None, out. Not here: the work in it (streams.projects).
"""

from __future__ import annotations

from datetime import datetime

from langsmith_core.records.ids import NO_IDS, Ids
from langsmith_core.streams.bounds import AHEAD, RECENT, Past, oldest
from langsmith_core.streams.projects import FindProjects
from langsmith_core.streams.work import Scope
from langsmith_core.sync.state import Backfill, State, Task

RUNS = "langsmith_run"


def widened(state: State, projects: Ids | None, left_out: Ids) -> bool:
    """Whether `projects` without those `left_out` has any that the state's had not."""
    if set(state.left_out) - set(left_out):
        return True
    return state.projects is not None and (projects is None or not set(projects) <= set(state.projects))


def earlier(old: Scope, scope: Scope) -> bool:
    """Whether START_TIME was set back."""
    return old.start_time is not None and (scope.start_time is None or scope.start_time < old.start_time)


def needed(state: State, scope: Scope, now: datetime, *, wider: bool) -> Backfill | None:
    """Runs before the look's window that were never read; None when there are none. `wider`: of more projects than before."""
    old, first = state.scope, oldest(scope.start_time, now)
    if RUNS in scope.off:
        return None
    if old is None or state.done_to is None:
        return _over(first, now + AHEAD - RECENT)
    longer = earlier(old, scope)
    grown = [RUNS in old.off, longer, wider]
    if not any(grown):
        return state.backfill if scope == old or not state.backfill else _again(state.backfill, first)
    if state.backfill or sum(grown) > 1 or RUNS in old.off:
        return _over(first, state.done_to)
    if longer:
        return _over(first, old.start_time or first)
    return _over(first, state.done_to, state.projects or NO_IDS)


def _again(backfill: Backfill, first: datetime) -> Backfill | None:
    """The same backfill from its beginning: what it had pending may no longer be wanted."""
    past = backfill.past
    return _over(max(past.lo, first), past.hi, past.skip)


def _over(lo: datetime, hi: datetime, skip: Ids = NO_IDS) -> Backfill | None:
    return Backfill(Past(lo, hi, skip), (Task(FindProjects(lo=lo, hi=hi)),)) if lo < hi else None
