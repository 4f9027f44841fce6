"""Runs that had not ended when they were read: which a look asks for again, and for how long.

The ledger itself is packed in `ledgers`. Every page of runs notes its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from langsmith_core.records.rows import Row
from langsmith_core.records.times import parse
from langsmith_core.streams.bounds import UNFINISHED_AGE
from langsmith_core.streams.ledgers import OpenRun
from langsmith_core.streams.memory import Memory
from langsmith_core.streams.work import Context

UNFINISHED_MAX = 300
SETTLED = timedelta(minutes=15)
"""LangSmith writes tokens and costs shortly after the end: a run is asked for once more until it has ended this long ago."""


def noted(rows: Sequence[Row], context: Context) -> Memory:
    """The memory with a page's unfinished runs noted, and those that have ended forgotten."""
    if context.bounds is None and context.past is None:
        return context.memory
    until = context.bounds.until if context.bounds else context.done_to
    counted = context.bounds.counted_from if context.bounds else context.done_to
    if until is None or counted is None:
        return context.memory
    found = [one for row in rows if (one := _open_run(row, until))]
    runs = context.memory.runs
    read = [row["run_id"] for row in rows]
    ledger, dropped = runs.unfinished.noted(read, found, UNFINISHED_MAX, counted - UNFINISHED_AGE)
    overflow = max(filter(None, (runs.overflow, dropped)), default=None)
    return context.memory.with_runs(replace(runs, unfinished=ledger, overflow=overflow))


def _open_run(row: Row, until: datetime) -> OpenRun | None:
    if not row["start_time"] or not row["project_id"]:
        return None
    settled = row["end_time"] is not None and parse(row["end_time"]) < until - SETTLED
    return None if settled else OpenRun(parse(row["start_time"]), row["run_id"], row["project_id"])
