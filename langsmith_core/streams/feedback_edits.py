"""Runs whose feedback was edited, and that feedback. Only v2 can be asked; on v1 the daily pass finds edits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from langsmith_core.calls import Call
from langsmith_core.records import json_text
from langsmith_core.records.ids import is_id
from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.rows import Row
from langsmith_core.records.times import parse
from langsmith_core.streams import run_api, run_queries
from langsmith_core.streams.bounds import Count, Moment
from langsmith_core.streams.context import Api, Context, Outcome, Page
from langsmith_core.streams.feedback_columns import FEEDBACK
from langsmith_core.streams.feedback_of_runs import FeedbackOfRuns
from langsmith_core.streams.limits import IDS_MAX, LIST_ROWS_MAX
from langsmith_core.streams.project_columns import PROJECT
from langsmith_core.streams.projects import LISTING
from langsmith_core.streams.run_columns import RUN
from langsmith_core.streams.run_queries import Question
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs_by_id import by_id, in_parts
from langsmith_core.streams.stream import by_id_call
from langsmith_core.streams.work import Work

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item

EDITED_MAX = 200
"""Runs with edited feedback in a page: each fifty of them lead to one more item in the state."""


class EditedFeedback(Work, frozen=True):
    """The projects with feedback, fifty at a time. The first `done` of them have been asked for."""

    asks_nothing: ClassVar[bool] = True

    done: Count = 0

    @property
    def table_name(self) -> str:
        """Name the table of runs: they have the feedback."""
        return RUN.name

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """Ask nothing; return the next projects' runs with edited feedback."""
        bounds, projects = context.bounds, self._next(context)
        if bounds is None or bounds.touched_since is None or not projects or not bounds.oldest < bounds.runs_to:
            return Outcome()
        edited = EditedRuns(lo=bounds.oldest, hi=bounds.runs_to, edited_since=bounds.touched_since, waiting=projects)
        return Outcome((edited,), (EditedFeedback(self.done + len(projects)),))

    def _next(self, context: Context) -> Ids:
        feedback = context.memory.feedback
        served = context.api == "v2" and feedback.edits_served
        if not served or not context.on(RUN.name) or not context.on(FEEDBACK.name):
            return Ids()
        judged = [one for one in feedback.judged.among(context.known(PROJECT.name)) if context.reads(one)]
        return Ids(judged[self.done : self.done + IDS_MAX])

    def within(self, context: Context) -> tuple[Item, ...]:
        """Keep the item: it reads the configuration itself."""
        return (self,)


class EditedRuns(RunWindow, frozen=True, kw_only=True):
    """Runs of a window whose feedback was edited since `edited_since`, and that feedback."""

    outlives_look: ClassVar[bool] = True

    edited_since: Moment

    @property
    def gathering(self) -> int:
        """Gather nothing: the item has all its projects."""
        return 0

    def api(self, context: Context) -> Api:
        """Ask the instance's newest API, since v1 has no such filter."""
        return context.api

    def rows_max(self, context: Context) -> int:
        """Ask for fewer than a page of runs, since each leads to more work."""
        return EDITED_MAX

    @property
    def question(self) -> Question:
        """Build the query in hand, without the keys of feedback."""
        return replace(super().question, edited_since=self.edited_since)

    def first_question(self, context: Context) -> Call | None:
        """Ask for the projects' statistics, which name the keys of their feedback."""
        return by_id_call(LISTING, self.parents, ("include_stats", "true"))

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """Ask for the next page. Pass over projects that have no feedback any more."""
        keys = feedback_keys(knowledge)
        if not keys:
            return Outcome(rest=self.others())
        return run_queries.call(replace(self.question, keys=keys), self.api(context), context, limit)

    def after(self, page: Page, context: Context) -> Outcome:
        """Read the feedback of the page's runs, then the rest of the window.

        On v2 a run from before SmithDB may have its feedback and lack fields. Such a run is read again by v1.
        """
        outcome = super().after(page, context)
        edited = [row for row in page.rows if is_id(row["run_id"])]
        old = [(row["run_id"], row["project_id"]) for row in edited if _is_v1s(row, context)]
        return replace(outcome, first=(*by_id(old, context), *_feedback([row["run_id"] for row in edited])))

    def halves(self) -> tuple[Item, ...]:
        """Never split: the item is put aside whole."""
        return ()

    def without(self, context: Context) -> Outcome | None:
        """Halve the projects until the deleted one stands alone, and pass over it."""
        return Outcome(rest=super().halves() or self.others())

    def of_api(self, context: Context) -> tuple[Item, ...]:
        """Drop the item on v1, where the daily pass finds edits."""
        return () if context.api == "v1" else (replace(self, cursor=None, limit=0),)

    def joined(self, other: Work) -> Item | None:
        """Never merge: each item has its own projects."""
        return None


def _feedback(runs: Sequence[str]) -> tuple[Item, ...]:
    return tuple(FeedbackOfRuns(runs=part) for part in in_parts(runs))


def _is_v1s(row: Row, context: Context) -> bool:
    return bool(row["start_time"]) and run_api.asks_v1(context.memory, parse(row["start_time"]))


def feedback_keys(body: bytes) -> tuple[str, ...]:
    """Return the feedback keys of a page of projects; other records have none. Raises MalformedError where it is no list."""
    records = json_text.first(json_text.strict(body, 3), LIST_ROWS_MAX)[0]
    found = [json_text.picked(one, "feedback_stats") for one in records if one.startswith(b"{")]
    stats = [bytes(one.get("feedback_stats", b"null")) for one in found]
    return tuple(sorted({key for one in stats if one.startswith(b"{") for key in json_text.members(one)}))
