"""The agenda: one ordered list of work. The next task comes out, a page's outcome goes in.

Pure: state in, state out. This module and `look` alone move the position. Not here: what an item asks (streams), when a look
begins or ends (look), what a failure means (failing).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from langsmith_core.streams.kinds import Item
from langsmith_core.streams.work import GATHERED, Api, Outcome
from langsmith_core.sync.state import Reason, State, Task

LATER_MAX = 20
"""More failing work than this is no work that fails, but a LangSmith that does."""


def next_task(state: State) -> Task | None:
    """The task to ask for now: the first, but that a list goes on until it has gathered a full query of parents."""
    tasks = state.agenda
    listing = any(task.work.is_list for task in tasks)
    gathered = sum(task.work.gathering for task in tasks)
    for task in tasks:
        if not (task.work.gathering and listing and gathered < GATHERED):
            return task
    return None


def begun(state: State, task: Task) -> tuple[State, Task]:
    """The state with the task's item ready to be asked: the next projects in hand."""
    ready = replace(task, work=task.work.begun(state.api or "v1"))
    return (state, task) if ready.work is task.work else (_with(state, task, [ready]), ready)


def applied(state: State, task: Task, outcome: Outcome) -> State:
    """The state past a task: what it leads to comes first, the rest takes its place."""
    rest = tuple(replace(task, work=work) for work in outcome.rest)
    state = state if outcome.memory is None else replace(state, memory=outcome.memory)
    return _with(state, task, [*(Task(work) for work in outcome.first), *rest])


def opened(state: State, outcome: Outcome) -> State:
    """The state with a stream's first work on the agenda."""
    state = state if outcome.memory is None else replace(state, memory=outcome.memory)
    return with_agenda(state, _joined(state.agenda, [Task(work) for work in outcome.rest]))


def replaced(state: State, task: Task, *items: Item) -> State:
    """The state with other items in the task's place, no page delivered: a smaller page, a window from its top."""
    return _with(state, task, [replace(task, work=item) for item in items])


def put_aside(state: State, work: Item, reason: Reason, since: datetime | None = None) -> State:
    """The state with an item for later."""
    return replace(state, later=(*state.later, Task(work, reason, since)))


def switched(state: State, api: Api) -> State:
    """The state for the other run API, in all its work: cursors are one API's own, and v1 asks one project at a time."""
    look = state.look and replace(state.look, agenda=_of_api(state.look.agenda, api))
    backfill = state.backfill and replace(state.backfill, agenda=_of_api(state.backfill.agenda, api))
    return replace(state, api=api, look=look, backfill=backfill, later=_of_api(state.later, api))


def with_agenda(state: State, tasks: Iterable[Task]) -> State:
    """The state with the work in hand replaced."""
    if state.look:
        return replace(state, look=replace(state.look, agenda=tuple(tasks)))
    if state.backfill:
        return replace(state, backfill=replace(state.backfill, agenda=tuple(tasks)))
    return state


def _with(state: State, task: Task, others: Sequence[Task]) -> State:
    at = state.agenda.index(task)
    before, after = state.agenda[:at], state.agenda[at + 1 :]
    rest = list(others)
    joined = _absorbed((*before, *after), rest)
    return with_agenda(state, (*joined[: len(before)], *rest, *joined[len(before) :]))


def _absorbed(tasks: Sequence[Task], others: list[Task]) -> list[Task]:
    """The tasks, each with what it can take in of `others`; that is taken out of them."""
    kept = list(tasks)
    for place, task in enumerate(kept):
        for other in [one for one in others if one.reason is None and task.reason is None]:
            work = kept[place].work.joined(other.work)
            if work is not None:
                kept[place] = replace(task, work=work)
                others.remove(other)
    return kept


def _joined(tasks: Sequence[Task], others: Sequence[Task]) -> tuple[Task, ...]:
    rest = list(others)
    return (*_absorbed(tasks, rest), *rest)


def _of_api(tasks: Sequence[Task], api: Api) -> tuple[Task, ...]:
    return tuple(replace(task, work=work) for task in tasks for work in task.work.of_api(api))
