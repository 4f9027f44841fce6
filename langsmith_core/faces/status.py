"""The status of a standalone sync, from what its store and sink hold: what GET on `sync` answers.

Pure: the state and the counts of rows in, plain values out. Not here: reading them, which makes no change.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from langsmith_core.records.times import render
from langsmith_core.streams.projects import FindProjects
from langsmith_core.streams.registry import TABLES
from langsmith_core.sync.state import State

V1_ENDS = date(2027, 1, 31)
"""The day LangSmith removes v1 run queries (API reference, section 0)."""


def of(state: State | None, rows: dict[str, int], now: datetime) -> dict[str, Any]:
    """How far each stream is, what the last passes did, what went wrong last. Times are RFC 3339, lag is in seconds."""
    known = state or State(source="")
    return {
        "api": known.api,
        "v1_ends": V1_ENDS.isoformat(),
        "complete_to": render(known.done_to) if known.done_to else None,
        "lag_seconds": round(lag) if (lag := lag_seconds(known, now)) is not None else None,
        "in_progress": known.look is not None,
        "backfill": _backfill(known),
        "put_aside": [task.work.table_name for task in known.later if task.reason == "failed"],
        "payloads_missing_in": [project for task in known.later if task.reason == "payload" for project in task.work.named],
        "streams": {stream.name: _stream(known, rows, stream.name, now) for stream in TABLES},
        "passes": msgspec.to_builtins(known.passes),
        "last_error": msgspec.to_builtins(known.trouble),
    }


def lag_seconds(state: State, now: datetime) -> float | None:
    """The age of the newest complete look at the workspace; before there is one, the time since the first was begun.

    Not the age of the look in hand: one that a failing list keeps from its end is begun anew again and again. None where none
    was ever begun.
    """
    since = state.done_to or state.begun
    return (now - since).total_seconds() if since else None


def _stream(state: State, rows: dict[str, int], table: str, now: datetime) -> dict[str, Any]:
    newest = state.newest.get(table)
    return {
        "rows": rows.get(table),
        "newest": render(newest) if newest else None,
        "newest_age_seconds": round((now - newest).total_seconds()) if newest else None,
    }


def _backfill(state: State) -> dict[str, Any] | None:
    """The part of history that is still to read: its bounds, and how many projects are listed so far; None when it is done."""
    if state.backfill is None:
        return None
    waiting = sum(task.work.gathering for task in state.backfill.agenda)
    listed = [task.work.offset for task in state.backfill.agenda if isinstance(task.work, FindProjects)]
    return {
        "from": render(state.backfill.past.lo),
        "to": render(state.backfill.past.hi),
        "projects_passed": listed[0] - waiting if listed else None,
    }
