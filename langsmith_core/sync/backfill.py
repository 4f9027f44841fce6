"""The backfill: runs before the first look's window, or of what a wider configuration has added.

Pure: what was read before and what is asked for now, in; a backfill, or None, out. Not here: the work in it (streams.projects).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.settings.config import fingerprint
from langsmith_core.streams.bounds import AHEAD, RECENT, Past, oldest
from langsmith_core.streams.context import Scope
from langsmith_core.streams.projects import FindProjects
from langsmith_core.streams.registry import RUN
from langsmith_core.sync.state import Backfill, State, Task


def widened(state: State, projects: Ids | None, left_out: Ids) -> bool:
    """Tell whether more projects are read than the state's. Where it had no room for their ids, any change counts."""
    if state.meant:
        return state.meant != meaning(projects, left_out)
    if set(state.left_out) - set(left_out):
        return True
    return state.projects is not None and (projects is None or not set(projects) <= set(state.projects))


def meaning(projects: Sequence[str] | None, left_out: Sequence[str]) -> str:
    """Make a fingerprint of what PROJECTS (None for all) and PROJECTS_EXCLUDE mean."""
    return fingerprint(*(("all",) if projects is None else sorted(projects)), "but", *sorted(left_out))


def earlier(old: Scope, wanted: Scope) -> bool:
    """Tell whether START_TIME was set back."""
    return old.start_time is not None and (wanted.start_time is None or wanted.start_time < old.start_time)


def needed(state: State, wanted: Scope, now: datetime, *, wider: bool) -> Backfill | None:
    """Find the runs before the look's window that nobody has read; None where there are none.

    `wider`: more projects are read than before.
    """
    old, first = state.scope, oldest(wanted.start_time, now)
    if RUN.name in wanted.off:
        return None
    if old is None or state.done_to is None:
        return over(first, now + AHEAD - RECENT)
    longer, unread = earlier(old, wanted), RUN.name in old.off
    grown = [unread, longer, wider]
    if not any(grown):
        return state.backfill if wanted == old or not state.backfill else _again(state.backfill, first)
    if state.backfill or sum(grown) > 1 or unread:
        return over(first, state.done_to)
    if longer:
        return over(first, old.start_time or first)
    read = () if state.meant else tuple(one for one in state.projects or () if one not in state.left_out)
    return over(first, state.done_to, Ids(read))


def over(lo: datetime, hi: datetime, skip: Ids = NO_IDS) -> Backfill | None:
    """Make a backfill of `[lo, hi)` at the beginning of its work; None where that is empty."""
    return Backfill(Past(lo, hi, skip), (Task(FindProjects(lo=lo, hi=hi)),)) if lo < hi else None


def _again(backfill: Backfill, first: datetime) -> Backfill | None:
    """Begin the same backfill again: the configuration may no longer ask for the work in its hand."""
    past = backfill.past
    return over(max(past.lo, first), past.hi, past.skip)
