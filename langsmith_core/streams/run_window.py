"""Runs of projects in a time window, newest first: the backbone of every sync.

LangSmith answers newest first, so `top` moves down as rows are delivered. An item restarts from its window when the provider's
cursor dies. Here: the arithmetic of windows and cursors. Not here: the query's body (run_queries), or which windows there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from langsmith_core.calls import Call
from langsmith_core.errors import UpstreamError
from langsmith_core.records import times
from langsmith_core.records.ids import NO_IDS, Ids
from langsmith_core.streams import run_queries
from langsmith_core.streams.bounds import Count, Moment
from langsmith_core.streams.run_queries import FAST_TIER
from langsmith_core.streams.runs_open import noted
from langsmith_core.streams.work import PROJECTS_A_QUERY, Api, Context, Outcome, Page, Work

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item

REFUSED_MAX = 3
"""Cursors in a row that LangSmith may refuse in a window that has not become smaller."""
TICK = {"v1": timedelta(microseconds=1), "v2": timedelta(milliseconds=1)}
"""The precision of an API's start times: added to the oldest one seen, so that its twins are asked for again."""


_NOT_BEGUN: dict[str, Any] = {
    "parents": NO_IDS, "top": None, "floor": None, "ceiling": None, "cursor": None, "refused": 0, "limit": 0,
}


class RunWindow(Work, frozen=True, kw_only=True):
    """Runs of `[lo, hi)`: of the projects in hand (`parents`), then of those that are `waiting`.

    Of the projects in hand, runs from `top` up are delivered. `[floor, ceiling)` are the bounds of the query that `cursor`
    belongs to; `refused` counts the cursors that LangSmith has not taken since `top` was last lowered. `limit` is the page size
    that failing pages forced. `ended_since` asks only for runs that have ended since then.
    """

    lo: Moment
    hi: Moment
    waiting: Ids = NO_IDS
    parents: Ids = NO_IDS
    top: Moment | None = None
    floor: Moment | None = None
    ceiling: Moment | None = None
    cursor: str | None = None
    limit: Count = 0
    refused: Count = 0
    ended_since: Moment | None = None

    @property
    def table_name(self) -> str:
        """Runs."""
        return run_queries.TABLE

    @property
    def gathering(self) -> int:
        """How many projects wait for a full query."""
        return 0 if self.parents else len(self.waiting)

    @property
    def named(self) -> tuple[str, ...]:
        """Runs carry their project's name."""
        return (*self.parents, *self.waiting)

    def begun(self, api: Api) -> RunWindow:
        """The item with projects in hand."""
        if self.parents:
            return self
        count = PROJECTS_A_QUERY[api]
        return from_top(replace(self, parents=self.waiting[:count], waiting=self.waiting[count:], top=self.hi))

    @property
    def in_hand(self) -> tuple[str, ...]:
        """The projects of the query in hand."""
        return tuple(self.parents)

    @property
    def window(self) -> run_queries.Window:
        """The projects and the bounds of the query in hand."""
        return run_queries.Window(self.parents, self.floor or self.lo, self.ceiling or self.hi, self.ended_since)

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """The next page of the window."""
        return run_queries.of_window(self.window, self.cursor, context, limit)

    def records(self, body: bytes, api: Api) -> tuple[list[bytes], str | None]:
        """An envelope of runs."""
        return run_queries.records(body, api)

    def after(self, page: Page, context: Context) -> Outcome:
        """The rest of the window, then the projects that wait."""
        starts = [row["start_time"] for row in page.rows if row["start_time"]]
        rest = after_page(self, starts, page.cursor, context.api)
        return Outcome(rest=(rest,) if rest else self.others(), memory=noted(page.rows, context))

    def others(self) -> tuple[RunWindow, ...]:
        """The item with the next projects in hand; empty where none wait."""
        return (replace(self, **_NOT_BEGUN),) if self.waiting else ()

    def cut_before(self, rows: Sequence[tuple[str, str | None]], api: Api) -> RunWindow | None:
        """The item from the last of `rows` (ids and start times) on; None where a page cannot be cut there.

        It cannot among rows of one start time at the top of the window, which would come again and again.
        """
        top = lowered(_top(self), [start for _, start in rows if start], api)
        return from_top(replace(self, top=top)) if top < _top(self) else None

    def restarted(self) -> RunWindow:
        """The item from its window."""
        return from_top(self) if self.parents else self

    def again(self) -> RunWindow | None:
        """The item after its cursor was refused: what is left of its window, from the top. None: that has not helped.

        A page whose rows all have one start time lowers nothing; where every cursor dies, it would be read for ever.
        """
        refused = self.refused if self.top == self.ceiling else 0
        return replace(from_top(self), refused=refused + 1) if refused < REFUSED_MAX else None

    def parted(self) -> tuple[Item, tuple[Item, ...]]:
        """The projects in hand, and those that wait."""
        return replace(self, waiting=NO_IDS), self.others()

    def halves(self) -> tuple[Item, ...]:
        """The projects in hand in two parts, then those that wait."""
        if len(self.parents) < 2:
            return ()
        half = len(self.parents) // 2
        parts = (self.parents[:half], self.parents[half:])
        alone = from_top(replace(self, waiting=NO_IDS))
        return (*(replace(alone, parents=part) for part in parts), *self.others())

    def of_api(self, api: Api) -> tuple[Item, ...]:
        """What is left of the window for the projects in hand, then the others: a cursor is one API's own."""
        if not self.parents:
            return (replace(self, limit=0),)
        hand = replace(self, hi=_top(self), waiting=self.parents, **_NOT_BEGUN)
        return (hand, *self.others())

    def without(self, context: Context) -> Outcome | None:
        """A project is gone: the projects in hand are asked one by one, one alone is passed over."""
        if len(self.parents) <= 1:
            return Outcome(rest=self.others())
        alone = from_top(replace(self, waiting=NO_IDS))
        return Outcome(rest=(*(replace(alone, parents=Ids((one,))) for one in self.parents), *self.others()))

    def joined(self, other: Work) -> Item | None:
        """One item for both, where they are of one window."""
        if not isinstance(other, RunWindow) or type(other) is not type(self) or other.parents:
            return None
        if (self.lo, self.hi, self.ended_since) != (other.lo, other.hi, other.ended_since):
            return None
        return replace(self, waiting=self.waiting.with_more(other.waiting))

    def of_scope(self, context: Context) -> Item | None:
        """The item without projects that are no longer read."""
        if not context.on(self.table_name):
            return None
        read = replace(
            self,
            parents=Ids(one for one in self.parents if context.reads(one)),
            waiting=Ids(one for one in self.waiting if context.reads(one)),
        )
        if read.parents or not read.waiting:
            return read if read.parents else None
        return read.others()[0]


