"""One step of a pass: ask the next task, read its page, and move the position past it.

Here: the order of a step. Not here: the loop around it (engine), what a page's records become (page). What a failing page means
is in failing; how the agenda moves is in agenda.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from langsmith_core.calls import Only, RecordPage, Source
from langsmith_core.errors import CredentialsError, TooLargeError, UpstreamError
from langsmith_core.privacy.hidden import Hidden
from langsmith_core.records.json_text import MalformedError
from langsmith_core.records.rows import Row
from langsmith_core.remarks import Remarks
from langsmith_core.settings.config import Settings
from langsmith_core.streams.context import Context, Outcome, Page
from langsmith_core.sync import agenda, look, page_notes, page_size, payloads_delivered, payloads_missing
from langsmith_core.sync.ahead import Ahead
from langsmith_core.sync.asking import Asking
from langsmith_core.sync.batch import Batch, Limits
from langsmith_core.sync.failing import Failing, malformed
from langsmith_core.sync.names import Names
from langsmith_core.sync.page import Pages
from langsmith_core.sync.page_read import Asked, Read
from langsmith_core.sync.payloads import Payloads
from langsmith_core.sync.state import State, Task


class Steps:
    """The steps of one pass, and what it has asked so far."""

    def __init__(
        self,
        settings: Settings,
        source: Source,
        now: Callable[[], datetime],
        limits: Limits,
        names: Names,
        remarks: Remarks,
        before: Ahead | None = None,
    ) -> None:
        self._settings, self._now, self._limits, self._remarks = settings, now, limits, remarks
        self._hidden = Hidden(settings)
        self.matches = self._hidden.matches
        self.asking = Asking(settings, source, now, limits, self._hidden.asked, remarks, before)
        self._payloads = Payloads(source, limits, self._hidden, remarks, payloads_delivered.salt_of(settings))
        self._pages = Pages(self._payloads, self.asking.ask, names, limits, self._hidden, remarks)
        self._failing = Failing(settings, self.asking.ask, now, remarks, self.asking.context)
        self.page_bytes = 0

    @property
    def last_failure(self) -> UpstreamError | None:
        """The error of the work that was put aside last."""
        return self._failing.last

    def take(self, batch: Batch) -> bool:
        """Read one page into the batch. False: it does not fit beside what is there, and the position stays."""
        self.asking.stalled = self._failing.stalled
        task = agenda.next_task(batch.state, self._failing.stalled)
        if task is None:
            batch.state = look.opened_next(batch.state, self._settings)
            return True
        stalled = self._failing.past_stalled(batch.state, task)
        if stalled:
            batch.state = stalled
            return True
        state, task = agenda.begun(batch.state, self._settings, task)
        if task.since and self._payloads.failing:
            batch.state = payloads_missing.put_back(state, self._settings, task, self._remarks)
            return True
        context = self.asking.context(state, task)
        limit = self.asking.limit(state, task, context, self._limits.bytes_max - batch.size)
        return self._tried(batch, state, task, limit, context)

    def led_on(self, state: State, task: Task) -> State:
        """Replace a task that asks nothing by the work that it leads to."""
        outcome = task.work.request(self.asking.context(state, task), 0, b"")
        return agenda.applied(state, task, outcome) if isinstance(outcome, Outcome) else state

    def _tried(self, batch: Batch, state: State, task: Task, limit: int, context: Context) -> bool:
        """Read one page. Where one record alone is too large, read it without its payloads."""
        knowledge = b""
        try:
            known = self.asking.knowledge(task, context)
            if isinstance(known, Outcome):
                return self._moved(batch, state, task, known)
            knowledge = known
            return self._asked(batch, state, task, limit, context, knowledge)
        except CredentialsError as error:
            batch.state = self._failing.not_allowed(batch, state, task, error)
        except (UpstreamError, MalformedError) as error:
            traceback.clear_frames(error.__traceback__)  # an error that is kept does not keep the answer
            has_payloads = bool(context.streams[task.work.table_name].payloads)
            alone = isinstance(error, TooLargeError) and limit == 1 and has_payloads
            if alone and context.only is not Only.LIGHT:
                return self._tried(batch, state, task, 1, replace(context, only=Only.LIGHT))
            batch.state = self._failing.past(batch, state, task, limit, knowledge, malformed(error))
        return True

    def _asked(self, batch: Batch, state: State, task: Task, limit: int, context: Context, knowledge: bytes) -> bool:
        """Ask the task's question and take its page in; where there is nothing to ask, take its outcome."""
        question = task.work.request(context, limit, knowledge)
        if isinstance(question, Outcome):
            return self._moved(batch, state, task, question)
        state, context, reply, records = self.asking.page(state, task, question, limit, context)
        at, again = task.work.seen_at or reply.at, reply if batch.size else None
        del reply  # the body goes before rows are made of the page, unless the page may not fit
        read = self._pages.read(self._asked_for(batch, state, task, limit, context, knowledge, at), records)
        if read.heavy or (batch.size and batch.size + read.size > self._limits.bytes_max):
            if again and not read.heavy:
                self.asking.ahead.keep(question, limit, again)
            return self._left(batch, state, task, read)
        state = page_notes.noted(state, self._settings, task, read, context, self._now(), self._remarks)
        page = _page(read, records, at, limit, knowledge)
        outcome = self._outcome(state, task, page, read, context)
        self._delivered(batch, task, read, outcome)
        batch.state = agenda.applied(state, task, page_size.grown(outcome, read.size, self._limits.bytes_max))
        return True

    def _asked_for(
        self, batch: Batch, state: State, task: Task, limit: int, context: Context, knowledge: bytes, at: datetime
    ) -> Asked:
        """Describe what the page was asked for, and what of it goes out."""
        work, now = task.work, self._now()

        def delivers(row: Row, filled: bool) -> bool:
            held = not filled and payloads_missing.held(task, row, context, now)
            return not held and work.delivers(row, context)

        waiting = [one for other in state.agenda if other.work.names_of == work.names_of for one in other.work.waiting_for_names]
        room = self._limits.bytes_max - batch.size
        limit_of_page = limit if page_size.has_pages(work) else 1
        known = payloads_delivered.known(state, context)
        return Asked(work, context, limit_of_page, at, work.asked_ids(limit, knowledge), waiting, room, known, delivers)

    def _left(self, batch: Batch, state: State, task: Task, read: Read) -> bool:
        """Leave a page that is too much to smaller pages, or to the next batch. False: it did not fit beside what is there."""
        state = page_size.weighed(state, task.work.table_name, read.size, len(read.shown))
        if read.heavy:
            smaller = page_size.cut(task.work, len(read.rows), read.size, self._limits.bytes_max)
            batch.state = agenda.replaced(state, task, smaller)
            return True
        batch.state = replace(batch.state, weights=state.weights)
        return False

    def _outcome(self, state: State, task: Task, page: Page, read: Read, context: Context) -> Outcome:
        """Find what the page leads to: the item's own outcome, or the rest of the page where it was cut."""
        now_known = replace(context, memory=state.memory, left_out=state.left_out)
        outcome = task.work.after(page, now_known)
        return replace(outcome, rest=(read.rest,)) if read.rest else outcome

    def _delivered(self, batch: Batch, task: Task, read: Read, outcome: Outcome) -> None:
        table = task.work.table_name
        self.page_bytes = max(self.page_bytes, read.size)
        batch.add(table, read.lines, read.size)
        batch.take(outcome, self._now())
        self.matches.keep(table, len(read.shown))
        batch.pages += 1

    def _moved(self, batch: Batch, state: State, task: Task, outcome: Outcome) -> bool:
        """Move past a task that has nothing to ask."""
        batch.take(outcome, self._now())
        batch.state = agenda.applied(state, task, outcome)
        return True


def _page(read: Read, records: RecordPage, at: datetime, limit: int, knowledge: bytes) -> Page:
    return Page(read.rows, records.cursor, at, limit, records.longer, read.marks, read.whole, knowledge)
