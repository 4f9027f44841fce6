"""Runs asked for by id: unfinished ones, those that feedback has touched, those that lack a payload."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from langsmith_core.calls import Call, RecordPage
from langsmith_core.errors import UpstreamError
from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.streams import run_api, run_queries
from langsmith_core.streams.bounds import Count, Moment
from langsmith_core.streams.context import Api, Context, Outcome, Page
from langsmith_core.streams.limits import IDS_MAX
from langsmith_core.streams.run_columns import RUN
from langsmith_core.streams.run_queries import CURSOR_MAX, Question
from langsmith_core.streams.runs_unfinished import noted
from langsmith_core.streams.window_steps import LONGER
from langsmith_core.streams.work import Work

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item


class RunsById(Work, frozen=True, kw_only=True):
    """At most 50 runs by `ids`, of the projects `parents`, with starts in `[lo, hi)`. Ids that came are taken out."""

    outlives_look: ClassVar[bool] = True
    names_of: ClassVar[str] = "langsmith_project"

    lo: Moment
    hi: Moment
    ids: Ids
    parents: Ids = NO_IDS
    cursor: str | None = None
    limit: Count = 0

    @property
    def table_name(self) -> str:
        """Name the table of runs."""
        return RUN.name

    @property
    def is_sound(self) -> bool:
        """Check that the window has an order, and that a query names one to fifty ids and at most fifty projects."""
        return self.lo <= self.hi and 0 < len(self.ids) <= IDS_MAX and len(self.parents) <= IDS_MAX

    @property
    def in_hand(self) -> tuple[str, ...]:
        """List the projects of these runs, whose names they carry."""
        return tuple(self.parents)

    @property
    def about(self) -> str | None:
        """Give the first of these runs."""
        return next(iter(self.ids), None)

    def api(self, context: Context) -> Api:
        """Choose v1 for what may be older than the instance's v2."""
        return run_api.at(context, self.lo)

    def rows_max(self, context: Context) -> int:
        """Return the endpoint's own maximum."""
        return run_queries.ROWS_MAX[self.api(context)]

    def asked_ids(self, limit: int, knowledge: bytes) -> Sequence[str] | None:
        """List these runs."""
        return self.ids

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """Ask for the next page of these runs."""
        asked = Question(self.parents, self.lo, self.hi, self.ids, cursor=self.cursor)
        return run_queries.call(asked, self.api(context), context, limit)

    def page(self, body: bytes, context: Context, limit: int) -> RecordPage:
        """Cut an envelope of runs."""
        return run_queries.page(body, self.api(context), limit)

    def after(self, page: Page, context: Context) -> Outcome:
        """Ask again for ids that have not come, unless that was the last page."""
        delivered = [row["run_id"] for row in page.rows]
        rest = self._behind(delivered) if page.longer else self._rest(delivered, page.cursor)
        return Outcome(rest=(rest,) if rest else (), memory=noted(page.rows, context))

    def _rest(self, delivered: Sequence[str], cursor: str | None) -> RunsById | None:
        ids = self.ids.without(delivered)
        if cursor is None or not ids or cursor == self.cursor:
            return None
        return replace(self, ids=ids, cursor=None) if ids != self.ids else replace(self, cursor=cursor)

    def _behind(self, delivered: Sequence[str]) -> RunsById | None:
        """Return the item behind the first rows of a page that was too long; None where all its ids have come."""
        ids = self.ids.without(delivered)
        if ids == self.ids:
            raise UpstreamError(LONGER)
        return replace(self, ids=ids, cursor=None) if ids else None

    def cut_before(self, rows: Sequence[tuple[str, str | None]], context: Context) -> RunsById:
        """Return the item without the runs that came before the last of `rows`."""
        return replace(self, ids=self.ids.without([one for one, _ in rows[:-1]]), cursor=None)

    def restarted(self) -> RunsById:
        """Drop the cursor."""
        return replace(self, cursor=None)

    def again(self) -> RunsById | None:
        """Drop the cursor that was refused."""
        return self.restarted()

    def kept(self) -> RunsById:
        """Drop a long cursor."""
        return self if len(self.cursor or "") <= CURSOR_MAX else self.restarted()

    def of_api(self, context: Context) -> tuple[Item, ...]:
        """Drop the cursor. v1 looks at the ids alone; v2 cannot be asked for runs of no project."""
        askable = self.parents or self.api(context) == "v1"
        return (replace(self, cursor=None, limit=0),) if askable else ()

    def without(self, context: Context) -> Outcome | None:
        """Halve the projects until the deleted one stands alone, and pass over it."""
        half = len(self.parents) // 2
        parts = (self.parents[:half], self.parents[half:]) if half else ()
        return Outcome(rest=tuple(replace(self, parents=part, cursor=None) for part in parts))

    def within(self, context: Context) -> tuple[Item, ...]:
        """Keep the projects that are read. Runs of no project are asked for only where every project is read."""
        parents = self.parents.only(one for one in self.parents if context.reads(one))
        if not context.on(RUN.name) or not (parents or (not self.parents and context.reads_all)):
            return ()
        kept = self.kept() if parents == self.parents else replace(self, parents=parents, cursor=None)
        return (kept,)


def by_id(pairs: Sequence[tuple[str, str | None]], context: Context) -> tuple[Item, ...]:
    """Return the work that reads runs (pairs of run and project) again by id, fifty at a time."""
    bounds = context.bounds
    if bounds is None or not bounds.oldest < bounds.runs_to:
        return ()
    parts = (pairs[at : at + IDS_MAX] for at in range(0, len(pairs), IDS_MAX))
    return tuple(
        RunsById(
            lo=bounds.oldest,
            hi=bounds.runs_to,
            ids=Ids(run for run, _ in part),
            parents=Ids(dict.fromkeys(project for _, project in part if project)),
        )
        for part in parts
    )


def in_parts(ids: Sequence[str]) -> Iterator[Ids]:
    """Split ids into parts of at most fifty."""
    return (Ids(ids[at : at + IDS_MAX]) for at in range(0, len(ids), IDS_MAX))
