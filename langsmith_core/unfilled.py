"""Runs whose payloads object storage did not give: remembered by id, or many by the window they lie in, and read again at the end
of each cycle.

Pure: state, a page's rows and the clock's reading in, state out. Not here: fetching (payloads), or the stage that reads them
again (cycles).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from msgspec.structs import replace

from langsmith_core import ledger, walks
from langsmith_core.config import Settings
from langsmith_core.parsers import is_id
from langsmith_core.remarks import Remark, Remarks
from langsmith_core.rows import Row
from langsmith_core.stages import IDS_MAX
from langsmith_core.state import Slice, State
from langsmith_core.state_json import dump
from langsmith_core.streams import RUN
from langsmith_core.times import parse
from langsmith_core.windows import TICK, begun

PROJECTS_MAX = 20
"""Projects with such runs that a state remembers."""
GIVEN_UP = timedelta(days=2)
"""A payload that could not be had for so long stays marked, unless the daily pass comes by."""
FIRST_LOOK = timedelta(days=15)
"""A slice that goes back further behind the cycle before is the first look at a project; no other goes back so far."""
GIVEN_UP_ON = Remark(
    "%s: payloads could not be had for two days, and their columns stay marked; let this function reach the storage",
    logging.ERROR,
)
NO_ROOM = Remark(
    "%s: payloads of more projects are owed than a state remembers, and others stay marked; let this function reach the storage",
    logging.ERROR,
)


def held(state: State, piece: Slice, row: Row, now: datetime) -> bool:
    """Whether the row waits for its payload: the destination may have it whole from an earlier reading."""
    if piece.unfilled_since:
        return now - piece.unfilled_since <= GIVEN_UP
    since = state.cycle.since if state.cycle else None
    if since is None or not _can_be_asked_for(row, now):
        return False
    again = piece.ids or (piece.lo is not None and piece.lo >= since - FIRST_LOOK)
    return bool(again) and parse(row["start_time"]) < since


def noted(state: State, settings: Settings, piece: Slice, found: Sequence[Row], now: datetime, remarks: Remarks) -> State:
    """The state with such rows of a page remembered."""
    since = piece.unfilled_since or now
    if now - since > GIVEN_UP:
        for row in found:
            remarks.add(GIVEN_UP_ON, piece.table, of=row["run_id"])
        return state
    timed = [row for row in found if _can_be_asked_for(row, now)]
    for project, group in groupby(sorted(timed, key=_project), _project):
        starts = {row["run_id"]: parse(row["start_time"]) for row in group}
        lo, hi = min(starts.values()), max(starts.values()) + TICK["v2"]
        window = Slice(RUN.table, (project,), tuple(starts), lo, hi, unfilled_since=since)
        state = _remembered(state, settings, window, remarks)
    return state


def put_back(state: State, settings: Settings, piece: Slice, remarks: Remarks) -> State:
    """The state past a slice that is read for payloads, while storage fails: the rest of it waits for the next cycle."""
    return _remembered(walks.passed(state, settings, piece), settings, piece, remarks)


def _can_be_asked_for(row: Row, now: datetime) -> bool:
    """Whether a run can be asked for again: by its project, its id, and a start that a window can end behind."""
    ids = is_id(row["run_id"]) and is_id(row["project_id"])
    return ids and row["start_time"] is not None and parse(row["start_time"]) < now + ledger.AHEAD


def _remembered(state: State, settings: Settings, window: Slice, remarks: Remarks) -> State:
    """The state with one slice a project: it grows over what is added."""
    known = {piece.parents: piece for piece in state.unfilled}
    known[window.parents] = _joined(known.get(window.parents, window), window)
    after = replace(state, unfilled=tuple(known.values()))
    fits = len(known) <= PROJECTS_MAX and len(dump(after)) <= settings.state_bytes_max - walks.ROOM
    if not fits:
        remarks.add(NO_ROOM, window.table, of=window.parents[0])
    return after if fits else state


def _joined(one: Slice, other: Slice) -> Slice:
    bounds = [piece.lo for piece in (one, other) if piece.lo], [piece.hi for piece in (one, other) if piece.hi]
    since = [piece.unfilled_since for piece in (one, other) if piece.unfilled_since]
    ids = tuple(dict.fromkeys((*one.ids, *other.ids))) if one.ids and other.ids else ()
    ids = ids if len(ids) <= IDS_MAX else ()
    return begun(replace(one, ids=ids, lo=min(bounds[0]), hi=max(bounds[1]), unfilled_since=min(since)))


def _project(row: Row) -> str:
    return str(row["project_id"])
