"""How many rows to ask for in a page: what the endpoint allows, what fits into a batch, and what has not failed.

Here: the arithmetic. Not here: what a page that fails does to its size (failing).
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from langsmith_core.settings.config import Settings
from langsmith_core.streams.context import Context, Outcome
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.registry import EXAMPLE, RUN
from langsmith_core.streams.work import limit_of, with_limit
from langsmith_core.sync.state import State

PILOT_ROWS: Mapping[str, int] = {RUN.name: 10, EXAMPLE.name: 10}
"""Rows of a table's first page, while their weight is unknown: a hundred rows with payloads of 2.4 MB would be 240 MB."""
ROWS_MAX = 1_000
"""No endpoint gives more in a page: an item's own limit grows no further."""
GROWTH = 5
"""Times that a page may grow at once: from 200 rows to 1,000, the most that v2 gives."""
RECORD_SHARE = 4
"""A page of records is light if it takes at most a fourth of a batch: rows hold most of a record twice."""
ROOM = 90
"""Percent of a batch that a page is planned to fill: pages vary."""


def rows_of(state: State, work: Item, context: Context, room: int) -> int:
    """Count the rows to ask for, for a batch that still takes `room` bytes."""
    grown_to = context.runs_grown_to if work.table_name == RUN.name else 0
    most = min(max(context.page_size, grown_to), work.rows_max(context))
    weight = state.weights.get(work.table_name, 0)
    fitting = room * ROOM // (100 * weight) if weight else PILOT_ROWS.get(work.table_name, most)
    most = max(1, min(most, fitting))
    return min(most, limit_of(work) or most)


def has_pages(work: Item) -> bool:
    """Tell whether an item can be asked for in smaller pages."""
    return with_limit(work, 1) is not work


def cut(work: Item, count: int, size: int, bytes_max: int) -> Item:
    """Ask for the item in pages that fit: `count` rows weighed `size` bytes."""
    return with_limit(work, max(1, count * bytes_max * ROOM // (100 * size)))


def grown(outcome: Outcome, size: int, bytes_max: int) -> Outcome:
    """Ask for the rest of an outcome in pages twice as large, where a page of forced size was light."""
    if not outcome.rest or not limit_of(outcome.rest[0]) or 2 * size >= bytes_max:
        return outcome
    first = outcome.rest[0]
    return replace(outcome, rest=(with_limit(first, min(2 * limit_of(first), ROWS_MAX)), *outcome.rest[1:]))


def learned(state: State, settings: Settings, work: Item, limit: int, records: int, size: int, bytes_max: int) -> State:
    """Let pages of runs grow after a full and light one: `limit` rows were asked for, `records` came in `size` bytes."""
    runs, before = state.memory.runs, max(settings.page_size, state.memory.runs.page_rows)
    full = work.table_name == RUN.name and records >= limit >= before
    if not settings.pages_grow or runs.pages_fail or not full or RECORD_SHARE * size > bytes_max or before >= ROWS_MAX:
        return state
    grown_runs = replace(runs, page_rows=min(ROWS_MAX, GROWTH * before))
    return replace(state, memory=state.memory.with_runs(grown_runs))


def runs_at_most(state: State, settings: Settings, bytes_max: int) -> int:
    """Return the most runs that a page may come to have by their weight; 0 while nobody knows it."""
    runs, weight = state.memory.runs, state.weights.get(RUN.name, 0)
    grows = settings.pages_grow and not runs.pages_fail
    most = ROWS_MAX if grows else max(settings.page_size, runs.page_rows)
    return max(1, min(most, bytes_max * ROOM // (100 * weight))) if weight else 0


def refused(state: State, work: Item, limit: int) -> State:
    """Let pages of runs grow no more: LangSmith did not bear one of `limit` rows."""
    runs = state.memory.runs
    if work.table_name != RUN.name or limit > runs.page_rows or not runs.page_rows:
        return state
    return replace(state, memory=state.memory.with_runs(replace(runs, page_rows=limit // 2, pages_fail=True)))


def weighed(state: State, table: str, size: int, count: int) -> State:
    """Note the weight of a table's row by a page of `count` rows in `size` bytes. It grows at once, and falls slowly."""
    if not count:
        return state
    weight = max(size // count, state.weights.get(table, 0) * 9 // 10)
    return replace(state, weights={**state.weights, table: weight})
