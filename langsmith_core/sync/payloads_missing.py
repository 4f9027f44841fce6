"""Runs whose payloads object storage did not give: put aside by id, or many by their window, and read again in every look.

Pure: state, a page's rows and the clock's reading in, state out. Not here: fetching (payloads).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from msgspec.structs import replace

from langsmith_core.records.ids import Ids
from langsmith_core.records.rows import Row
from langsmith_core.records.times import parse
from langsmith_core.settings.config import Settings
from langsmith_core.streams.run_window import TICK, RunWindow
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.streams.work import IDS_MAX, Context, Outcome
from langsmith_core.sync import agenda
from langsmith_core.sync.failing import ROOM
from langsmith_core.sync.state import State, Task
from langsmith_core.sync.state_json import dump

PROJECTS_MAX = 20
"""Projects with such runs that a state remembers."""
GIVEN_UP = timedelta(days=2)
"""A payload that could not be had for so long stays marked, unless the daily pass comes by."""
FIRST_LOOK = timedelta(days=15)
"""A window that goes back further behind the look before is the first reading of a project; no other goes back so far."""
_log = logging.getLogger(__name__)


def held(task: Task, row: Row, context: Context, now: datetime) -> bool:
    """Whether the row waits for its payload: the destination may have it whole from an earlier reading."""
    if task.reason == "payload":
        return task.since is not None and now - task.since <= GIVEN_UP
    since = context.bounds.since if context.bounds else None
    if since is None or row["start_time"] is None:
        return False
    again = isinstance(task.work, RunsById) or (isinstance(task.work, RunWindow) and task.work.lo >= since - FIRST_LOOK)
    return again and parse(row["start_time"]) < since


def noted(state: State, settings: Settings, task: Task, found: Sequence[Row], now: datetime) -> State:
    """The state with such rows of a page put aside."""
    since = (task.since if task.reason == "payload" else None) or now
    if found and now - since > GIVEN_UP:
        text = "payloads of %s could not be had for two days; their columns stay marked: %s"
        _log.error(text, task.work.table_name, task.work.in_hand)
        return state
    timed = [row for row in found if row["start_time"] and row["project_id"]]
    for project, group in groupby(sorted(timed, key=_project), _project):
        starts = {row["run_id"]: parse(row["start_time"]) for row in group}
        lo, hi = min(starts.values()), max(starts.values()) + TICK["v2"]
        state = _remembered(state, settings, RunsById(lo=lo, hi=hi, ids=Ids(starts), parents=Ids((project,))), since)
    return state


def put_back(state: State, settings: Settings, task: Task) -> State:
    """The state past work that is read for payloads, while storage fails: the rest of it waits for the next look."""
    after = agenda.applied(state, task, Outcome())
    if not isinstance(task.work, (RunsById, RunWindow)) or task.since is None:
        return after
    return _remembered(after, settings, task.work, task.since)


def _remembered(state: State, settings: Settings, work: RunsById | RunWindow, since: datetime) -> State:
    """The state with one task a project: it grows over what is added."""
    known = {task.work.named: task for task in state.later if task.reason == "payload"}
    others = tuple(task for task in state.later if task.reason != "payload")
    known[work.named] = _joined(known.get(work.named), work, since)
    after = replace(state, later=(*others, *known.values()))
    fits = len(known) <= PROJECTS_MAX and len(dump(after)) <= settings.state_bytes_max - ROOM
    if not fits:
        _log.error("payloads of more projects are owed than a state remembers; those of %s stay marked", work.in_hand)
    return after if fits else state


def _joined(task: Task | None, work: RunsById | RunWindow, since: datetime) -> Task:
    """One task over both: by id while they are few, else by the window that holds them all."""
    old = task.work if task and isinstance(task.work, (RunsById, RunWindow)) else work
    lo, hi = min(old.lo, work.lo), max(old.hi, work.hi)
    since = min(since, task.since) if task and task.since else since
    ids = old.ids.with_more(work.ids) if isinstance(old, RunsById) and isinstance(work, RunsById) else None
    if ids is not None and len(ids) <= IDS_MAX:
        return Task(RunsById(lo=lo, hi=hi, ids=ids, parents=Ids(work.named)), "payload", since)
    return Task(RunWindow(lo=lo, hi=hi, waiting=Ids(work.named)), "payload", since)


def _project(row: Row) -> str:
    return str(row["project_id"])
