"""Feedback by creation time.

New feedback touches its run: the run is read again by id, since its statistics have changed. No filter of v1 shows edits; on v2
`feedback_edits` finds the runs whose feedback was edited.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from langsmith_core.calls import Call
from langsmith_core.records.ids import is_id
from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.records.rows import Row
from langsmith_core.records.times import parse, render
from langsmith_core.streams import feedback_edits, offset_list, run_api
from langsmith_core.streams.bounds import Moment
from langsmith_core.streams.context import Context, Outcome, Page
from langsmith_core.streams.feedback_columns import FEEDBACK
from langsmith_core.streams.feedback_of_runs import PATH, given_up
from langsmith_core.streams.limits import IDS_MAX
from langsmith_core.streams.offset_list import Offset
from langsmith_core.streams.run_columns import RUN
from langsmith_core.streams.runs_by_id import by_id
from langsmith_core.streams.stream import Stream

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item

SHORTEST = timedelta(milliseconds=1)
"""A window of feedback that is not halved any more."""


class FeedbackWindow(Offset, frozen=True, kw_only=True):
    """Feedback created in `[lo, hi)`: of the whole workspace, or of the projects in hand (`parents`).

    `onward`: the further projects that PROJECTS means follow.
    """

    outlives_look: ClassVar[bool] = True

    lo: Moment
    hi: Moment
    parents: Ids = NO_IDS
    onward: bool = False

    @property
    def table_name(self) -> str:
        """Name the table of feedback."""
        return FEEDBACK.name

    @property
    def is_sound(self) -> bool:
        """Check that the window has an order, and that a request names at most fifty projects."""
        return self.lo <= self.hi and len(self.parents) <= IDS_MAX

    @property
    def in_hand(self) -> tuple[str, ...]:
        """List the projects in hand."""
        return tuple(self.parents)

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """Ask for the next page of the window."""
        bounds = (("min_created_at", render(self.lo)), ("max_created_at", render(self.hi)))
        projects = tuple(("session", one) for one in self.parents)
        return Call("GET", PATH, query=(*projects, *bounds, *self.place(limit)))

    def after(self, page: Page, context: Context) -> Outcome:
        """Read the runs that the page touches, then the rest of the window, then the projects that follow."""
        rest, first = offset_list.after_page(self, page), self._touched(page, context)
        if offset_list.broken_off(rest):
            return Outcome(first, (*_parts(self), *self.others(context)))
        return Outcome(first, (rest,) if rest else self.others(context))

    def without(self, context: Context) -> Outcome | None:
        """Halve the projects until the deleted one stands alone, and pass over it."""
        half = len(self.parents) // 2
        parts = (self.parents[:half], self.parents[half:]) if half else ()
        alone = offset_list.from_start(replace(self, onward=False))
        return Outcome(rest=(*(replace(alone, parents=part) for part in parts), *self.others(context)))

    def behind_one(self, context: Context, knowledge: bytes) -> Outcome | None:
        """Pass over the record at this place."""
        return Outcome(rest=(offset_list.behind(self),))

    def others(self, context: Context) -> tuple[Item, ...]:
        """Return the window of the projects that follow, as far as they are read."""
        projects = list(context.projects or ())
        if not self.onward or not self.parents or self.parents[-1] not in projects:
            return ()
        rest = projects[projects.index(self.parents[-1]) + 1 :]
        return _window(self.lo, self.hi, [one for one in rest if context.reads(one)])

    def parted(self, context: Context) -> tuple[Item, tuple[Item, ...]]:
        """Split off the projects in hand from those that follow."""
        return replace(self, onward=False), self.others(context)

    def within(self, context: Context) -> tuple[Item, ...]:
        """Keep the projects that are read. The sink never gets rows of others either."""
        if not context.on(FEEDBACK.name):
            return ()
        if not self.parents and context.projects is None:
            return (self,)
        read = [one for one in self.parents or context.projects or () if context.reads(one)]
        if read == list(self.parents):
            return (self,)
        if self.onward and not read:  # the place among the projects is lost with the last of these
            return _window(self.lo, self.hi, [one for one in context.projects or () if context.reads(one)])
        alone = offset_list.from_start(replace(self, onward=False))
        parts = [replace(alone, parents=Ids(read[at : at + IDS_MAX])) for at in range(0, len(read), IDS_MAX)]
        return (*parts[:-1], *(replace(last, onward=self.onward) for last in parts[-1:]))

    def _touched(self, page: Page, context: Context) -> tuple[Item, ...]:
        """Read again the runs whose feedback was written since the last look; all runs of a window that failed before."""
        since = self.lo if context.retried else context.bounds.touched_since if context.bounds else None
        fresh = [row for row in page.rows if row["feedback_id"] not in offset_list.seen(self)]
        return touched(fresh, since, context)


def opens(context: Context) -> Outcome:
    """Read feedback of the look's window, then the runs whose feedback was edited."""
    bounds = context.bounds
    if bounds is None:
        return Outcome()
    if context.projects is None:
        work: tuple[Item, ...] = (FeedbackWindow(lo=bounds.feedback_from, hi=bounds.until),)
    else:
        work = _window(bounds.feedback_from, bounds.until, [one for one in context.projects if context.reads(one)])
    return Outcome(rest=(*work, feedback_edits.EditedFeedback()))


def touched(rows: Sequence[Row], since: datetime | None, context: Context) -> tuple[Item, ...]:
    """Read again, by id, the runs whose feedback was written since then."""
    if since is None or not context.on(RUN.name):
        return ()
    touching = [row for row in rows if is_id(row["run_id"]) and _written(row, since) >= since]
    runs = {row["run_id"]: row["project_id"] if is_id(row["project_id"]) else None for row in touching}
    # Feedback may name no project: v1 finds its run by id alone, and that is asked for where every project is read.
    unnamed = run_api.at(context, None) != "v2" and context.reads_all
    return by_id([(run, one) for run, one in runs.items() if (context.reads(one) if one else unnamed)], context)


def _window(lo: datetime, hi: datetime, projects: Sequence[str]) -> tuple[Item, ...]:
    return (FeedbackWindow(lo=lo, hi=hi, parents=Ids(projects[:IDS_MAX]), onward=True),) if projects else ()


def _parts(item: FeedbackWindow) -> tuple[Item, ...]:
    """Halve a window by time: what one page holds cannot shift."""
    if item.hi - item.lo <= SHORTEST:
        return given_up()
    middle, fresh = item.lo + (item.hi - item.lo) / 2, offset_list.from_start(replace(item, onward=False))
    return replace(fresh, lo=middle), replace(fresh, hi=middle)


def _written(row: Row, otherwise: datetime) -> datetime:
    """Return when feedback was last written."""
    text = row["updated_at"] or row["created_at"]
    return parse(text) if text else otherwise


STREAM = Stream(FEEDBACK, switch="SYNC_FEEDBACK", opens=opens)
