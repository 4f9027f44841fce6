"""Runs whose payloads object storage did not give: put them aside by id, many by their window, for every look to read again.

Pure: state, a page's rows and the clock's reading in, state out. Not here: fetching (payloads).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from msgspec.structs import replace

from langsmith_core.records.ids import is_id
from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.rows import Row
from langsmith_core.records.times import parse
from langsmith_core.remarks import Remark, Remarks
from langsmith_core.settings.config import Settings
from langsmith_core.streams.bounds import FUTURE
from langsmith_core.streams.context import Context, Outcome
from langsmith_core.streams.limits import IDS_MAX
from langsmith_core.streams.registry import RUN
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.streams.window_steps import TICK
from langsmith_core.sync import agenda, payloads_delivered
from langsmith_core.sync.state import State, Task
from langsmith_core.sync.state_size import ROOM

PROJECTS_MAX = 20
"""Projects with such runs that a state remembers."""
GIVEN_UP = timedelta(days=2)
"""A payload that is missing for so long stays marked, unless the daily pass re-reads its run."""
FIRST_LOOK = timedelta(days=15)
"""A window that goes back further behind the look before is the first reading of a project: no other does."""
GIVEN_UP_ON = Remark(
    "%s: payloads failed for two days, so their columns stay marked; let this function reach the storage",
    logging.ERROR,
)
NO_ROOM = Remark(
    "%s: payloads are missing in more projects than a state remembers, so others stay marked; let this function "
    "reach the storage",
    logging.ERROR,
)


def held(task: Task, row: Row, context: Context, now: datetime) -> bool:
    """Tell whether a row waits for its payload: the destination may have it whole from an earlier reading."""
    if task.since is not None:
        return now - task.since <= GIVEN_UP
    since = context.bounds.since if context.bounds else None
    if since is None or not _can_be_asked_for(row, now):
        return False
    again = isinstance(task.work, RunsById) or (isinstance(task.work, RunWindow) and task.work.lo >= since - FIRST_LOOK)
    return again and parse(row["start_time"]) < since


def noted(state: State, settings: Settings, task: Task, found: Sequence[Row], now: datetime, remarks: Remarks) -> State:
    """Put the rows of a page aside whose payloads are missing."""
    since = task.since or now
    if now - since > GIVEN_UP:
        for row in found:
            remarks.add(GIVEN_UP_ON, RUN.name, of=row["run_id"])
        return state
    timed = [row for row in found if _can_be_asked_for(row, now)]
    for project, group in groupby(sorted(timed, key=_project), _project):
        starts = {row["run_id"]: parse(row["start_time"]) for row in group}
        lo, hi = min(starts.values()), max(starts.values()) + TICK["v2"]
        work = _owed(Ids((project,)), Ids(starts), lo, hi)
        state = _remembered(state, settings, Task(work, "payload", since), remarks)
    return state


def put_back(state: State, settings: Settings, task: Task, remarks: Remarks) -> State:
    """Move past work that is read for payloads while storage fails. The rest of it waits for the next look."""
    return _remembered(agenda.applied(state, task, Outcome()), settings, task, remarks)


def _can_be_asked_for(row: Row, now: datetime) -> bool:
    """Tell whether a run can be asked for again: it has a project, an id, and a start that a window can hold."""
    ids = is_id(row["run_id"]) and is_id(row["project_id"])
    return ids and row["start_time"] is not None and parse(row["start_time"]) < now + FUTURE


def _remembered(state: State, settings: Settings, task: Task, remarks: Remarks) -> State:
    """Keep one task a project, which grows over what is added."""
    known = {projects(one): one for one in state.waiting("payload")}
    others = tuple(one for one in state.later if one.reason != "payload")
    known[projects(task)] = _joined(known.get(projects(task), task), task)
    after = replace(state, later=(*others, *known.values()))
    fits = len(known) <= PROJECTS_MAX and payloads_delivered.needed(after) <= settings.state_bytes_max - ROOM
    if not fits:
        remarks.add(NO_ROOM, RUN.name, of=next(iter(projects(task)), None))
    return after if fits else state


def projects(task: Task) -> tuple[str, ...]:
    """Name the projects whose payloads a task waits for."""
    work = task.work
    return (*work.parents, *work.waiting) if isinstance(work, RunWindow) else work.in_hand


def _joined(one: Task, other: Task) -> Task:
    """Make one task of both: by id while the runs are few, else by the window that holds them all."""
    parts = [task.work for task in (one, other) if isinstance(task.work, (RunsById, RunWindow))]
    ids = [part.ids for part in parts if isinstance(part, RunsById)]
    lo, hi = min(part.lo for part in parts), max(part.hi for part in parts)
    since = min(task.since for task in (one, other) if task.since)
    both = Ids(dict.fromkeys(run for part in ids for run in part)) if len(ids) == len(parts) else Ids()
    return Task(_owed(Ids(projects(one)), both, lo, hi), "payload", since)


def _owed(parents: Ids, ids: Ids, lo: datetime, hi: datetime) -> RunsById | RunWindow:
    if 0 < len(ids) <= IDS_MAX:
        return RunsById(lo=lo, hi=hi, ids=ids, parents=parents)
    return RunWindow(lo=lo, hi=hi, waiting=parents)


def _project(row: Row) -> str:
    return str(row["project_id"])
