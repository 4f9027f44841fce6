"""Runs that are asked for by id: those that had not ended, those that feedback has touched, those whose payload is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from langsmith_core.calls import Call
from langsmith_core.records.ids import NO_IDS, Ids
from langsmith_core.streams import run_queries
from langsmith_core.streams.bounds import Count, Moment
from langsmith_core.streams.runs_open import noted
from langsmith_core.streams.work import IDS_MAX, Api, Context, Outcome, Page, Work

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item


class RunsById(Work, frozen=True, kw_only=True):
    """Runs by `ids`, of the projects `parents`, whose starts lie in `[lo, hi)`. At most 50; ids that came are taken out."""

    lo: Moment
    hi: Moment
    ids: Ids
    parents: Ids = NO_IDS
    cursor: str | None = None
    limit: Count = 0

    @property
    def table_name(self) -> str:
        """Runs."""
        return run_queries.TABLE

    @property
    def named(self) -> tuple[str, ...]:
        """Runs carry their project's name."""
        return tuple(self.parents)

    @property
    def in_hand(self) -> tuple[str, ...]:
        """The projects of these runs."""
        return tuple(self.parents)

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """The next page of these runs."""
        return run_queries.by_id(run_queries.Window(self.parents, self.lo, self.hi), self.ids, self.cursor, context, limit)

    def records(self, body: bytes, api: Api) -> tuple[list[bytes], str | None]:
        """An envelope of runs."""
        return run_queries.records(body, api)

    def after(self, page: Page, context: Context) -> Outcome:
        """The ids that have not come are asked for again, unless that was the last page."""
        rest = self._rest([row["run_id"] for row in page.rows], page.cursor)
        return Outcome(rest=(rest,) if rest else (), memory=noted(page.rows, context))

    def _rest(self, delivered: Sequence[str], cursor: str | None) -> RunsById | None:
        ids = self.ids.without(delivered)
        if cursor is None or not ids or cursor == self.cursor:
            return None
        return replace(self, ids=ids, cursor=None) if ids != self.ids else replace(self, cursor=cursor)

    def cut_before(self, rows: Sequence[tuple[str, str | None]], api: Api) -> RunsById:
        """The item without the runs that came before the last of `rows`."""
        return replace(self, ids=self.ids.without([one for one, _ in rows[:-1]]), cursor=None)

    def restarted(self) -> RunsById:
        """The item without its cursor."""
        return replace(self, cursor=None)

    def again(self) -> RunsById | None:
        """The item after its cursor was refused."""
        return self.restarted()

    def of_api(self, api: Api) -> tuple[Item, ...]:
        """v1 looks at the ids alone; v2 cannot ask for runs of no project."""
        return (replace(self, cursor=None, limit=0),) if self.parents or api == "v1" else ()

    def without(self, context: Context) -> Outcome | None:
        """A project is gone: the projects are asked one by one, one alone is passed over."""
        if len(self.parents) <= 1:
            return Outcome()
        return Outcome(rest=tuple(replace(self, parents=Ids((one,)), cursor=None) for one in self.parents))

    def of_scope(self, context: Context) -> Item | None:
        """The item without projects that are no longer read."""
        parents = Ids(one for one in self.parents if context.reads(one))
        read = context.on(self.table_name) and (parents or not self.parents)
        return replace(self, parents=parents) if read else None


class Unfinished(Work, frozen=True):
    """The unfinished runs that the ledger holds, past a start in seconds and a run's id: 50 at a time.

    Runs within the look's own window are not among them: they are read with it.
    """

    start: Count = 0
    run_id: str = ""

    @property
    def table_name(self) -> str:
        """Runs."""
        return run_queries.TABLE

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """No question of its own: the next runs by id."""
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
            return Outcome()
        parents, ids = Ids(dict.fromkeys(one.project_id for one in entries)), Ids(one.run_id for one in entries)
        runs = RunsById(lo=entries[0].start, hi=bounds.runs_to, ids=ids, parents=parents)
        last = entries[-1]
        return Outcome((runs,), (replace(self, start=int(last.start.timestamp()), run_id=last.run_id),))
