"""States in the middle of things, rows of parents, and a walk driven to its end, for the tests of cycles and plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from core.samples import NOW, encoded, settings
from langsmith_core import cycles, plan, stages
from langsmith_core.records import rows, times
from langsmith_core.settings.config import Settings
from langsmith_core.records.rows import Row
from langsmith_core.sync.state import Slice, State
from langsmith_core.streams.datasets import DATASET
from langsmith_core.streams.feedback import FEEDBACK
from langsmith_core.streams.projects import PROJECT
from langsmith_core.streams.registry import TABLE_OF
from langsmith_core.streams.run_columns import RUN

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SOURCE = "0123456789abcdef"


def uid(letter: str, number: int = 0) -> str:
    """An id that says what it is of: a hexadecimal letter and a number."""
    return f"{letter * 8}-0000-4000-8000-{number:012}"


A, B, C, D = (uid(letter) for letter in "abcd")


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


def done(at: datetime, ids: tuple[str, ...] | None = None, /, **configuration: str) -> State:
    """The state after a finished sync of that time, under that configuration."""
    scope = cycles.scope_of(settings(**configuration))
    return State(source=SOURCE, api="v1", done_to=at, scope=scope, projects=ids, reconciled=at)


def opened(state: State, ids: tuple[str, ...] | None = None, now: datetime = NOW, /, **configuration: str) -> State:
    """The state with a cycle begun under that configuration."""
    return cycles.opened(state, settings(**configuration), ids, now)


def at_stage(state: State, stage: stages.Stage, **configuration: str) -> State:
    """The state at the beginning of a stage of its cycle."""
    while state.cycle and stages.STAGES[state.cycle.stage] is not stage:
        state = cycles.finished(state, settings(**configuration))
    return state


def walked(
    state: State, found: Mapping[str, Sequence[Row]], chosen: Settings, *, api: str = "v1", steps_max: int = 200
) -> Iterator[tuple[State, Slice]]:
    """Every slice that is asked for until nothing is left, with the state it is asked in; each is answered in one page."""
    for _ in range(steps_max):
        if cycles.drained(state):
            return
        state, piece = plan.next_slice(state, chosen, api)
        if piece is None:
            continue
        yield state, piece
        page = [row for row in found.get(piece.table, ()) if not piece.ids or row[TABLE_OF[piece.table].key] in piece.ids]
        state = plan.absorbed(state, piece, None, page, chosen)
    raise AssertionError("the walk does not come to its end")
