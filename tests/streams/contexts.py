"""Contexts, pages and rows for the tests of streams: what a work item is handed by the engine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from msgspec.structs import replace

from langsmith_core.records import rows, times
from langsmith_core.records.columns import Table
from langsmith_core.records.ids import is_id
from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.rows import Row
from langsmith_core.streams.bounds import AHEAD, INDEX_LAG, OVERLAP, RECENT, RETENTION, Bounds
from langsmith_core.streams.context import Context, Outcome, Page, Scope
from langsmith_core.streams.memory import Memory
from langsmith_core.streams.registry import BY_TABLE, DATASET, FEEDBACK, PROJECT, RUN
from samples import NOW, encoded

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
DONE = NOW - 2 * HOUR
"""When the look before began."""
SOON = NOW + AHEAD
"""The end of every window of runs."""
YEAR_AGO = NOW - RETENTION
"""The start of the oldest run that is read at all."""
SINCE = DONE - OVERLAP - INDEX_LAG
"""Where a later look's windows begin."""
FIRST = Bounds(until=NOW, oldest=YEAR_AGO, runs_from=SOON - RECENT, feedback_from=YEAR_AGO, first_feedback=True)
"""The bounds of a first look."""
LATER = Bounds(until=NOW, oldest=YEAR_AGO, runs_from=SINCE, feedback_from=SINCE, since=DONE, touched_since=DONE - INDEX_LAG)
"""Those of the look after one that began at DONE."""
DEEP = replace(LATER, deep=True)
"""Those of a daily pass."""
ROOM = 2_000


def context(bounds: Bounds | None = LATER, **fields: Any) -> Context:
    """The context of a look with these bounds, on v1, of a workspace where everything is read; with these fields instead."""
    usual: dict[str, Any] = {
        "api": "v1",
        "scope": Scope(),
        "memory": Memory(),
        "room": ROOM,
        "version_bytes": 32_000,
        "head_bytes": 32_000,
    }
    return Context(**{**usual, "fields": every_field, "streams": BY_TABLE, "bounds": bounds, **fields})


def without(*tables: Table) -> Scope:
    """The scope of a configuration that switches these tables off."""
    return Scope(off=tuple(table.name for table in tables))


def every_field(_table: str, names: Sequence[str]) -> list[str]:
    """No field is hidden."""
    return list(names)


def knowing(table: Table, *ids: str) -> Memory:
    """The memory of a listing that had these."""
    return Memory().with_known(table.name, Ids(ids))


def page(
    *found: Row,
    cursor: str | None = None,
    at: datetime = NOW,
    limit: int = 100,
    longer: bool = False,
    whole: bool = True,
    knowledge: bytes = b"",
) -> Page:
    """A page of rows, marked by their keys as the engine marks them."""
    return Page(found, cursor, at, limit, longer, [_mark(row) for row in found], whole, knowledge)


def _mark(row: Row) -> str:
    """A row's key; an id that stands for it where it is none."""
    key = next(iter(row.values()))
    return key if is_id(key) else str(uuid5(NAMESPACE_OID, key))


def remembered(outcome: Outcome) -> Memory:
    """The memory that an outcome leaves."""
    assert outcome.memory is not None
    return outcome.memory


def uid(letter: str, number: int = 0) -> str:
    """An id that says what it is of: a hexadecimal letter and a number."""
    return f"{letter * 8}-0000-4000-8000-{number:012}"


A, B, C, D = (uid(letter) for letter in "abcd")


def project(ident: str, last_run: datetime | None = None, **fields: Any) -> Row:
    """A project's row; its newest run began then."""
    last = times.render(last_run) if last_run else None
    return rows.to_row(PROJECT, encoded({"id": ident, "name": "p", "last_run_start_time": last, **fields}), {})


def dataset(ident: str, **fields: Any) -> Row:
    """A dataset's row."""
    return rows.to_row(DATASET, encoded({"id": ident, "name": "d", **fields}), {})


def run(ident: str, project_id: str | None, start: datetime | None, end: datetime | None = None) -> Row:
    """A run's row."""
    fields: dict[str, Any] = {"id": ident, "session_id": project_id}
    fields |= {name: times.render(value) for name, value in (("start_time", start), ("end_time", end)) if value}
    return rows.to_row(RUN, encoded(fields), {})


def feedback(ident: str, run_id: str | None, at: datetime | None, **fields: Any) -> Row:
    """A row of feedback, given at that time."""
    record = {"id": ident, "run_id": run_id, "session_id": A, "created_at": at and times.render(at), **fields}
    return rows.to_row(FEEDBACK, encoded(record), {})
