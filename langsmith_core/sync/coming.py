"""Which questions probably come next, nearest first, so that they can be asked ahead.

Pure: a state and the task whose turn it is, in; questions out. A wrong guess costs a request and nothing else: what is asked in
its turn decides. Not here: how many are asked ahead, and their answers (ahead).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeAlias

from msgspec import Struct

from langsmith_core.calls import Call, RecordPage
from langsmith_core.streams import registry
from langsmith_core.streams.context import Context, Outcome
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.work import limit_of
from langsmith_core.sync import agenda, page_size
from langsmith_core.sync.state import State, Task

ROW_BYTES = 5_000
"""What a row weighs while nobody knows."""
ContextOf: TypeAlias = Callable[[State, Task | None], Context]
Asked: TypeAlias = tuple[Item, Context]


class Question(Struct, frozen=True):
    """What comes next, as a function of the page's rows: `ask(limit)`. `limit` rows of `size` bytes in all are planned."""

    ask: Callable[[int], Call | Outcome]
    limit: int
    size: int


def question(state: State, work: Item, context: Context, bytes_max: int) -> Question:
    """Return an item's next question, for a batch that takes `bytes_max` bytes."""
    limit = page_size.rows_of(state, work, context, bytes_max)
    size = limit * state.weights.get(work.table_name, ROW_BYTES)
    return Question(partial(_call, work, context), limit, size)


class Turn(Struct, frozen=True):
    """The task whose turn it is, the context in which its page is taken in, its rows at most, and its page once it is here."""

    task: Task
    context: Context
    limit: int
    page: RecordPage | None = None


def questions(state: State, turn: Turn, context_of: ContextOf, bytes_max: int, stalled: Item | None = None) -> Iterator[Question]:
    """Yield what comes after a task's page. `stalled` work has failed.

    Nothing is asked ahead of a table whose rows may be heavy, as long as nobody knows what they weigh.
    """
    for work, context in _items(state, turn, context_of):
        weighed = work.table_name in state.weights or work.table_name not in page_size.PILOT_ROWS
        if weighed and not work.asks_nothing and work.first_question(context) is None and work != stalled:
            yield question(state, work, context, bytes_max)


def _items(state: State, turn: Turn, context_of: ContextOf) -> Iterator[Asked]:
    """Yield the items that take turns with the task's, its own next pages, the rest of the agenda, streams still to open."""
    task, behind = turn.task, agenda.next_turns(state.agenda, turn.task)
    yield from _begun(state, behind, context_of)
    if not limit_of(task.work):  # else its next page may be larger
        yield from ((work, turn.context) for work in task.work.coming(turn.context, turn.limit, turn.page))
    rest = state.agenda[state.agenda.index(task) + 1 + len(behind) :]
    yield from _begun(state, rest, context_of)
    yield from _to_open(state, context_of)
    if state.look and state.backfill:
        yield from _begun(state, state.backfill.agenda, context_of)


def _begun(state: State, tasks: Iterable[Task], context_of: ContextOf) -> Iterator[Asked]:
    """Yield the items of tasks, without those that still gather parents, or read runs again for their payloads."""
    listing = any(task.work.is_list for task in state.agenda)
    for task in tasks:
        if not task.since and not (listing and task.work.gathering):
            context = context_of(state, task)
            yield task.work.begun(context), context


def _to_open(state: State, context_of: ContextOf) -> Iterator[Asked]:
    context = context_of(state, None)
    for name in state.look.to_open if state.look else ():
        opens = registry.BY_TABLE[name].opens
        if opens and context.on(name):
            yield from ((work, context) for work in opens(context).rest)


def _call(work: Item, context: Context, limit: int) -> Call | Outcome:
    return work.request(context, limit, b"")
