"""What a failing page means: ask another way, skip what is gone, or put the work aside and continue with the rest.

Here: the choice, and telling work that fails from a LangSmith that fails. Not here: retries (langsmith.client), which answer
means which error (langsmith.answers), how the agenda changes (agenda).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from langsmith_core.calls import CREDENTIALS, Call, Fetch
from langsmith_core.errors import (
    CredentialsError,
    GoneError,
    LimitedError,
    NotJsonError,
    NotServedError,
    OutOfTimeError,
    RefusedError,
    SyncError,
    TooHeavyError,
    TooLargeError,
    UpstreamError,
)
from langsmith_core.records.json_text import MalformedError
from langsmith_core.remarks import Remark, Remarks
from langsmith_core.settings.config import Settings
from langsmith_core.streams.context import Context, Outcome
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.offset_list import Offset
from langsmith_core.streams.projects import LISTING
from langsmith_core.streams.queue_items import QueueItems
from langsmith_core.streams.registry import RUN
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.streams.work import with_limit
from langsmith_core.sync import agenda, page_size, state_size
from langsmith_core.sync.batch import Batch
from langsmith_core.sync.failing_lists import broken_off, without_cursor
from langsmith_core.sync.failing_runs import RunQueries, of
from langsmith_core.sync.not_offered import Offers, is_optional
from langsmith_core.sync.state import State, Task

GONE = Remark("%s: deleted in LangSmith before it was read whole; no action is needed")
PASSED_OVER = Remark("%s: a record is larger than the limit of an answer and is skipped; make it smaller", logging.ERROR)
SKIPPED_MAX = 10
"""Too large records that one pass may pass over. Where there are more, the answers are too large and not the records."""
LATER_MAX = 20
"""Work that may be put aside as failed. Where there is more, LangSmith fails and not the work."""
_log = logging.getLogger(__name__)
Failure = TypeVar("Failure", bound=SyncError)


class Failing:
    """The failures of one pass. `last` is the error of the work put aside last; `stalled` is a list that has failed."""

    def __init__(
        self,
        settings: Settings,
        ask: Fetch,
        now: Callable[[], datetime],
        remarks: Remarks,
        context: Callable[[State, Task | None], Context],
    ) -> None:
        self._settings, self._ask, self._now, self._remarks, self._context = settings, ask, now, remarks, context
        self._runs = RunQueries(settings, ask, remarks, context)
        self._offers = Offers(ask, remarks, context)
        self._skipped = 0
        self._stalled: tuple[Item, UpstreamError] | None = None
        self.last: UpstreamError | None = None

    @property
    def stalled(self) -> Item | None:
        """The list of parents that has failed in this pass. It is broken off once its gathered parents are read."""
        return self._stalled[0] if self._stalled else None

    def past(self, batch: Batch, state: State, task: Task, limit: int, knowledge: bytes, error: UpstreamError) -> State:
        """Find the state that goes on after a failing page. Raises an UpstreamError where nothing can go on."""
        if isinstance(error, GoneError):
            return self._without(batch, state, task, error)
        if isinstance(error, NotJsonError) and self._offers.is_missing(state, task):
            self._ask(CREDENTIALS)
            return self._offers.left_out(batch, state, task)
        return self._around(batch, state, task, limit, knowledge, error) or self._aside(state, task, error)

    def past_stalled(self, state: State, task: Task) -> State | None:
        """Go on without a list of parents that has failed in this pass; None for any other task."""
        if self._stalled is None or task.work != self._stalled[0]:
            return None
        return self._passed_over(state, task, self._stalled[1])

    def _around(self, batch: Batch, state: State, task: Task, limit: int, knowledge: bytes, error: UpstreamError) -> State | None:
        """Try the failed page another way; None where there is none."""
        work = task.work
        if isinstance(error, NotServedError) and work.table_name == RUN.name:
            return self._runs.switched(state, task)
        if isinstance(error, RefusedError) and isinstance(work, (RunWindow, RunsById)):
            return self._runs.refused(state, task, work, limit, error)
        if isinstance(error, RefusedError) and isinstance(work, QueueItems):
            return without_cursor(state, task, work, self._remarks)
        if isinstance(error, TooHeavyError) and limit > 1 and page_size.has_pages(work):
            return agenda.replaced(page_size.refused(state, work, limit), task, with_limit(work, limit // 2))
        return self._behind(batch, state, task, knowledge) if isinstance(error, TooLargeError) else None

    def _behind(self, batch: Batch, state: State, task: Task, knowledge: bytes) -> State | None:
        """Move behind one record of a list that is too large to be read.

        None where the work is no list, or where this pass has passed over too many.
        """
        work = task.work
        outcome = work.behind_one(self._context(state, task), knowledge) if self._skipped < SKIPPED_MAX else None
        if outcome is None:
            return None
        self._skipped += 1
        place = f"the record at offset {work.offset}" if isinstance(work, Offset) else None
        self._remarks.add(PASSED_OVER, work.table_name, of=next(iter(work.asked_ids(1, knowledge) or ()), place))
        batch.take(outcome, self._now())
        return agenda.applied(state, task, outcome)

    def _without(self, batch: Batch, state: State, task: Task, error: GoneError) -> State:
        """Move past a record that is gone: delete a parent that is no longer listed, pass over work on one.

        Raises GoneError where a 404 has no meaning: a list is always there.
        """
        work = task.work
        if work.table_name == RUN.name and len(work.in_hand) == 1 and self._is_there(work.in_hand[0]):
            # What is not there is the page itself: this instance has the other run API.
            missing = NotServedError(str(error))
            return self._runs.switched(state, task) or self._aside(state, task, missing)
        elsewhere = work.elsewhere(self._context(state, task))
        if elsewhere:
            return agenda.replaced(state, task, elsewhere)
        if self._offers.is_missing(state, task):
            return self._offers.left_out(batch, state, task)
        outcome = None if work.is_list else work.without(self._context(state, task))
        if outcome is None:
            raise error
        self._remarks.add(GONE, work.table_name, of=work.about)
        batch.take(outcome, self._now())
        batch.pages += 1
        return agenda.applied(state, task, outcome)

    def not_allowed(self, batch: Batch, state: State, task: Task, error: CredentialsError) -> State:
        """Leave out a stream that the key may not read, where it may read the rest. Raises the error for any other."""
        return self._offers.not_allowed(batch, state, task, error)

    def _is_there(self, project: str) -> bool:
        """Tell whether the project of a run query exists."""
        try:
            self._ask(Call("GET", f"{LISTING.path}/{project}", query=LISTING.of_record))
        except GoneError:
            return False
        return True

    def _aside(self, state: State, task: Task, error: UpstreamError) -> State:
        """Put work aside that fails after all retries. Raises where LangSmith itself fails, or asks to come later."""
        if isinstance(error, (OutOfTimeError, LimitedError)):
            raise error
        self._ask(CREDENTIALS)
        return self._passed_over(state, task, error)

    def _passed_over(self, state: State, task: Task, error: UpstreamError) -> State:
        halves = task.work.halves()
        if halves:
            return agenda.replaced(state, task, *halves)
        if task.work.is_list and agenda.next_task(state, task.work) != task:
            self._stalled = (task.work, error)
            return state
        self._stalled = None
        breaks = task.work.is_list and not is_optional(task)
        after = broken_off(state, task) if breaks else self._for_later(state, task)
        if after is None:
            raise error
        self.last = error
        _log.error(
            "%s: put aside while the rest continues; every sync tries it again: %s",
            task.work.table_name,
            error,
            extra=of(task.work),
        )
        return after

    def _for_later(self, state: State, task: Task) -> State | None:
        """Put the failing part of an item aside; None where no more fit, or the state grows too large."""
        failing, others = task.work.parted(self._context(state, task))
        after = agenda.put_aside(agenda.applied(state, task, Outcome(rest=others)), failing.restarted(), "failed", task.since)
        fits = len(after.waiting("failed")) <= LATER_MAX and state_size.has_room(after, self._settings)
        return after if fits else None


def malformed(error: Failure | MalformedError) -> Failure | UpstreamError:
    """Make an UpstreamError of an answer that cannot be read; leave any other error as it is."""
    if isinstance(error, MalformedError):
        return UpstreamError(f"LangSmith's answer does not have its documented form; upgrade this program: {error}")
    return error
