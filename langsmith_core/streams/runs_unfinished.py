"""Runs that had not ended when they were read: which of them a look asks for again, and for how long.

The ledger itself is packed in `ledgers`. Every page of runs notes its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from langsmith_core.records.ids import is_id
from langsmith_core.records.rows import Row
from langsmith_core.records.times import parse, render
from langsmith_core.streams.bounds import FUTURE, UNFINISHED_AGE
from langsmith_core.streams.context import Context
from langsmith_core.streams.ledgers import OpenRun
from langsmith_core.streams.memory import Memory

UNFINISHED_MAX = 300
SETTLED = timedelta(minutes=15)
"""LangSmith writes tokens and costs shortly after the end: a run is asked for once more until it has ended this long ago."""


def noted(rows: Sequence[Row], context: Context) -> Memory:
    """Remember a page's unfinished runs, and forget those that have ended.

    Ages count from the look before. A run that ended after it, in time, is asked for once more, however late this look is.
    """
    until = context.bounds.until if context.bounds else context.done_to
    if until is None:
        return context.memory
    counted = context.bounds.counted_from if context.bounds else until
    oldest = counted - UNFINISHED_AGE
    last = {row["run_id"]: row for row in rows}  # a page that shifts may have a run twice, open and then ended
    settled = render(until - SETTLED)
    found = [one for row in last.values() if not _is_settled(row, settled) and (one := _open_run(row, until))]
    runs = context.memory.runs
    ledger, dropped = runs.unfinished.noted(last, found, UNFINISHED_MAX, oldest)
    overflow = max(filter(None, (runs.overflow, dropped)), default=None)
    return context.memory.with_runs(replace(runs, unfinished=ledger, overflow=overflow))


def _is_settled(row: Row, before: str) -> bool:
    """Return whether a run ended before a time. Both are in the canonical form, which sorts as text."""
    return row["end_time"] is not None and row["end_time"] < before


def _open_run(row: Row, until: datetime) -> OpenRun | None:
    if not row["start_time"] or not (is_id(row["run_id"]) and is_id(row["project_id"])):
        return None
    start = parse(row["start_time"])
    return None if start >= until + FUTURE else OpenRun(start, row["run_id"], row["project_id"])
