"""What a history must make up for: runs before the first cycle's window, or of what a wider configuration has added.

Pure: what was read before and what is asked for now, in; a history, or None, out. Not here: the walk over it (plan).
"""

from __future__ import annotations

from datetime import datetime

from langsmith_core.config import fingerprint
from langsmith_core.spans import AHEAD, RECENT, RETENTION
from langsmith_core.state import History, Scope, Slice, State, Walk
from langsmith_core.streams import PROJECT


def added(state: State, projects: tuple[str, ...] | None, left_out: tuple[str, ...]) -> bool:
    """Whether `projects` without those `left_out` has any that the state's had not; or may have, where they had no room."""
    if state.meant:
        return state.meant != meaning(projects, left_out)
    if set(state.left_out) - set(left_out):
        return True
    return state.projects is not None and (projects is None or not set(projects) <= set(state.projects))


def meaning(projects: tuple[str, ...] | None, left_out: tuple[str, ...]) -> str:
    """A fingerprint of what PROJECTS and PROJECTS_EXCLUDE mean."""
    return fingerprint(*(("all",) if projects is None else sorted(projects)), "but", *sorted(left_out))


def earlier(old: Scope, scope: Scope) -> bool:
    """Whether START_TIME was set back."""
    return old.start_time is not None and (scope.start_time is None or scope.start_time < old.start_time)


def needed(state: State, scope: Scope, now: datetime, *, wider: bool) -> History | None:
    """Runs before the cycle's window that were never read; None when there are none. `wider`: of more projects than before."""
    old, oldest = state.scope, max(scope.start_time or now - RETENTION, now - RETENTION)
    if not scope.runs:
        return None
    if old is None or state.done_to is None:
        return over(oldest, now + AHEAD - RECENT)
    longer = earlier(old, scope)
    grown = [not old.runs, longer, wider]
    if not any(grown):
        return state.history if scope == old or not state.history else _again(state.history, oldest)
    if state.history or sum(grown) > 1 or not old.runs:
        return over(oldest, state.done_to)
    if longer:
        return over(oldest, old.start_time or oldest)
    read = () if state.meant else tuple(one for one in state.projects or () if one not in state.left_out)
    return over(oldest, state.done_to, read)


def _again(history: History, oldest: datetime) -> History | None:
    """The same history from the beginning of its walk: what it had pending may no longer be wanted."""
    return over(max(history.lo, oldest), history.hi, history.skip)


def over(lo: datetime, hi: datetime, skip: tuple[str, ...] = ()) -> History | None:
    """A history from the beginning of its walk."""
    return History(lo=lo, hi=hi, skip=skip, walk=Walk(Slice(PROJECT.table))) if lo < hi else None
