"""The engine: from a state to batches of rows, each with the state that fits it.

    LangSmith --page--> rows --> batch (rows, state) --> the face: rows first, then the state

Here: the loop and its bounds. Not here: what comes next (agenda, look), how a page becomes lines (page), what a failing page
means (failing), how to send (langsmith), where rows go (the faces).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime

from msgspec.structs import replace

from langsmith_core.calls import INFO, Call, Reply, Source
from langsmith_core.errors import GoneError, OutOfTimeError, RefusedError, SyncError, UpstreamError
from langsmith_core.privacy.rules import Hidden
from langsmith_core.records.json_text import MalformedError
from langsmith_core.settings.config import Settings
from langsmith_core.streams import run_queries
from langsmith_core.streams.work import Context, Outcome
from langsmith_core.sync import agenda, look, names, page_size, payloads_missing
from langsmith_core.sync.batch import Batch, Limits
from langsmith_core.sync.context import context_of
from langsmith_core.sync.failing import Failing, malformed
from langsmith_core.sync.page import Pages, Read
from langsmith_core.sync.payloads import Payloads
from langsmith_core.sync.state import State, Task

EMPTIES_MAX = 9
"""Fivetran ends a connection after more than ten empty answers in a row."""
_log = logging.getLogger(__name__)


class Engine:
    """One pass over the work that a state has left. `known` caches names of parents; it is no state."""

    def __init__(
        self,
        settings: Settings,
        source: Source,
        now: Callable[[], datetime],
        limits: Limits,
        known: names.Names | None = None,
    ) -> None:
        self._settings, self._source, self._now, self._limits = settings, source, now, limits
        self._hidden = Hidden(settings)
        self._payloads = Payloads(source, limits, self._hidden)
        self._pages = Pages(self._payloads, known or names.Names(), self._ask, limits, self._hidden)
        self._failing = Failing(settings, self._ask, now)
        self._answered: tuple[Call, Reply] | None = None
        self._requests = 0
        self._page_bytes = 0

    def batches(self, state: State) -> Iterator[Batch]:
        """Batches until the work is done, the time is over or a failure stops it; the last has `has_more` false if done.

        Raises SyncError only where nothing at all was gained; a later failure is logged and ends the pass.
        """
        begun, (state, fresh), gained = state, self._begun(state), False
        while True:
            batch, failure = self._batch(state, fresh=fresh)
            gained = gained or (batch.pages > 0 and not (failure and _same(batch.state, begun)))
            if failure and not gained:
                raise failure
            if failure and not isinstance(failure, OutOfTimeError):
                _log.error("stopped early, what was read is kept: %s", failure)
            yield _closed(batch, self._now())
            state, fresh = batch.state, False
            if failure or not batch.has_more or state.drained or self._limits.seconds_left() <= 0:
                return

    def _begun(self, state: State) -> tuple[State, bool]:
        """The state that a call goes on from, and whether it first looks at the workspace anew."""
        now = self._now()
        state = look.unstuck(look.continued(state), now)
        retrying = look.retrying(state, self._settings, now)
        if retrying:
            return retrying, False
        return state, state.drained or look.outdated(state, self._settings, now)

    def _batch(self, state: State, *, fresh: bool) -> tuple[Batch, SyncError | None]:
        """Pages until the batch is full, the work is done, the time is over, or one fails."""
        batch, self._requests = Batch(state), 0
        failure: SyncError | None = None
        try:
            if fresh:
                batch.state = self._opened(state)
            self._fill(batch)
        except (SyncError, MalformedError) as error:
            failure = malformed(error)
        batch.requests = self._requests
        return batch, failure or (self._failing.last if batch.state.drained else None)

    def _fill(self, batch: Batch) -> None:
        """At least one step, then more while there is room and time."""
        more = not batch.state.drained
        while more:
            if look.due(batch.state, self._now()):
                batch.state = self._opened(batch.state)
            room = self._step(batch)
            batch.state = self._settled(batch.state)
            room = room and batch.size + self._page_bytes <= self._limits.bytes_max
            more = room and self._limits.seconds_left() > 0 and not batch.state.drained
        batch.has_more = not batch.state.drained or any(task.reason == "failed" for task in batch.state.later)

    def _settled(self, state: State) -> State:
        """The state past whatever ends without a request, so that a call whose last request failed knows it was the last."""
        while not state.drained and agenda.next_task(state) is None:
            state = look.opened_next(state, self._settings)
        return state

    def _opened(self, state: State) -> State:
        api = run_queries.run_api(self._ask(INFO).body)
        projects = names.resolved(self._settings, self._ask, first=state.scope is None)
        left_out = names.left_out(self._settings, self._ask)
        return look.opened(agenda.switched(state, api), self._settings, projects, self._now(), left_out)

    def _step(self, batch: Batch) -> bool:
        """Read one page into the batch. False: it does not fit beside what is there, and the position has not moved."""
        task = agenda.next_task(batch.state)
        if task is None:
            batch.state = look.opened_next(batch.state, self._settings)
            return True
        state, task = agenda.begun(batch.state, task)
        if task.reason == "payload" and self._payloads.failing:
            batch.state = payloads_missing.put_back(state, self._settings, task)
            return True
        limit = page_size.rows_of(task.work, state.memory, state.api or "v1", self._settings.page_size, self._limits.bytes_max)
        try:
            return self._read(batch, state, task, limit)
        except (UpstreamError, MalformedError) as error:
            batch.state = self._failing.past(batch, state, task, limit, malformed(error))
        return True

    def _read(self, batch: Batch, state: State, task: Task, limit: int) -> bool:
        """Ask the task's question and take in its page; or take its outcome where there is nothing to ask."""
        context = context_of(state, self._settings, task, self._hidden.asked)
        knowledge = self._knowledge(task, context)
        if isinstance(knowledge, Outcome):
            return self._done(batch, state, task, knowledge)
        asked = task.work.request(context, limit, knowledge)
        if isinstance(asked, Outcome):
            return self._done(batch, state, task, asked)
        read = self._pages.read(task, self._ask(asked), context, limit, knowledge, self._limits.bytes_max - batch.size)
        return self._take(batch, state, task, self._pages.encode(read, task, context, self._now()), context)

    def _done(self, batch: Batch, state: State, task: Task, outcome: Outcome) -> bool:
        """Move past a task that has nothing to ask."""
        batch.take(outcome, self._now())
        batch.state = agenda.applied(state, task, outcome)
        return True

    def _knowledge(self, task: Task, context: Context) -> bytes | Outcome:
        """The answer to the task's first question, asked once in a pass; the outcome where LangSmith does not take it."""
        question = task.work.first_question()
        if question is None:
            return b""
        if self._answered is None or self._answered[0] != question:
            try:
                self._answered = (question, self._ask(question))
            except (RefusedError, GoneError) as error:
                outcome = task.work.unanswered()
                if outcome is None:
                    raise
                _log.warning("%s %s: %s", task.work.table_name, task.work.in_hand[:1], error)
                return outcome
        return self._answered[1].body

    def _take(self, batch: Batch, state: State, task: Task, read: Read, context: Context) -> bool:
        """Put a page into the batch and move the state past it, if it fits."""
        state = replace(state, memory=page_size.weighed(state.memory, read.table.name, read.size, len(read.lines)))
        if read.size > self._limits.bytes_max and read.limit > 1:
            batch.state = agenda.replaced(state, task, page_size.cut(task.work, read.limit, read.size, self._limits.bytes_max))
            return True
        if batch.size and batch.size + read.size > self._limits.bytes_max:
            batch.state = replace(batch.state, memory=state.memory)
            return False
        self._page_bytes = max(self._page_bytes, read.size)
        outcome = self._pages.outcome(task, read, replace(context, memory=state.memory))
        outcome = page_size.grown(outcome, read.size, self._limits.bytes_max)
        state = payloads_missing.noted(_timed(state, read), self._settings, task, read.unfilled, self._now())
        batch.state = agenda.applied(state, task, outcome)
        batch.add(read.table.name, read.lines, read.size)
        batch.take(outcome, self._now())
        return True

    def _ask(self, call: Call) -> Reply:
        self._requests += 1
        return self._source.fetch(call)


def _timed(state: State, read: Read) -> State:
    """The state with the time of a table's newest row."""
    if read.newest is None:
        return state
    newest = max(read.newest, state.newest.get(read.table.name, read.newest))
    return replace(state, newest={**state.newest, read.table.name: newest})


def _same(state: State, other: State) -> bool:
    """Whether two states stand at one place: what was read between them was for nothing."""
    return _place(state) == _place(other)


def _place(state: State) -> State:
    runs = replace(state.memory.runs, row_bytes=0)
    return replace(state, empties=0, memory=state.memory.with_runs(runs), newest={}, answered=None)


def _closed(batch: Batch, now: datetime) -> Batch:
    """Count answers without rows: at most nine in a row ask to be called again (law 3)."""
    empties = 0 if batch.size or not batch.has_more else batch.state.empties + 1
    if empties > EMPTIES_MAX:
        batch.has_more, empties = False, 0
    batch.state = look.answered(replace(batch.state, empties=empties), now)
    return batch
