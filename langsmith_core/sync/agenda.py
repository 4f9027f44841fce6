"""The agenda: one ordered list of work. The next task comes out, a page's outcome goes in.

Pure: state in, state out. Only this module and `look` move the position. Not here: what an item asks (streams), when a look
begins or ends (look), what a failure means (failing).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import takewhile

from msgspec.structs import replace

from langsmith_core.settings.config import Settings
from langsmith_core.streams.context import Api, Outcome
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.limits import GATHERED
from langsmith_core.sync.context import context_of
from langsmith_core.sync.state import Reason, State, Task


def next_task(state: State, stalled: Item | None = None) -> Task | None:
    """Choose the task to ask now: the first one, except that parents wait while their list is still read.

    They wait until the lists have gathered a full query of them (GATHERED). Nothing waits for a list that has `stalled`.
    """
    tasks = state.agenda
    listing = any(task.work.is_list and task.work != stalled for task in tasks)
    gathered = sum(task.work.gathering for task in tasks)
    for task in tasks:
        if not (task.work.gathering and listing and gathered < GATHERED):
            return task
    return None


def begun(state: State, settings: Settings, task: Task) -> tuple[State, Task]:
    """Make the task's item ready to be asked: take its next projects in hand."""
    ready = replace(task, work=task.work.begun(context_of(state, settings, task)))
    return (state, task) if ready.work is task.work else (_with(state, task, [ready]), ready)


def applied(state: State, task: Task, outcome: Outcome) -> State:
    """Move past a task: put what it leads to first, and the rest of it in its place.

    The rest of a task that takes turns comes behind the next ones that do.
    """
    if outcome.rest and not outcome.first:
        state = _after_its_turn(state, task)
    rest = tuple(replace(task, work=work) for work in outcome.rest)
    state = state if outcome.memory is None else replace(state, memory=outcome.memory)
    return _with(state, task, [*(Task(work) for work in outcome.first), *rest])


def opened(state: State, outcome: Outcome) -> State:
    """Put a stream's first work on the agenda."""
    state = state if outcome.memory is None else replace(state, memory=outcome.memory)
    rest = [Task(work) for work in outcome.rest]
    return with_agenda(state, (*_absorbed(state.agenda, rest), *rest))


def replaced(state: State, task: Task, *items: Item) -> State:
    """Put other items in the task's place, without a page: a smaller page, or a window from its top."""
    return _with(state, task, [replace(task, work=item) for item in items])


def put_aside(state: State, work: Item, reason: Reason, since: datetime | None = None) -> State:
    """Keep an item for later. `since`: its payloads are missing since then."""
    return replace(state, later=(*state.later, Task(work, reason, since)))


def switched(state: State, settings: Settings, api: Api) -> State:
    """Change all work to the other run API. A cursor belongs to one API, and v1 asks for one project at a time."""
    state = replace(state, api=api)
    look = state.look and replace(state.look, agenda=_of_api(state, settings, state.look.agenda))
    backfill = state.backfill and replace(state.backfill, agenda=_of_api(state, settings, state.backfill.agenda))
    return replace(state, look=look, backfill=backfill, later=_of_api(state, settings, state.later))


def with_agenda(state: State, tasks: Iterable[Task]) -> State:
    """Replace the work in hand: the look's, or the backfill's where there is no look."""
    if state.look:
        return replace(state, look=replace(state.look, agenda=tuple(tasks)))
    if state.backfill:
        return replace(state, backfill=replace(state.backfill, agenda=tuple(tasks)))
    return state


def next_turns(tasks: Sequence[Task], task: Task) -> Sequence[Task]:
    """Return the tasks right behind a task that take turns with it."""
    behind = tasks[tasks.index(task) + 1 :]
    return list(takewhile(lambda one: one.work.takes_turns, behind)) if task.work.takes_turns else []


def _after_its_turn(state: State, task: Task) -> State:
    turns = next_turns(state.agenda, task)
    if not turns:
        return state
    at = state.agenda.index(task)
    return with_agenda(state, (*state.agenda[:at], *turns, task, *state.agenda[at + 1 + len(turns) :]))


def _with(state: State, task: Task, others: Sequence[Task]) -> State:
    at = state.agenda.index(task)
    before, after = state.agenda[:at], state.agenda[at + 1 :]
    rest = list(others)
    joined = _absorbed((*before, *after), rest)
    return with_agenda(state, (*joined[: len(before)], *rest, *joined[len(before) :]))


def _absorbed(tasks: Sequence[Task], others: list[Task]) -> list[Task]:
    """Join each of `others` with a task of the same window, if there is one, and take it out of `others`."""
    kept = list(tasks)
    for place, task in enumerate(kept):
        for other in [one for one in others if one.reason is None and task.reason is None]:
            work = kept[place].work.joined(other.work)
            if work is not None:
                kept[place] = replace(task, work=work)
                others.remove(other)
    return kept


def _of_api(state: State, settings: Settings, tasks: Sequence[Task]) -> tuple[Task, ...]:
    return tuple(replace(task, work=work) for task in tasks for work in task.work.of_api(context_of(state, settings, task)))