def from_top(item: RunWindow, floor: datetime | None = None) -> RunWindow:
    """The item ready to be asked: without a floor its first query spans all that is missing."""
    return replace(item, floor=floor or item.lo, ceiling=item.top, cursor=None, refused=0)


def after_page(item: RunWindow, starts: Sequence[str], cursor: str | None, api: Api) -> RunWindow | None:
    """The item after a page whose start times were `starts`, in the order they came; None when its projects are drained.

    Where LangSmith repeats a cursor the window is asked again below what has come. Raises UpstreamError where nothing has: going
    on would read one page for ever.
    """
    floor, top = item.floor or item.lo, _top(item)
    if cursor is None:
        return None if floor <= item.lo else from_top(replace(item, top=floor))
    new_top = lowered(top, starts, api)
    if cursor == item.cursor and new_top < top:
        return from_top(replace(item, top=new_top))
    if cursor == item.cursor:
        raise UpstreamError("LangSmith answered the same page cursor twice; the page was not counted")
    span = _span(starts)
    rest = from_top(replace(item, top=new_top), dense_floor(item.lo, new_top, span))
    wide_but_dense = rest.floor != item.lo and new_top - floor > FAST_TIER
    window_nearly_read = floor > item.lo and new_top - floor < span
    if new_top < top and (wide_but_dense or window_nearly_read):
        return rest
    return replace(item, top=new_top, cursor=cursor)


def lowered(top: datetime, starts: Sequence[str], api: Api) -> datetime:
    """The new top: just above the oldest row, if the page came newest first as documented; else the old one."""
    ordered = all(a >= b for a, b in pairwise(starts))
    if not starts or not ordered:
        return top
    return min(top, times.parse(starts[-1]) + TICK[api])


def dense_floor(lo: datetime, top: datetime, span: timedelta) -> datetime:
    """Where the rest is cut: a week down where a page spans less than a week, else not at all.

    A sparse project would pay a request for every empty week; a dense one gains the faster rate tier.
    """
    return max(lo, top - FAST_TIER) if span < FAST_TIER else lo


def _span(starts: Sequence[str]) -> timedelta:
    return times.parse(max(starts)) - times.parse(min(starts)) if starts else timedelta(0)


def _top(item: RunWindow) -> datetime:
    return item.top or item.hi
