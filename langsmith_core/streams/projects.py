"""Projects: their table, their list, and which of them have runs to read.

A look lists every project, since counters move without a modification time. `FindProjects` lists them again, without delivering
rows, to find those with runs in another window.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from langsmith_core.calls import Call
from langsmith_core.records.columns import Column, Kind, Table, column, raw
from langsmith_core.records.ids import NO_IDS, Ids
from langsmith_core.records.rows import Row
from langsmith_core.records.times import parse
from langsmith_core.streams.bounds import UNFINISHED_AGE, Bounds, Moment
from langsmith_core.streams.listing import ListAll, Offset, ended, moved, noted
from langsmith_core.streams.memory import Memory
from langsmith_core.streams.run_queries import TABLE as RUNS
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.work import Context, Listing, Outcome, Page, Stream

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item

JUDGED_MAX = 300
"""Projects with feedback that a look remembers; the daily pass finds edits in the others."""
STATS = ("include_stats", "true")
# Oldest first: what is added while pages are read comes at the end and shifts nothing.
ORDER = (STATS, ("sort_by", "start_time"), ("sort_by_desc", "false"))
PROJECT = Table(
    "langsmith_project",
    (
        column("project_id", Kind.STRING, "Project id; runs call it session_id on v1", "id"),
        column("name", Kind.STRING, "Project name"),
        column("description", Kind.STRING, "Description"),
        column("start_time", Kind.TIMESTAMP, "When the project was created"),
        column("end_time", Kind.TIMESTAMP, "When an experiment ended"),
        column("reference_dataset_id", Kind.STRING, "The dataset of an experiment; null for a plain project"),
        column("metadata", Kind.JSON, "extra.metadata", "extra.metadata"),
        column("run_count", Kind.INTEGER, "Number of runs LangSmith still has"),
        column("last_run_start_time", Kind.TIMESTAMP, "Start of the newest run"),
        Column("feedback_stats", Kind.STATS, ("feedback_stats",), "Of its runs, by feedback key: n, avg, and values"),
        raw(),
    ),
    how_read="listed whole: counters move without a modification time",
    time="start_time",
)


class ListProjects(ListAll, frozen=True):
    """The list of projects, and what it shows: runs to read, feedback that was given. `stats_seen`: a page had statistics."""

    is_list: ClassVar[bool] = True

    table: str = PROJECT.name
    stats_seen: bool = False

    def after(self, page: Page, context: Context) -> Outcome:
        """The next page, and the windows of runs that its projects lead to."""
        item = replace(self, stats_seen=self.stats_seen or _have_stats(page.rows))
        first = _windows(item, page.rows, context)
        keys = [row["project_id"] for row in page.rows]
        memory = _judged(context, page.rows)
        rest = moved(noted(item, keys, context.room), keys, page.limit)
        if rest is not None:
            return Outcome(first, (rest,), memory=_served(memory, seen=item.stats_seen))
        if _unserved(item, page, context):
            again = ListProjects(seen=item.seen, unseen=item.unseen)
            return Outcome(first, (again,), memory=replace(memory, projects=replace(memory.projects, stats_served=False)))
        return ended(noted(item, keys, context.room), first, _served(memory, seen=item.stats_seen))


class FindProjects(Offset, frozen=True, kw_only=True):
    """The projects with runs in `[lo, hi)`: the list again, whose rows are not delivered."""

    is_list: ClassVar[bool] = True

    lo: Moment
    hi: Moment
    ended_since: Moment | None = None
    stats_seen: bool = False

    @property
    def table_name(self) -> str:
        """Projects."""
        return PROJECT.name

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """The next page of the list."""
        return Call("GET", LISTING.path, query=(*LISTING.fixed, *self.place(limit)))

    def after(self, page: Page, context: Context) -> Outcome:
        """The next page, and the window of runs of its active projects."""
        item = replace(self, stats_seen=self.stats_seen or _have_stats(page.rows))
        told = context.memory.projects.stats_served
        active = _active(page.rows, context, self.lo, told=told) if self.lo < self.hi else ()
        window = RunWindow(lo=self.lo, hi=self.hi, waiting=Ids(active), ended_since=self.ended_since)
        first = (window,) if active else ()
        keys = [row["project_id"] for row in page.rows]
        rest = moved(item, keys, page.limit)
        memory = _served(context.memory, seen=item.stats_seen)
        if rest is None and _unserved(item, page, context):
            rest = replace(self, offset=0, anchor=None, stats_seen=False)
            memory = replace(memory, projects=replace(memory.projects, stats_served=False))
        return Outcome(first, (rest,) if rest else (), memory=memory)

    def silent(self, context: Context) -> bool:
        """The look has delivered the projects."""
        return True

    def of_scope(self, context: Context) -> Item | None:
        """It is opened anew with every look."""
        return None


def found(rows: Sequence[Row], context: Context) -> tuple[Item, ...]:
    """The runs to read of projects that the list had not shown though they are there."""
    if context.bounds is None or not context.on(RUNS):
        return ()
    active = _active(rows, context, context.bounds.runs_from, told=context.memory.projects.stats_served)
    return (_recent(context.bounds, active),) if active else ()


def _windows(item: ListProjects, rows: Sequence[Row], context: Context) -> tuple[RunWindow, ...]:
    """The runs of the look's window, and all the past of projects that no listing before had."""
    bounds = context.bounds
    if bounds is None or not context.on(RUNS):
        return ()
    late = _late(item, rows, context)
    known, new = [row for row in rows if row["project_id"] not in late], [row for row in rows if row["project_id"] in late]
    served = context.memory.projects.stats_served
    # Until a page has shown statistics they may not be served: a late project without any is remembered, in case.
    active = _active(known, context, bounds.runs_from, told=served)
    past = _active(new, context, bounds.oldest, told=served and item.stats_seen)
    windows = (_recent(bounds, active), RunWindow(lo=bounds.oldest, hi=bounds.runs_to, waiting=Ids(past)))
    return tuple(one for one in windows if one.waiting)


