"""Projects: their list, and which of them have runs to read.

A look lists every project, since counters move without a modification time. `FindProjects` lists them again, without delivering
rows, to find those with runs in another window.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from langsmith_core.records import rows
from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.records.rows import Row
from langsmith_core.records.times import parse
from langsmith_core.streams import run_api
from langsmith_core.streams.bounds import UNFINISHED_AGE, Bounds, Moment
from langsmith_core.streams.context import Context, Outcome, Page
from langsmith_core.streams.listing import Listed, ended, fresh, noted, onward
from langsmith_core.streams.memory import Memory
from langsmith_core.streams.project_columns import PROJECT
from langsmith_core.streams.run_columns import RUN
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.stream import Listing, Stream

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item

JUDGED_MAX = 300
"""Projects with feedback that a look remembers; the daily pass finds edits in the others."""
STATS = ("include_stats", "true")
# Oldest first: what is added while pages are read comes at the end and shifts nothing.
ORDER = (STATS, ("sort_by", "start_time"), ("sort_by_desc", "false"))


class ListProjects(Listed, frozen=True, kw_only=True):
    """The list of projects: it leads to runs, and shows which have feedback. `stats_seen`: a page had statistics."""

    is_list: ClassVar[bool] = True

    stats_seen: bool = False

    @property
    def table_name(self) -> str:
        """Name the table of projects."""
        return PROJECT.name

    def after(self, page: Page, context: Context) -> Outcome:
        """Read the runs of the page's active projects, then the next page."""
        found = fresh(self, page, context)
        seen = replace(self, stats_seen=self.stats_seen or _have_stats(found))
        first = _windows(seen, found, context)
        item = noted(seen, [row["project_id"] for row in found], context)
        memory = _served(_judged(context, found), seen=item.stats_seen)
        rest = onward(self, item, page, context)
        if rest is not None:
            return Outcome(first, (rest,), memory=memory)
        if _unserved(item, found, context):
            again = ListProjects(unseen=item.unseen.with_more(item.seen))
            return Outcome(first, (again,), memory=replace(memory, projects=replace(memory.projects, stats_served=False)))
        return ended(item, first, memory)


class FindProjects(Listed, frozen=True, kw_only=True):
    """The projects with runs in `[lo, hi)`: the list again, whose rows are not delivered."""

    is_list: ClassVar[bool] = True

    lo: Moment
    hi: Moment
    ended_since: Moment | None = None
    stats_seen: bool = False

    @property
    def table_name(self) -> str:
        """Name the table of projects."""
        return PROJECT.name

    @property
    def is_sound(self) -> bool:
        """Check that the window has an order."""
        return self.lo <= self.hi

    def batch(self, context: Context) -> Ids:
        """Return every known project: the item does not remember which it has shown."""
        return replace(ListProjects(past=self.past), unseen=context.known(PROJECT.name)).batch(context)

    def after(self, page: Page, context: Context) -> Outcome:
        """Read the runs of the page's active projects, then the next page."""
        found = fresh(self, page, context)
        item = replace(self, stats_seen=self.stats_seen or _have_stats(found))
        active = _active(item, found, context, self.lo) if self.lo < self.hi else ()
        window = RunWindow(lo=self.lo, hi=self.hi, waiting=Ids(active), ended_since=self.ended_since)
        first, rest = (window,) if active else (), onward(self, item, page, context)
        memory = _served(context.memory, seen=item.stats_seen)
        if rest is None and _unserved(item, found, context):
            rest = FindProjects(lo=self.lo, hi=self.hi, ended_since=self.ended_since)
            memory = replace(memory, projects=replace(memory.projects, stats_served=False))
        return Outcome(first, (rest,) if rest else (), memory=memory)

    def delivers(self, row: Row, context: Context) -> bool:
        """Deliver nothing: the look has delivered the projects."""
        return False

    def within(self, context: Context) -> tuple[Item, ...]:
        """It is read for runs, from START_TIME on."""
        start = context.scope.start_time
        item = replace(self, lo=max(self.lo, start)) if start else self
        return (item,) if context.on(RUN.name) and item.lo <= item.hi else ()


