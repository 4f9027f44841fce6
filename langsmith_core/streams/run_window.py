"""Runs of projects in a time window, newest first: the backbone of every sync.

Here: the item. Not here: how it moves down after a page (window_steps), the query's body (run_queries), which windows there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec.structs import replace

from langsmith_core.calls import Call, RecordPage
from langsmith_core.records.packed_ids import NO_IDS
from langsmith_core.streams import run_queries
from langsmith_core.streams.context import Context, Outcome, Page
from langsmith_core.streams.run_columns import RUN
from langsmith_core.streams.run_queries import CURSOR_MAX, PROJECTS_A_QUERY
from langsmith_core.streams.runs_unfinished import noted
from langsmith_core.streams.window import Window
from langsmith_core.streams.window_parts import in_parts, projects_behind, since
from langsmith_core.streams.window_steps import REFUSED_MAX, after_page, behind, from_top, lowered, top_of, within
from langsmith_core.streams.work import Work

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item

_NOT_BEGUN: dict[str, Any] = {"parents": NO_IDS, "limit": 0, "refused": 0} | dict.fromkeys(
    ("top", "down_to", "floor", "ceiling", "cursor")
)


class RunWindow(Window, frozen=True, kw_only=True):
    """Runs of a window: of the projects in hand, then of those that are `waiting`."""

    outlives_look: ClassVar[bool] = True
    names_of: ClassVar[str] = "langsmith_project"

    def begun(self, context: Context) -> RunWindow:
        """Take the next projects in hand."""
        if self.parents:
            return self
        count = PROJECTS_A_QUERY[self.api(context)]
        return from_top(replace(self, parents=self.waiting[:count], waiting=self.waiting[count:], top=self.hi))

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
        return Outcome(rest=self._rest(starts, page.cursor, context, page.limit), memory=memory)

    def coming(self, context: Context, limit: int, page: RecordPage | None) -> Iterator[Item]:
        """Yield the window after its page, if that has a next one, then the projects that wait."""
        if page and not page.longer and page.cursor not in (None, self.cursor) and len(page.cursor or "") <= CURSOR_MAX:
            api = self.api(context)
            timed = api == "v1" or context.parts > 1
            yield from self._rest(run_queries.starts(page.records) if timed else (), page.cursor, context, limit)
        yield from projects_behind(self, context)

    def _rest(self, starts: Sequence[str], cursor: str | None, context: Context, limit: int) -> tuple[Item, ...]:
        """Return the rest of the window, in parts where that is worth it, or else the projects that wait.

        Small first pages do not tell how long a page is worked on, so that nothing is cut behind them.
        """
        rest = after_page(self, starts, cursor, self.api(context))
        if rest is None:
            return self.others()
        rows = min(self.rows_max(context), context.part_rows)
        return in_parts(rest, starts, rows, context.parts) if type(self) is RunWindow and 2 * limit > rows else (rest,)

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
        return since(item, context.scope.start_time)
