"""What a failing page means: ask another way, pass over what is gone, or put the work aside for the others.

Here: the choice, and telling work that fails from a LangSmith that does. Not here: retries and what an answer means (langsmith),
or how the agenda changes (agenda).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from msgspec.structs import replace

from langsmith_core.calls import CREDENTIALS, Call, Fetch
from langsmith_core.errors import (
    GoneError,
    LimitedError,
    NotServedError,
    OutOfTimeError,
    RefusedError,
    SyncError,
    TooHeavyError,
    UpstreamError,
)
from langsmith_core.records.json_text import MalformedError
from langsmith_core.settings.config import Settings
from langsmith_core.streams.feedback import EditedRuns
from langsmith_core.streams.projects import LISTING
from langsmith_core.streams.run_queries import TABLE
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.streams.work import Outcome, Work, with_limit
from langsmith_core.sync import agenda
from langsmith_core.sync.batch import Batch
from langsmith_core.sync.context import context_of
from langsmith_core.sync.state import State, Task
from langsmith_core.sync.state_json import dump

ROOM = 6_000
"""Bytes that the state of a look may still grow by after work is put aside: a page of parents, the runs a page touches."""
_log = logging.getLogger(__name__)
Failure = TypeVar("Failure", bound=SyncError)


class Failing:
    """The failures of one pass. `last` is that of the work put aside last; None while there is none."""

    def __init__(self, settings: Settings, ask: Fetch, now: Callable[[], datetime]) -> None:
        self._settings, self._ask, self._now = settings, ask, now
        self._switches = 0
        self.last: UpstreamError | None = None

    def past(self, batch: Batch, state: State, task: Task, limit: int, error: UpstreamError) -> State:
        """The state that goes on after a failing page. Raises an error where nothing can go on."""
        if isinstance(error, GoneError):
            return self._without(batch, state, task, error)
        return self._around(state, task, limit, error) or self._aside(state, task, error)

    def _around(self, state: State, task: Task, limit: int, error: UpstreamError) -> State | None:
        """The state that tries the failed page another way; None where there is none."""
        work = task.work
        if isinstance(error, NotServedError) and work.table_name == TABLE and not self._switches:
            self._switches += 1
            _log.warning("this instance does not serve %s run queries; going on with the other API", state.api, extra=_of(work))
            return agenda.switched(state, "v2" if state.api == "v1" else "v1")
        if isinstance(error, RefusedError):
            return _refused(state, task, error)
        if isinstance(error, TooHeavyError) and limit > 1:
            return agenda.replaced(state, task, with_limit(work, limit // 2))
        return None

    def _without(self, batch: Batch, state: State, task: Task, error: GoneError) -> State:
        """The state past a record that is gone: a parent that is listed no more is deleted, work on one is passed over."""
        work = task.work
        if work.table_name == TABLE and len(work.in_hand) == 1 and self._is_there(work.in_hand[0]):
            # What is not there is the page itself: this instance has the other run API.
            missing = NotServedError(str(error))
            return self._around(state, task, 1, missing) or self._aside(state, task, missing)
        outcome = work.without(context_of(state, self._settings, task))
        if outcome is None:
            raise error
        _log.warning("%s: gone from LangSmith while it was read, or since: %s", work.table_name, work.in_hand[:1], extra=_of(work))
        batch.take(outcome, self._now())
        return agenda.applied(state, task, outcome)

    def _is_there(self, project: str) -> bool:
        """Whether the project of a run query exists."""
        try:
            self._ask(Call("GET", f"{LISTING.path}/{project}", query=LISTING.of_record))
        except GoneError:
            return False
        return True

    def _aside(self, state: State, task: Task, error: UpstreamError) -> State:
        """The state without work that fails again and again; raises where it is LangSmith that fails."""
        if isinstance(error, (OutOfTimeError, LimitedError)):
            raise error
        self._ask(CREDENTIALS)
        state = _asked_for_all_fields(state, error)
        halves = task.work.halves()
        if halves:
            return agenda.replaced(state, task, *halves)
        after = self._broken_off(state, task) if task.work.is_list else self._for_later(state, task)
        if after is None:
            raise error
        self.last = error
        text = "%s: put aside, the others go on; it is tried again in every sync: %s"
        _log.error(text, task.work.table_name, error, extra=_of(task.work))
        return after

    def _for_later(self, state: State, task: Task) -> State | None:
        """The state with the failing part of an item put aside; None where no more fit, or the state grows too large."""
        failing, others = task.work.parted()
        outcome = Outcome(rest=others)
        after = agenda.put_aside(agenda.applied(state, task, outcome), failing.restarted(), "failed")
        count = sum(one.reason == "failed" for one in after.later)
        fits = count <= agenda.LATER_MAX and len(dump(after)) <= self._settings.state_bytes_max - ROOM
        return after if fits else None

    def _broken_off(self, state: State, task: Task) -> State | None:
        """The state with a list of parents left for the end of the look, once: a second one that fails, fails."""
        look = state.look
        others = [one for one in state.agenda if one is not task]
        if look is None or any(one.reason == "broken" for one in state.later):
            return None
        if look.returned:
            return agenda.with_agenda(state, (*others, task)) if others else None
        return agenda.put_aside(agenda.applied(state, task, Outcome()), task.work, "broken")


def _refused(state: State, task: Task, error: RefusedError) -> State | None:
    """The state after LangSmith refused a question, which it may take in another form; None where there is no other."""
    work = task.work
    if isinstance(work, (RunWindow, RunsById)) and work.cursor:
        _log.warning("LangSmith no longer takes the page cursor of %s; asking its window again", TABLE, extra=_of(work))
        again = work.again()
        return agenda.replaced(state, task, again) if again else None
    if isinstance(work, EditedRuns):
        text = "LangSmith does not tell which feedback was edited; the daily pass finds it: %s"
        _log.warning(text, error, extra=_of(work))
        feedback = replace(state.memory.feedback, edits_served=False)
        return agenda.applied(state, task, Outcome(memory=replace(state.memory, feedback=feedback)))
    if work.table_name == TABLE and not state.memory.runs.plain:
        _log.warning("LangSmith refuses a run query; asking only for the fields that columns are made of: %s", error)
        runs = replace(state.memory.runs, plain=True)
        return replace(state, memory=state.memory.with_runs(runs))
    return None


def _asked_for_all_fields(state: State, error: UpstreamError) -> State:
    """The state that asks for the full list of fields again: fewer fields have not helped."""
    if not isinstance(error, RefusedError):
        return state
    return replace(state, memory=state.memory.with_runs(replace(state.memory.runs, plain=False)))


def _of(work: Work) -> dict[str, dict[str, str]]:
    """The table that a line is about, as a field of it."""
    return {"fields": {"stream": work.table_name}}


def malformed(error: Failure | MalformedError) -> Failure | UpstreamError:
    """The error that an answer is which cannot be read: LangSmith's. Any other is itself."""
    if isinstance(error, MalformedError):
        return UpstreamError(f"an answer of LangSmith is not in its documented form: {error}")
    return error