def found(listed: Sequence[Row], context: Context) -> tuple[Item, ...]:
    """Read the runs of projects that a look-up has found."""
    if context.bounds is None or not context.on(RUN.name):
        return ()
    active = _active(ListProjects(), listed, context, context.bounds.runs_from)
    return (_recent(context.bounds, active),) if active else ()


def _windows(item: ListProjects, found: Sequence[Row], context: Context) -> tuple[RunWindow, ...]:
    """Return the look's window for known projects, and all the past for new ones."""
    bounds = context.bounds
    if bounds is None or not context.on(RUN.name):
        return ()
    late = _late(item, found, context)
    known, new = [row for row in found if row["project_id"] not in late], [row for row in found if row["project_id"] in late]
    active = _active(item, known, context, bounds.runs_from)
    past = _active(item, new, context, bounds.oldest, late=True)
    windows = (_recent(bounds, active), RunWindow(lo=bounds.oldest, hi=bounds.runs_to, waiting=Ids(past)))
    return tuple(one for one in windows if one.waiting and one.lo < one.hi)


def _recent(bounds: Bounds, projects: Sequence[str]) -> RunWindow:
    return RunWindow(lo=bounds.runs_from, hi=bounds.runs_to, waiting=Ids(projects))


def _late(item: ListProjects, found: Sequence[Row], context: Context) -> frozenset[str]:
    """Return the projects that no earlier look had listed: their past is unread. A first look or a full ledger has none."""
    bounds = context.bounds
    if bounds is None or bounds.since is None or len(item.seen) + len(item.unseen) >= context.room:
        return frozenset()
    return frozenset(row["project_id"] for row in found) - {*item.seen, *item.unseen}


def _active(
    item: ListProjects | FindProjects, found: Sequence[Row], context: Context, lo: datetime, *, late: bool = False
) -> tuple[str, ...]:
    """Return the projects to ask for runs since `lo`; all that are read where LangSmith tells nothing of their runs.

    Until a page has shown statistics they may not be served, so a late project without any is kept.
    """
    told = context.memory.projects.stats_served and not run_api.doubts_statistics(context, lo, late=late)
    told = told and (not late or item.stats_seen)
    skip = context.past.skip if context.past else ()
    wanted = (row for row in found if context.reads(row["project_id"]) and row["project_id"] not in skip)
    return tuple(row["project_id"] for row in wanted if not told or _has_runs_since(row, lo))


def _unserved(item: ListProjects | FindProjects, found: Sequence[Row], context: Context) -> bool:
    """Tell whether a finished list has shown no statistics at all. Then it is read again, and every project is asked."""
    unseen = not item.stats_seen and bool(found or item.offset)
    return unseen and context.on(RUN.name) and context.memory.projects.stats_served


def _served(memory: Memory, *, seen: bool) -> Memory:
    served = memory.projects.stats_served or seen
    return replace(memory, projects=replace(memory.projects, stats_served=served))


def _judged(context: Context, found: Sequence[Row]) -> Memory:
    """Remember projects that have feedback, and a run in the 14 days before the last look."""
    bounds, feedback = context.bounds, context.memory.feedback
    if bounds is None or not context.on("langsmith_feedback"):
        return context.memory
    lo = bounds.counted_from - UNFINISHED_AGE
    fresh_ones = [row["project_id"] for row in found if row["feedback_stats"] not in (None, "{}") and _has_runs_since(row, lo)]
    return context.memory.with_feedback(replace(feedback, judged=feedback.judged.with_more(fresh_ones, JUDGED_MAX)))


def _have_stats(found: Sequence[Row]) -> bool:
    return any(row["last_run_start_time"] for row in found)


def _has_runs_since(row: Row, lo: datetime) -> bool:
    """Tell whether a project has runs since then, or may have: its record may say so in an unreadable form."""
    last = row["last_run_start_time"]
    return parse(last) >= lo if last else rows.is_odd(PROJECT, row, "last_run_start_time")


def opens(context: Context) -> Outcome:
    """Begin a look with the list of projects."""
    item = ListProjects(unseen=context.memory.known(PROJECT.name))
    return Outcome(rest=(item,), memory=context.memory.with_known(PROJECT.name, NO_IDS))


LISTING = Listing("/api/v1/sessions", ORDER, (STATS,), found=found, oldest_first=True)
STREAM = Stream(PROJECT, listing=LISTING, opens=opens, deleted=True)