def _recent(bounds: Bounds, projects: Sequence[str]) -> RunWindow:
    return RunWindow(lo=bounds.runs_from, hi=bounds.runs_to, waiting=Ids(projects))


def _late(item: ListProjects, rows: Sequence[Row], context: Context) -> frozenset[str]:
    """Projects on a page that no listing before this look had: their past is unread. A first look or a full ledger has none."""
    bounds = context.bounds
    if bounds is None or bounds.since is None or len(item.seen) + len(item.unseen) >= context.room:
        return frozenset()
    return frozenset(row["project_id"] for row in rows) - {*item.seen, *item.unseen}


def _active(rows: Sequence[Row], context: Context, lo: datetime, *, told: bool) -> tuple[str, ...]:
    """The projects with a run since `lo` that are read; all that are read where LangSmith tells nothing of their runs."""
    skip = context.past.skip if context.past else ()
    wanted = (row for row in rows if context.reads(row["project_id"]) and row["project_id"] not in skip)
    return tuple(row["project_id"] for row in wanted if not told or _has_runs_since(row, lo))


def _unserved(item: ListProjects | FindProjects, page: Page, context: Context) -> bool:
    """Whether a list at its end has shown no statistics at all: it is read again, and every project is asked for runs."""
    unseen = not item.stats_seen and bool(page.rows or item.offset)
    return unseen and context.on(RUNS) and context.memory.projects.stats_served


def _served(memory: Memory, *, seen: bool) -> Memory:
    served = memory.projects.stats_served or seen
    return replace(memory, projects=replace(memory.projects, stats_served=served))


def _judged(context: Context, rows: Sequence[Row]) -> Memory:
    """The memory with projects that have feedback, and a run in the 14 days before the last look."""
    bounds, feedback = context.bounds, context.memory.feedback
    if bounds is None or not context.on("langsmith_feedback"):
        return context.memory
    lo = bounds.counted_from - UNFINISHED_AGE
    fresh = [row["project_id"] for row in rows if row["feedback_stats"] not in (None, "{}") and _has_runs_since(row, lo)]
    judged = feedback.judged.with_more(fresh, JUDGED_MAX)
    return replace(context.memory, feedback=replace(feedback, judged=judged))


def _have_stats(rows: Sequence[Row]) -> bool:
    return any(row["last_run_start_time"] for row in rows)


def _has_runs_since(row: Row, lo: datetime) -> bool:
    last = row["last_run_start_time"]
    return last is not None and parse(last) >= lo


def opens(context: Context) -> Outcome:
    """A look begins with the list of projects."""
    item = ListProjects(unseen=context.memory.known(PROJECT.name))
    return Outcome(rest=(item,), memory=context.memory.with_known(PROJECT.name, NO_IDS))


LISTING = Listing("/api/v1/sessions", ORDER, (STATS,), found=found)
STREAM = Stream(PROJECT, listing=LISTING, opens=opens, deleted=True)
