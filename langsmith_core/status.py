"""The status of a standalone sync, from what its store and sink hold: what GET on `sync` answers.

Pure: the state and the counts of rows in, plain values out. Not here: reading them, which makes no change.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from langsmith_core.state import State
from langsmith_core.streams import STREAMS
from langsmith_core.times import render

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
        "clock_ahead_seconds": known.passes[-1].skew_seconds if known.passes else 0,
        "in_progress": known.cycle is not None,
        "backfill": _backfill(known),
        "put_aside": [piece.table for piece in known.owed],
        "own_usage_only": known.own_usage if known.api == "v2" else None,
        "payloads_missing_in": [project for piece in known.unfilled for project in piece.parents],
        "streams": {stream.table: _stream(known, rows, stream.table, now) for stream in STREAMS},
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
    if state.history is None:
        return None
    listing = state.history.walk.listing
    return {
        "from": render(state.history.lo),
        "to": render(state.history.hi),
        "projects_passed": listing.offset - len(state.history.walk.pending) if listing else None,
    }
