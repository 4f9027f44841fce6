"""States in the middle of things, rows as pages bring them, and an agenda driven page by page without an engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from langsmith_core.records import rows, times
from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.rows import Row
from langsmith_core.streams import registry
from langsmith_core.streams.context import Outcome, Page
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.registry import DATASET, FEEDBACK, PROJECT, RUN, TABLE_OF
from langsmith_core.sync import agenda, look, scope
from langsmith_core.sync.context import context_of
from langsmith_core.sync.state import Look, Reason, State, Task
from samples import NOW, encoded, settings

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SOURCE = "0123456789abcdef"
LAG = timedelta(minutes=15)
"""How long LangSmith may take to show what it has taken in."""
SOON = NOW + 5 * MINUTE
"""Where the windows of runs end: an application's clock may run ahead."""
YEAR_AGO = NOW - 400 * DAY
"""The longest that LangSmith keeps anything."""
WEEK_AGO = SOON - 7 * DAY


def uid(letter: str, number: int = 0) -> str:
    """An id that says what it is of: a hexadecimal letter and a number."""
    return f"{letter * 8}-0000-4000-8000-{number:012}"


A, B, C, D = (uid(letter) for letter in "abcd")


def ago(days: float) -> str:
    """A START_TIME so many days back."""
    return times.render(NOW - days * DAY)


def project(ident: str, last_run: datetime | None = None) -> Row:
    """A project's row; its newest run began then."""
    last = times.render(last_run) if last_run else None
    return rows.to_row(PROJECT, encoded({"id": ident, "name": "p", "last_run_start_time": last}), {})


def dataset(ident: str) -> Row:
    """A dataset's row."""
    return rows.to_row(DATASET, encoded({"id": ident, "name": "d"}), {})


def run(ident: str, project_id: str, start: datetime, end: datetime | None = None) -> Row:
    """A run's row."""
    fields = {"id": ident, "session_id": project_id, "start_time": times.render(start), "end_time": end and times.render(end)}
    return rows.to_row(RUN, encoded(fields), {})


def feedback(ident: str, run_id: str | None, at: datetime | None, **fields: Any) -> Row:
    """A row of feedback, given at that time."""
    record = {"id": ident, "run_id": run_id, "session_id": A, "created_at": at and times.render(at), **fields}
    return rows.to_row(FEEDBACK, encoded(record), {})


def done(at: datetime, ids: Iterable[str] | None = None, /, **configuration: str) -> State:
    """The state after a finished sync of that time, under that configuration, whose PROJECTS meant these ids."""
    projects = None if ids is None else Ids(ids)
    read = scope.of(settings(**configuration))
    return State(source=SOURCE, api="v1", done_to=at, scope=read, projects=projects, reconciled=at)


def opened(state: State, ids: Iterable[str] | None = None, now: datetime = NOW, /, **configuration: str) -> State:
    """The state with a look begun under that configuration."""
    return look.opened(state, settings(**configuration), None if ids is None else Ids(ids), now)


def knowing(state: State, table: str, *ids: str) -> State:
    """The state after a listing of the table that had these ids."""
    return replace(state, memory=state.memory.with_known(table, Ids(ids)))


def in_hand(state: State) -> Look:
    """The look in progress."""
    assert state.look
    return state.look


def works(tasks: Iterable[Task]) -> list[Item]:
    """What these tasks ask for."""
    return [task.work for task in tasks]


def with_tasks(state: State, *tasks: Task, **fields: Any) -> State:
    """The state whose look has these tasks in hand, and other values."""
    return replace(state, look=replace(in_hand(state), agenda=tasks, **fields))


def waits(work: Item, reason: Reason = "failed", since: datetime | None = None) -> Task:
    """An item that was put aside."""
    return Task(work, reason, since)


def begun(state: State, **configuration: str) -> tuple[State, Task]:
    """The state and the task that it asks for next."""
    task = agenda.next_task(state)
    assert task
    return agenda.begun(state, settings(**configuration), task)


def answered(state: State, found: Sequence[Row] = (), limit: int = 100, /, **configuration: str) -> State:
    """The state past its next task, which LangSmith answers with one page of these rows."""
    state, task = begun(state, **configuration)
    context = context_of(state, settings(**configuration), task)
    key = TABLE_OF[task.work.table_name].key
    question = task.work.request(context, limit, b"")
    page = Page(found, None, NOW, limit, marks=[row[key] for row in found])
    outcome = question if isinstance(question, Outcome) else task.work.after(page, context)
    return agenda.applied(state, task, outcome)


def at_stream(state: State, name: str, **configuration: str) -> State:
    """The state whose look has just opened a stream; what the streams before it had in hand is dropped."""
    while name in in_hand(state).to_open:
        state = look.opened_next(agenda.with_agenda(state, ()), settings(**configuration))
    return state


def at_the_end(state: State, **configuration: str) -> State:
    """The state whose look has opened every stream, and tries again what was put aside."""
    last = registry.STREAMS[-1].table.name
    return look.opened_next(agenda.with_agenda(at_stream(state, last, **configuration), ()), settings(**configuration))


def ended(state: State, calls: int = 0, /, **configuration: str) -> State:
    """The state after its look, which so many calls have gone on with, and whose questions all had empty answers."""
    for _ in range(calls):
        state = look.continued(state)
    while state.look:
        state = look.opened_next(agenda.with_agenda(state, ()), settings(**configuration))
    return state
