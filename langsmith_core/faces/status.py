"""The status of a standalone sync: progress, lag, last passes and last error, for GET on `sync`.

Pure: the state and the row counts in, plain values out. Not here: reading them (destination), work in hand (status_progress), or
the page for a browser (status_page).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from langsmith_core.completeness.position import Short
from langsmith_core.faces import status_progress
from langsmith_core.records.times import render
from langsmith_core.streams.projects import FindProjects
from langsmith_core.streams.registry import TABLES
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.sync import payloads_missing
from langsmith_core.sync.state import State

GAPS_SHOWN = 100
V1_ENDS = date(2027, 1, 31)
"""The day on which LangSmith removes v1 run queries (API reference, section 0)."""


def of(
    state: State | None, rows: dict[str, int], now: datetime, without: Sequence[str] = (), *, busy: bool = False
) -> dict[str, Any]:
    """Return how far each stream is, what the last passes did, and what failed last. Times are RFC 3339, lag is in seconds.

    `without` are tables that the configuration leaves out for want of an organisation. `busy`: a pass is at work.
    """
    known = state or State(source="")
    return {
        "api": known.api,
        "v1_ends": V1_ENDS.isoformat(),
        "complete_to": render(known.done_to) if known.done_to else None,
        "lag_seconds": round(lag) if (lag := lag_seconds(known, now)) is not None else None,
        "clock_ahead_seconds": known.passes[-1].skew_seconds if known.passes else 0,
        "in_progress": known.look is not None,
        "reading": status_progress.reading(known),
        "this_pass": status_progress.this_pass(known, busy=busy),
        "backfill": _backfill(known),
        "left_out": [*known.not_offered, *without],
        "put_aside": [task.work.table_name for task in known.waiting("failed")],
        "waiting": status_progress.waiting(known),
        "own_usage_only": known.memory.runs.own_usage if known.api == "v2" else None,
        "payloads_missing_in": [project for task in known.waiting("payload") for project in payloads_missing.projects(task)],
        "check": _check(known),
        "streams": {stream.name: _stream(known, rows, stream.name, now) for stream in TABLES},
        "passes": msgspec.to_builtins(known.passes),
        "last_error": msgspec.to_builtins(known.trouble),
    }


def lag_seconds(state: State, now: datetime) -> float | None:
    """Return the age of the newest complete look at the workspace; before there is one, the time since the first look began.

    The look in progress does not count: a failing list can make it begin anew again and again. None where no look ever began.
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


def _check(state: State) -> dict[str, Any]:
    """What the last check of completeness found. `counts`: what LangSmith's count of runs was seen to mean."""
    here = state.completeness
    return {
        "checked_at": render(here.checked_at) if here.checked_at else None,
        "in_progress": here.day is not None or here.rereading,
        "counts": here.meaning,
        "places": here.counted,
        "unknown": here.unknown,
        "gaps": [_gap(one) for one in here.gaps[:GAPS_SHOWN]],
    }


def _gap(gap: Short) -> dict[str, Any]:
    day = f"{gap.day:%Y-%m-%d}" if gap.day else None
    return {"table": gap.table, "parent_id": gap.parent_id, "day": day, "source": gap.source, "destination": gap.destination}


def _backfill(state: State) -> dict[str, Any] | None:
    """The part of history that is still to read: its bounds, and how many projects are listed so far; None when it is done.

    `shards`: so many windows of it are given out; 0 where this pass reads it itself.
    """
    if state.backfill is None:
        return None
    tasks = state.backfill.agenda
    listed = [task.work.offset for task in tasks if isinstance(task.work, FindProjects)]
    waiting = sum(len(task.work.waiting) for task in tasks if isinstance(task.work, RunWindow))
    return {
        "from": render(state.backfill.past.lo),
        "to": render(state.backfill.past.hi),
        "projects_passed": listed[0] - waiting if listed else None,
        "shards": state.backfill.given,
    }
