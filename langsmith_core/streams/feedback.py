"""Feedback: by creation time, of runs, and, on v2, by the runs whose feedback was edited.

New feedback touches its run: the run is read again by id, since its statistics have changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from langsmith_core.calls import Call
from langsmith_core.records import json_text
from langsmith_core.records.columns import Kind, Table, column, raw
from langsmith_core.records.ids import NO_IDS, Ids
from langsmith_core.records.rows import Row
from langsmith_core.records.times import parse, render
from langsmith_core.streams import run_queries
from langsmith_core.streams.bounds import Bounds, Moment
from langsmith_core.streams.listing import LIST_ROWS_MAX, Offset, moved
from langsmith_core.streams.projects import LISTING, PROJECT
from langsmith_core.streams.run_columns import RUN
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.streams.work import IDS_MAX, Api, Context, Outcome, Page, Stream, Work

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item

PATH = "/api/v1/feedback"
FEEDBACK = Table(
    "langsmith_feedback",
    (
        column("feedback_id", Kind.STRING, "Feedback id", "id"),
        column("run_id", Kind.STRING, "The run it was given to; null for feedback on a project"),
        column("trace_id", Kind.STRING, "Trace of that run"),
        column("project_id", Kind.STRING, "Project of that run", "session_id"),
        column("key", Kind.STRING, "What was judged"),
        column("score", Kind.FLOAT, "Score; booleans are 1.0 and 0.0"),
        column("value", Kind.JSON, "Value of any type"),
        column("comment", Kind.STRING, "Comment"),
        column("correction", Kind.JSON, "Correction"),
        column("source_type", Kind.LOWER, "api, model, app or auto_eval", "feedback_source.type"),
        column("created_at", Kind.TIMESTAMP, "Creation time"),
        column("updated_at", Kind.TIMESTAMP, "Modification time (modified_at in the API)", "modified_at"),
        raw(),
    ),
    how_read="by created_at since the last sync, and the 24 hours before it again",
    time="created_at",
)


class FeedbackWindow(Offset, frozen=True, kw_only=True):
    """Feedback created in `[lo, hi)`: of the whole workspace, or of the projects in hand and then of those `waiting`."""

    lo: Moment
    hi: Moment
    parents: Ids = NO_IDS
    waiting: Ids = NO_IDS

    @property
    def table_name(self) -> str:
        """Feedback."""
        return FEEDBACK.name

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """The next page of the window."""
        bounds = (("min_created_at", render(self.lo)), ("max_created_at", render(self.hi)))
        projects = tuple(("session", one) for one in self.parents)
        return Call("GET", PATH, query=(*projects, *bounds, *self.place(limit)))

    def after(self, page: Page, context: Context) -> Outcome:
        """The runs that the page touches, then the rest of the window, then the projects that wait."""
        rest = moved(self, [row["feedback_id"] for row in page.rows], page.limit)
        since = self.lo if context.retried else context.bounds.touched_since if context.bounds else None
        first = _touched(page.rows, since, context)
        return Outcome(first, (rest,) if rest else self._others())

    def without(self, context: Context) -> Outcome | None:
        """A project is gone: the projects are asked one by one, one alone is passed over."""
        if not self.parents:
            return None
        alone = replace(self, offset=0, anchor=None, waiting=NO_IDS)
        parts = [replace(alone, parents=Ids((one,))) for one in self.parents] if len(self.parents) > 1 else []
        return Outcome(rest=(*parts, *self._others()))

    def of_scope(self, context: Context) -> Item | None:
        """The item without projects that are no longer read."""
        if not context.on(FEEDBACK.name) or not self.parents:
            return self if context.on(FEEDBACK.name) and context.projects is None else None
        parents = Ids(one for one in self.parents if context.reads(one))
        return replace(self, parents=parents, waiting=NO_IDS) if parents else None

    def _others(self) -> tuple[Item, ...]:
        rest, waiting = self.waiting[:IDS_MAX], self.waiting[IDS_MAX:]
        return (FeedbackWindow(lo=self.lo, hi=self.hi, parents=rest, waiting=waiting),) if rest else ()


class FeedbackOfRuns(Offset, frozen=True, kw_only=True):
    """All feedback of a few runs."""

    runs: Ids

    @property
    def table_name(self) -> str:
        """Feedback."""
        return FEEDBACK.name

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """The next page of the runs' feedback."""
        return Call("GET", PATH, query=(*(("run", one) for one in self.runs), *self.place(limit)))

    def after(self, page: Page, context: Context) -> Outcome:
        """The next page."""
        rest = moved(self, [row["feedback_id"] for row in page.rows], page.limit)
        return Outcome(rest=(rest,) if rest else ())


