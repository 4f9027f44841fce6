"""Asking LangSmith in one pass: the task's question, what it needs to know first, and what probably comes next, ahead of it.

Here: the order in which requests begin. Not here: what a page's records become (page), or what a failing one means (failing).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from msgspec.structs import replace

from langsmith_core.calls import Call, RecordPage, Reply, Source
from langsmith_core.errors import GoneError, RefusedError, TooLargeError
from langsmith_core.records.json_text import MalformedError
from langsmith_core.remarks import Remark, Remarks
from langsmith_core.settings.config import Settings
from langsmith_core.streams import run_queries
from langsmith_core.streams.context import Context, Fields, Outcome
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.registry import RUN
from langsmith_core.sync import coming, page_size, state_size
from langsmith_core.sync.ahead import Ahead
from langsmith_core.sync.batch import Limits
from langsmith_core.sync.coming import Question, Turn
from langsmith_core.sync.context import context_of
from langsmith_core.sync.state import State, Task

CUT_SECONDS = 0.1
"""Answers that take less are not worth the page at a part's end, which may be half empty."""
PART_BYTES = 1_000
"""Bytes that a part of a window takes in the state, with its cursor."""
NO_DIFFERENCE = Remark("%s: LangSmith gives no difference to the dataset's last version, so all its examples are read")


class Asking:
    """The requests of one pass. `before` holds what an earlier call had under way for the same state.

    `stalled` is a list that has failed in this pass, and is not asked ahead.
    """

    def __init__(
        self,
        settings: Settings,
        source: Source,
        now: Callable[[], datetime],
        limits: Limits,
        fields: Fields,
        remarks: Remarks,
        before: Ahead | None = None,
    ) -> None:
        self._settings, self._limits, self._fields, self._remarks = settings, limits, fields, remarks
        self.ahead = Ahead(source, now, limits.bytes_max, before)
        self._known: tuple[Call, bytes] | None = None
        self.stalled: Item | None = None

    def ask(self, call: Call) -> Reply:
        """Send a call, with all its retries. Raises SyncError."""
        return self.ahead.fetch(call)

    def context(self, state: State, task: Task | None) -> Context:
        """Make the context of an item of this state."""
        made = context_of(state, self._settings, task, self._fields)
        rows = page_size.runs_at_most(state, self._settings, self._limits.bytes_max)
        parts = self._parts(state, min(rows, run_queries.ROWS_MAX[made.api]))
        return replace(made, parts=parts, part_rows=rows) if parts > 1 else made

    def _parts(self, state: State, rows: int) -> int:
        """Count the windows of runs that may take one's place, if their pages have so many `rows`.

        One window has its next page under way while one of its pages is worked on. Each further one takes room in the state.
        """
        if self.ahead.seconds < CUT_SECONDS or not rows:
            return 1
        free = self.ahead.pages_at_once(rows) - sum(one.work.takes_turns for one in state.agenda)
        return min(free, 1 + state_size.room(state, self._settings) // PART_BYTES) if free > 1 else 1

    def limit(self, state: State, task: Task, context: Context, room: int) -> int:
        """Count the rows to ask for: as many as are under way already, or as fit into `room` bytes."""
        planned = coming.question(state, task.work, context, room)
        return planned.limit if task.work.first_question(context) else self.ahead.limit(planned)

    def page(
        self, state: State, task: Task, question: Call, limit: int, context: Context
    ) -> tuple[State, Context, Reply, RecordPage]:
        """Return the answer to the task's question, cut into records, with the state and the context to take it in.

        The state knows how pages of its size do. What probably comes next is begun before the answer is waited for, and again
        once it is here. Raises SyncError, and MalformedError for an answer of unknown shape.
        """
        self.ahead.begin(question, limit, self._coming(state, Turn(task, context, limit)))
        reply = self.ask(question)
        if task.work.teaches:
            self._known = question, reply.body
        records = task.work.page(reply.body, context, limit)
        count, size = len(records.records), len(reply.body)
        self.ahead.rows = count if task.work.table_name == RUN.name else 0
        state = page_size.learned(state, self._settings, task.work, limit, count, size, self._limits.bytes_max)
        context = replace(self.context(state, task), only=context.only)
        self.ahead.plan(self._coming(state, Turn(task, context, limit, records)))
        return state, context, reply, records

    def _coming(self, state: State, turn: Turn) -> Iterator[Question]:
        """Yield what comes after a page, as long as an answer would come in the time of the call."""
        for question in coming.questions(state, turn, self.context, self._limits.bytes_max, self.stalled):
            if self._limits.seconds_left() <= self.ahead.seconds:
                return
            yield question

    def knowledge(self, task: Task, context: Context) -> bytes | Outcome:
        """Get the answer to the task's first question, asked once in a pass; the outcome where no answer can be used."""
        question = task.work.first_question(context)
        if question is None:
            return b""
        if self._known and self._known[0] == question:
            return self._known[1]
        try:
            body = self.ask(question).body
            task.work.understand(body)
        except (RefusedError, GoneError, TooLargeError, MalformedError) as error:
            outcome = task.work.unanswered()
            if outcome is None:
                raise
            self._remarks.add(NO_DIFFERENCE, task.work.table_name, of=task.work.about, why=error)
            return outcome
        self._known = question, body
        return body
