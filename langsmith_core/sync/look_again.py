"""Looks that do not end at once: they retry work put aside, return to a broken list, or are given up.

Pure: state, settings and the clock's reading in, state out. Not here: a look that goes well (look).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from langsmith_core.settings.config import Settings
from langsmith_core.streams import bounds, registry
from langsmith_core.streams.listing import Listed
from langsmith_core.streams.look_up import LookUp
from langsmith_core.streams.memory import Memory
from langsmith_core.streams.projects import FindProjects
from langsmith_core.streams.registry import PROJECT, RUN
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.sync import scope
from langsmith_core.sync.state import Look, State, Task

REFRESH = timedelta(hours=1)
PATIENCE = timedelta(minutes=5)
"""A call that comes sooner after an answer goes on with the same sync. Where only failing work is left, it retries that alone.
A later call looks at everything first, and so does one that comes an hour into the same look. The time that a try takes does
not count."""


def goes_on(state: State, looked: datetime, now: datetime) -> bool:
    """Tell whether a call at `now` belongs to the sync whose last full look began at `looked`."""
    return state.answered is not None and now - state.answered < PATIENCE and now - looked < REFRESH


def answered(state: State, now: datetime) -> State:
    """Note the time of an answer that leaves failed work to be tried again; forget it where none is left."""
    look = state.look
    failing = any(task.reason in ("failed", "broken") for task in state.later) or (look and (look.returned or look.retrying))
    return replace(state, answered=now if failing else None)


def outdated(state: State, settings: Settings, now: datetime) -> bool:
    """Tell whether a new look must replace the one in progress.

    That one began for another configuration, or has spent long enough on a list of parents that fails.
    """
    stuck = state.look is not None and state.look.returned and not goes_on(state, state.look.bounds.until, now)
    return stuck or (state.scope is not None and state.scope != scope.of(settings))


def retrying(state: State, settings: Settings, now: datetime) -> State | None:
    """Begin a look of failed work alone, where a sync has just ended and left only that; None elsewhere."""
    failed = state.waiting("failed")
    if not failed or not state.drained or state.done_to is None or not goes_on(state, state.done_to, now):
        return None
    if outdated(state, settings, now):
        return None
    before = bounds.Before(state.done_to, state.done_to, state.overlapped_to, state.reconciled)
    frozen = bounds.of_look(before, settings.start_time, state.done_to, deep=False, light=True)
    rest = tuple(task for task in state.later if task.reason != "failed")
    return replace(state, later=rest, look=Look(frozen, agenda=failed, retrying=True))


def put_back(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """Let tasks of a look's last try wait again, and what they have led to: no other look finds that."""
    return tuple(task if task.reason else replace(task, reason="failed") for task in tasks)


def come_back(state: State, look: Look, task: Task) -> State:
    """Go back to the list that broke off, and open the streams after its own again, since it may lead to more work.

    FindProjects lists projects on behalf of the runs' stream.
    """
    names = [stream.table.name for stream in registry.STREAMS]
    stream = RUN.name if isinstance(task.work, FindProjects) else task.work.table_name
    to_open = tuple(names[names.index(stream) + 1 :])
    later = tuple(one for one in state.later if one.reason != "broken")
    look = replace(look, agenda=(replace(task, reason=None),), to_open=to_open, retrying=False, returned=True)
    return replace(state, later=later, look=look)


def given_up(state: State) -> State:
    """Drop the look, and put back what it had in hand so that the next look finds it.

    The next look misses the same records, and finds the same late projects late. It retries what was put aside.
    """
    look = state.look
    tasks = look.agenda if look else ()
    memory = known_again(state.memory, (*tasks, *state.later))
    memory = memory.with_known(PROJECT.name, memory.known(PROJECT.name).without(_late(look) if look else ()))
    back = put_back(tasks) if look and look.retrying else ()
    later = tuple(task for task in (*back, *state.later) if task.reason != "broken")
    return replace(state, look=None, later=later, memory=memory)


def known_again(memory: Memory, tasks: Iterable[Task]) -> Memory:
    """Remember again what lists have shown, what they have not shown yet, and what was to be looked up."""
    for work in (task.work for task in tasks):
        if isinstance(work, LookUp):
            memory = memory.with_known(work.table, memory.known(work.table).with_more(work.ids))
        if isinstance(work, Listed):
            memory = memory.with_known(work.table_name, memory.known(work.table_name).with_more((*work.unseen, *work.seen)))
    return memory


def _late(look: Look) -> set[str]:
    """Find the late projects whose past the look has not read. No listing before had them; no other look reads their past."""
    if look.bounds.since is None or look.retrying:
        return set()
    works = [task.work for task in look.agenda]
    whole = [work for work in works if type(work) is RunWindow and work.lo == look.bounds.oldest]
    return {one for work in whole for one in (*work.parents, *work.waiting)}
