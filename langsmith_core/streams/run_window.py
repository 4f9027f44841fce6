"""Runs of projects in a time window, newest first: the backbone of every sync.

Here: the item. Not here: how it moves down after a page (window_steps), the query's body (run_queries), which windows there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec.structs import replace

from langsmith_core.calls import Call, RecordPage
from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.streams import run_api, run_queries
from langsmith_core.streams.bounds import Count, Moment
from langsmith_core.streams.context import Api, Context, Outcome, Page
from langsmith_core.streams.limits import IDS_MAX
from langsmith_core.streams.run_columns import RUN
from langsmith_core.streams.run_queries import CURSOR_MAX, PROJECTS_A_QUERY, Question
from langsmith_core.streams.runs_unfinished import noted
from langsmith_core.streams.window_parts import in_parts
from langsmith_core.streams.window_steps import REFUSED_MAX, after_page, behind, from_top, lowered, top_of, within
from langsmith_core.streams.work import Work

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item

_NOT_BEGUN: dict[str, Any] = {"parents": NO_IDS, "limit": 0, "refused": 0} | dict.fromkeys(
    ("top", "down_to", "floor", "ceiling", "cursor")
)


class RunWindow(Work, frozen=True, kw_only=True):
    """Runs of `[lo, hi)`: of the projects in hand (`parents`), then of those that are `waiting`.

    Of the projects in hand, runs from `top` up are delivered, and runs below `down_to` are another item's part. `[floor,
    ceiling)` are the bounds of the query that `cursor` belongs to. `refused` counts the cursors that LangSmith has refused since
    `top` was last lowered. `limit` is the page size that failing pages forced. `ended_since` asks only for runs that have ended
    since then.
    """

    outlives_look: ClassVar[bool] = True
    names_of: ClassVar[str] = "langsmith_project"

    lo: Moment
    hi: Moment
    waiting: Ids = NO_IDS
    parents: Ids = NO_IDS
    top: Moment | None = None
    down_to: Moment | None = None
    floor: Moment | None = None
    ceiling: Moment | None = None
    cursor: str | None = None
    limit: Count = 0
    refused: Count = 0
    ended_since: Moment | None = None

    @property
    def table_name(self) -> str:
        """Name the table of runs."""
        return RUN.name

    @property
    def is_sound(self) -> bool:
        """Check that the bounds have an order, and that a query has at most fifty projects."""
        within = self.bottom <= self.hi and (self.floor or self.bottom) <= (self.ceiling or self.hi)
        return self.lo <= self.hi and within and len(self.parents) <= IDS_MAX and bool(self.parents or self.waiting)

    @property
    def bottom(self) -> datetime:
        """Give the beginning of the item's part of the window."""
        return max(self.lo, self.down_to or self.lo)

    @property
    def takes_turns(self) -> bool:
        """Windows under way take turns, page by page."""
        return bool(self.parents)

    @property
    def gathering(self) -> int:
        """Count the projects that wait for a full query."""
        return 0 if self.parents else len(self.waiting)

    @property
    def in_hand(self) -> tuple[str, ...]:
        """List the projects of the query in hand."""
        return tuple(self.parents)

    @property
    def waiting_for_names(self) -> tuple[str, ...]:
        """List the projects whose names later runs carry."""
        return tuple(self.waiting)

    def api(self, context: Context) -> Api:
        """Choose v1 for what is older than the instance's v2."""
        return run_api.at(context, self.lo)

    def rows_max(self, context: Context) -> int:
        """Return the endpoint's own maximum."""
        return run_queries.ROWS_MAX[self.api(context)]

    def begun(self, context: Context) -> RunWindow:
        """Take the next projects in hand."""
        if self.parents:
            return self
        count = PROJECTS_A_QUERY[self.api(context)]
        return from_top(replace(self, parents=self.waiting[:count], waiting=self.waiting[count:], top=self.hi))

    @property
    def question(self) -> Question:
        """Build the query in hand."""
        lo, hi = self.floor or self.bottom, self.ceiling or self.hi
        return Question(self.parents, lo, hi, ended_since=self.ended_since, cursor=self.cursor)

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """Ask for the next page of the window."""
        return run_queries.call(self.question, self.api(context), context, limit)

    def page(self, body: bytes, context: Context, limit: int) -> RecordPage:
        """Cut an envelope of runs."""
        return run_queries.page(body, self.api(context), limit)

    def after(self, page: Page, context: Context) -> Outcome:
        """Go on with the rest of the window, then with the projects that wait."""
        starts = [row["start_time"] for row in page.rows if row["start_time"]]
        memory = noted(page.rows, context)
        if page.longer:
            return Outcome(rest=(behind(self, starts, self.api(context)),), memory=memory)
        return Outcome(rest=self._rest(starts, page.cursor, context), memory=memory)

    def coming(self, context: Context, limit: int, page: RecordPage | None) -> Iterator[Item]:
        """Yield the window after its page, if that has a next one, then the projects that wait."""
        item: RunWindow = self
        if (
            page is not None
            and page.cursor not in (None, self.cursor)
            and len(page.cursor or "") <= CURSOR_MAX
            and not page.longer
        ):
            yield from self._rest(run_queries.starts(page.records), page.cursor, context)
        while behind_it := item.others():
            item = behind_it[0].begun(context)
            yield item

    def _rest(self, starts: Sequence[str], cursor: str | None, context: Context) -> tuple[Item, ...]:
        """Return the rest of the window, in parts where that is worth it, or else the projects that wait."""
        api = self.api(context)
        rest = after_page(self, starts, cursor, api)
        if rest is None:
            return self.others()
        return in_parts(rest, starts, api) if context.more_windows and type(self) is RunWindow else (rest,)

    def others(self) -> tuple[RunWindow, ...]:
        """Return the item for the projects that wait; empty where none do."""
        return (replace(self, **_NOT_BEGUN),) if self.waiting else ()

    def cut_before(self, rows: Sequence[tuple[str, str | None]], context: Context) -> RunWindow | None:
        """Return the item that starts at the last of `rows` (ids and start times); None where a page cannot be cut there.

        It cannot among rows of one start time at the top of the window, which would come again and again.
        """
        top = lowered(self, within(self, [start for _, start in rows if start]), self.api(context))
        return from_top(replace(self, top=top)) if top < top_of(self) else None

    def restarted(self) -> RunWindow:
        """Ask the window again from its top."""
        return from_top(self) if self.parents else self

    def again(self) -> RunWindow | None:
        """Ask again, from its top, a window whose cursor was refused; None where that has not helped.

        A page whose rows all have one start time lowers nothing. Where every cursor dies, it would be read for ever.
        """
        refused = self.refused if self.top == self.ceiling else 0
        return replace(from_top(self), refused=refused + 1) if refused < REFUSED_MAX else None

    def kept(self) -> RunWindow:
        """Drop a long cursor. It counts as refused, so that a window which no call gets past fails in the end."""
        if len(self.cursor or "") <= CURSOR_MAX:
            return self
        return self.again() or replace(from_top(self), refused=REFUSED_MAX)

    def parted(self, context: Context) -> tuple[Item, tuple[Item, ...]]:
        """Split off the projects in hand from those that wait."""
        return replace(self, waiting=NO_IDS), self.others()

    def halves(self) -> tuple[Item, ...]:
        """Halve the projects in hand; those that wait come last."""
        if len(self.parents) < 2:
            return ()
        half = len(self.parents) // 2
        alone = from_top(replace(self, waiting=NO_IDS))
        parts = (self.parents[:half], self.parents[half:])
        return (*(replace(alone, parents=part) for part in parts), *self.others())

    def of_api(self, context: Context) -> tuple[Item, ...]:
        """Drop the cursor, which is one API's own: what is left of the window, then the projects that wait."""
        if not self.parents:
            return (replace(self, limit=0),)
        hand = replace(self, **{**_NOT_BEGUN, "hi": top_of(self), "waiting": self.parents})
        return (hand, *self.others())

    def without(self, context: Context) -> Outcome | None:
        """Halve the projects in hand until the deleted one stands alone, and pass over it."""
        return Outcome(rest=self.halves() or self.others())

    def joined(self, other: Work) -> Item | None:
        """Merge windows of the same bounds."""
        if type(other) is not type(self) or not isinstance(other, RunWindow) or other.parents:
            return None
        if (self.lo, self.hi, self.ended_since) != (other.lo, other.hi, other.ended_since):
            return None
        return replace(self, waiting=self.waiting.with_more(other.waiting))

    def within(self, context: Context) -> tuple[Item, ...]:
        """Keep the projects that are read, and what begins at START_TIME or later."""
        read = [one for one in (*self.parents, *self.waiting) if context.reads(one)]
        if not context.on(RUN.name) or not read:
            return ()
        item = self.kept()
        if len(read) < len(self.parents) + len(self.waiting):
            parents, waiting = self.parents.only(read), self.waiting.only(read)
            item = replace(item, waiting=waiting, parents=parents)
            item = from_top(item) if parents else replace(item, **_NOT_BEGUN)
        return _since(item, context.scope.start_time)


def _since(item: RunWindow, start: datetime | None) -> tuple[Item, ...]:
    """Cut off what lies before a start; nothing may be left."""
    if start is None or item.lo >= start:
        return (item,)
    if start < top_of(item):
        item = replace(item, lo=start)
        return (from_top(item) if item.parents else item,)
    return item.others() if item.waiting and start < item.hi else ()
