"""Streams that a LangSmith does not offer: a refused question leaves an optional stream out, and nothing else.

Here: telling a missing endpoint from a missing parent, and the state without the stream. Not here: which streams are optional
(each stream says so), or when they are asked for again (look).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from langsmith_core.calls import CREDENTIALS, Fetch
from langsmith_core.errors import CredentialsError, GoneError
from langsmith_core.remarks import Remark, Remarks
from langsmith_core.streams.context import Context, Outcome
from langsmith_core.streams.registry import BY_TABLE
from langsmith_core.sync import agenda, look_again
from langsmith_core.sync.batch import Batch
from langsmith_core.sync.state import State, Task

NOT_OFFERED = Remark(
    "%s: this LangSmith does not offer it to this key, so it is left out; no action is needed, or switch the stream off"
)
FORBIDDEN = Remark("%s: the key may not read a record or its children, so they are skipped; allow the key to read them")


class Offers:
    """What LangSmith offers to the key, as its refusals in one pass show it."""

    def __init__(self, ask: Fetch, remarks: Remarks, context: Callable[[State, Task | None], Context]) -> None:
        self._ask, self._remarks, self._context = ask, remarks, context

    def is_missing(self, state: State, task: Task) -> bool:
        """Tell whether a 404 means that an optional stream's endpoint is missing.

        A question by a record's own path is about that record. One about a parent is followed by the question for the parent.
        """
        return is_optional(task) and not task.work.is_record and self._has_parent(state, task)

    def not_allowed(self, batch: Batch, state: State, task: Task, error: CredentialsError) -> State:
        """Leave out what the key may not read: one record or parent alone, or the stream. Raises the error for any other."""
        if not is_optional(task):
            raise error
        self._ask(CREDENTIALS)
        outcome = self._without_one(state, task)
        if outcome is None:
            return self.left_out(batch, state, task)
        self._remarks.add(FORBIDDEN, task.work.table_name, of=task.work.about)
        batch.pages += 1
        return agenda.applied(state, task, replace(outcome, gone=()))

    def left_out(self, batch: Batch, state: State, task: Task) -> State:
        """Go on without the task's stream and the tables of its children."""
        names = with_children(task.work.table_name)
        for name in names:
            if name not in state.not_offered:
                self._remarks.add(NOT_OFFERED, name)
        batch.pages += 1
        return without(state, names)

    def _without_one(self, state: State, task: Task) -> Outcome | None:
        """Say what follows where the key may not read one record or parent; None where it may not read the stream."""
        context = self._context(state, task)
        if task.work.is_record:
            return task.work.behind_one(context, b"")
        return None if self._has_parent(state, task) else task.work.without(context)

    def _has_parent(self, state: State, task: Task) -> bool:
        """Tell whether LangSmith shows the parent that a question is about. What is about no parent counts as if it did."""
        context = self._context(state, task)
        if task.work.is_served(context):
            return False
        question = task.work.parent_question(context)
        try:
            return question is None or bool(self._ask(question))
        except (GoneError, CredentialsError):
            return False


def is_optional(task: Task) -> bool:
    """Tell whether a task is of a stream that a LangSmith may not offer."""
    return BY_TABLE[task.work.table_name].optional


def with_children(table: str) -> tuple[str, ...]:
    """Name a table, and the optional tables whose rows are found through its own."""
    return (table, *(child.name for child in BY_TABLE[table].children if BY_TABLE[child.name].optional))


def without(state: State, names: Sequence[str]) -> State:
    """Drop all work on the tables. What their lists knew is known on, so that a deletion is noticed once they are back."""
    dropped = [task for task in (*state.agenda, *state.later) if task.work.table_name in names]
    kept = [task for task in state.agenda if task not in dropped]
    later = tuple(task for task in state.later if task not in dropped)
    refused = {*state.not_offered, *names}
    state = replace(state, later=later, memory=look_again.known_again(state.memory, dropped))
    return agenda.with_agenda(replace(state, not_offered=tuple(name for name in BY_TABLE if name in refused)), kept)
