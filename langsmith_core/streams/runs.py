"""How a look reads runs beyond the windows that the list of projects leads to.

It asks for unfinished runs by id. Where the ledger could not hold them all, it lists the projects again for runs that have ended
since. Queries are in run_queries, windows in run_window, ids in runs_by_id, columns in run_columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from langsmith_core.calls import Call
from langsmith_core.records.packed_ids import Ids
from langsmith_core.streams.bounds import INDEX_LAG, OVERLAP, UNFINISHED_AGE, Count
from langsmith_core.streams.context import Context, Outcome
from langsmith_core.streams.limits import IDS_MAX
from langsmith_core.streams.projects import FindProjects
from langsmith_core.streams.run_columns import RUN
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.streams.stream import Stream
from langsmith_core.streams.work import Work

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item

PAYLOADS = ("inputs", "outputs", "metadata", "feedback_stats", "raw")
"""Columns of a run that can be asked for without."""


class Unfinished(Work, frozen=True):
    """The unfinished runs of the ledger, 50 at a time, behind a `start` in seconds and a `run_id`.

    Runs within the look's own window are read with it, and left out here.
    """

    asks_nothing: ClassVar[bool] = True

    start: Count = 0
    run_id: str = ""

    @property
    def table_name(self) -> str:
        """Name the table of runs."""
        return RUN.name

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """Ask nothing; return the next runs by id, then the search for those that the ledger could not hold."""
        bounds = context.bounds
        if bounds is None:
            return Outcome()
        entries = [
            one
            for one in context.memory.runs.unfinished.runs
            if one.start < bounds.runs_from
            and (int(one.start.timestamp()), one.run_id) > (self.start, self.run_id)
            and context.reads(one.project_id)
        ][:IDS_MAX]
        if not entries:
            return Outcome(rest=_ended_since(context))
        parents, ids = Ids(dict.fromkeys(one.project_id for one in entries)), Ids(one.run_id for one in entries)
        last, runs = entries[-1], RunsById(lo=entries[0].start, hi=bounds.runs_to, ids=ids, parents=parents)
        return Outcome((runs,), (Unfinished(int(last.start.timestamp()), last.run_id),))


def _ended_since(context: Context) -> tuple[Item, ...]:
    """List the projects again for runs that have ended since, where the ledger could not hold all."""
    bounds, overflow = context.bounds, context.memory.runs.overflow
    if bounds is None or bounds.since is None or overflow is None or bounds.since - overflow >= UNFINISHED_AGE:
        return ()
    lo = max(bounds.since - UNFINISHED_AGE, bounds.oldest)
    if lo >= bounds.runs_from:
        return ()
    return (FindProjects(lo=lo, hi=bounds.runs_from, ended_since=bounds.since - OVERLAP - INDEX_LAG),)


def opens(_context: Context) -> Outcome:
    """Begin with the unfinished runs of the ledger."""
    return Outcome(rest=(Unfinished(),))


STREAM = Stream(RUN, switch="SYNC_RUNS", opens=opens, payloads=PAYLOADS)
