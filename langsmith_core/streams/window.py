"""The place of a window of runs: which projects, which bounds, how far it has been read.

Here: the fields and what follows from them. Not here: how it is asked for and moves on (run_window, window_steps).
"""

from __future__ import annotations

from datetime import datetime

from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.streams import run_api, run_queries
from langsmith_core.streams.bounds import Count, Moment
from langsmith_core.streams.context import Api, Context
from langsmith_core.streams.limits import IDS_MAX
from langsmith_core.streams.run_columns import RUN
from langsmith_core.streams.run_queries import Question
from langsmith_core.streams.work import Work


class Window(Work, frozen=True, kw_only=True):
    """Runs of `[lo, hi)`: of the projects in hand (`parents`), then of those that are `waiting`.

    Of the projects in hand, runs from `top` up are delivered, and runs below `down_to` are another item's part. `[floor,
    ceiling)` are the bounds of the query that `cursor` belongs to. `refused` counts the cursors that LangSmith has refused since
    `top` was last lowered. `limit` is the page size that failing pages forced. `ended_since` asks only for runs that have ended
    since then.
    """

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

    @property
    def question(self) -> Question:
        """Build the query in hand."""
        lo, hi = self.floor or self.bottom, self.ceiling or self.hi
        return Question(self.parents, lo, hi, ended_since=self.ended_since, cursor=self.cursor)
