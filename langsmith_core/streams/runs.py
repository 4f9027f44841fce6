"""Runs: how a look reads them beyond the windows that the list of projects leads to.

Unfinished runs are asked for by id. Where more were unfinished than the ledger holds, the projects are listed again for runs that
have ended since. Queries are in run_queries, windows in run_window, ids in runs_by_id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from langsmith_core.streams.bounds import INDEX_LAG, OVERLAP, UNFINISHED_AGE
from langsmith_core.streams.projects import FindProjects
from langsmith_core.streams.run_columns import RUN
from langsmith_core.streams.runs_by_id import Unfinished
from langsmith_core.streams.work import Context, Outcome, Stream

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item


def opens(context: Context) -> Outcome:
    """Unfinished runs by id, then those that have ended since, where the ledger overflowed."""
    return Outcome(rest=(Unfinished(), *_ended_since(context)))


def _ended_since(context: Context) -> tuple[Item, ...]:
    bounds, overflow = context.bounds, context.memory.runs.overflow
    if bounds is None or bounds.since is None or overflow is None or bounds.since - overflow >= UNFINISHED_AGE:
        return ()
    lo = max(bounds.since - UNFINISHED_AGE, bounds.oldest)
    return (FindProjects(lo=lo, hi=bounds.runs_from, ended_since=bounds.since - OVERLAP - INDEX_LAG),)


STREAM = Stream(RUN, switch="SYNC_RUNS", opens=opens)