class EditedRuns(RunWindow, frozen=True, kw_only=True):
    """Runs of a window whose feedback was edited since `edited_since`, and that feedback. v2 only."""

    edited_since: Moment

    def first_question(self) -> Call | None:
        """The projects in hand with their statistics, for the keys that feedback was given under."""
        ids = tuple((LISTING.ids, one) for one in self.parents)
        return Call("GET", LISTING.path, query=(*ids, ("limit", str(LIST_ROWS_MAX)), ("include_stats", "true")))

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """The next page of these runs; nothing where the projects have no feedback any more."""
        keys = feedback_keys(knowledge)
        if not keys:
            return Outcome(rest=self.others())
        return run_queries.edited(self.window, self.edited_since, keys, self.cursor, context, limit)

    def after(self, page: Page, context: Context) -> Outcome:
        """The feedback of the page's runs, then the rest of the window, then the projects that wait."""
        outcome = super().after(page, context)
        runs = Ids(row["run_id"] for row in page.rows)
        parts = (runs[at : at + IDS_MAX] for at in range(0, len(runs), IDS_MAX))
        return replace(outcome, first=tuple(FeedbackOfRuns(runs=part) for part in parts))

    def halves(self) -> tuple[Item, ...]:
        """It is put aside whole."""
        return ()

    def of_api(self, api: Api) -> tuple[Item, ...]:
        """v1 cannot ask for edited feedback: the daily pass finds it."""
        return () if api == "v1" else super().of_api(api)

    def joined(self, other: Work) -> Item | None:
        """A look has one of these."""
        return None


def opens(context: Context) -> Outcome:
    """Feedback of the look's window, then the runs whose feedback was edited."""
    bounds = context.bounds
    if bounds is None:
        return Outcome()
    window = FeedbackWindow(lo=bounds.feedback_from, hi=bounds.until)
    if context.projects is not None:
        rest, waiting = context.projects[:IDS_MAX], context.projects[IDS_MAX:]
        work: tuple[Item, ...] = (replace(window, parents=rest, waiting=waiting),) if rest else ()
    else:
        work = (window,)
    return Outcome(rest=(*work, *_edited(bounds, context)))


def feedback_keys(body: bytes) -> tuple[str, ...]:
    """The feedback keys of a page of projects. Raises MalformedError where it has not that shape."""
    stats = [json_text.members(one).get("feedback_stats", b"null") for one in json_text.elements(json_text.strict(body, 3))]
    return tuple(sorted({key for one in stats if one.startswith(b"{") for key in json_text.members(one)}))


def _edited(bounds: Bounds, context: Context) -> tuple[Item, ...]:
    served = context.api == "v2" and context.memory.feedback.edits_served and context.on(RUN.name)
    if bounds.touched_since is None or not served:
        return ()
    judged = context.memory.feedback.judged.among(context.memory.known(PROJECT.name))
    read = Ids(one for one in judged if context.reads(one))
    since = bounds.touched_since
    return (EditedRuns(lo=bounds.oldest, hi=bounds.runs_to, edited_since=since, waiting=read),) if read else ()


def _touched(rows: Sequence[Row], since: datetime | None, context: Context) -> tuple[Item, ...]:
    """The runs whose feedback was written since then, by id."""
    bounds = context.bounds
    if since is None or bounds is None or not context.on(RUN.name):
        return ()
    runs = {row["run_id"]: row["project_id"] for row in rows if row["run_id"] and _written(row, since) >= since}
    # Feedback may name no project: v1 finds its run by id alone, and that is asked for where every project is read.
    unnamed = context.api != "v2" and context.projects is None and not context.left_out
    pairs = [(run, project) for run, project in runs.items() if (context.reads(project) if project else unnamed)]
    parts = (pairs[at : at + IDS_MAX] for at in range(0, len(pairs), IDS_MAX))
    return tuple(_by_id(part, bounds) for part in parts)


def _by_id(pairs: Sequence[tuple[str, str | None]], bounds: Bounds) -> RunsById:
    projects = Ids(dict.fromkeys(project for _, project in pairs if project))
    return RunsById(lo=bounds.oldest, hi=bounds.runs_to, ids=Ids(run for run, _ in pairs), parents=projects)


def _written(row: Row, otherwise: datetime) -> datetime:
    text = row["updated_at"] or row["created_at"]
    return parse(text) if text else otherwise


STREAM = Stream(FEEDBACK, switch="SYNC_FEEDBACK", opens=opens)
