"""How many rows a page is asked for: as many as the endpoint gives, as fit into a batch by their weight, and as have not failed.

Here: the arithmetic. Not here: what a page that fails does to its size (failing).
"""

from __future__ import annotations

from msgspec.structs import replace

from langsmith_core.streams.kinds import Item
from langsmith_core.streams.listing import LIST_ROWS_MAX
from langsmith_core.streams.memory import Memory
from langsmith_core.streams.run_queries import ROWS_MAX, TABLE
from langsmith_core.streams.work import Api, Outcome, with_limit

PILOT_ROWS = 100
"""The first page of runs, before their weight is known: a thousand of 75 KB would be 75 MB."""
ROOM = 90
"""Percent of a batch that a page is planned to fill: pages vary."""


def rows_of(work: Item, memory: Memory, api: Api, page_size: int, bytes_max: int) -> int:
    """Rows to ask for, for a batch of `bytes_max`: never more than the endpoint's maximum or than `page_size`."""
    forced = getattr(work, "limit", 0)
    if work.table_name != TABLE:
        most = min(page_size, LIST_ROWS_MAX)
        return min(most, forced or most)
    weight = memory.runs.row_bytes
    fitting = bytes_max * ROOM // (100 * weight) if weight else PILOT_ROWS
    most = max(1, min(page_size, ROWS_MAX[api], fitting))
    return min(most, forced or most)


def cut(work: Item, limit: int, size: int, bytes_max: int) -> Item:
    """The item, to be asked for in pages that fit: `limit` rows weighed `size` bytes."""
    return with_limit(work, max(1, limit * bytes_max * ROOM // (100 * size)))


def grown(outcome: Outcome, size: int, bytes_max: int) -> Outcome:
    """The outcome of a page, its rest in pages twice as large where one that had been cut was light."""
    if not outcome.rest or 2 * size >= bytes_max:
        return outcome
    first = outcome.rest[0]
    return replace(outcome, rest=(with_limit(first, getattr(first, "limit", 0) * 2), *outcome.rest[1:]))


def weighed(memory: Memory, table: str, size: int, count: int) -> Memory:
    """The memory with the weight of a run by a page of `count` in `size` bytes: heavier at once, lighter by and by."""
    if table != TABLE or not count:
        return memory
    runs = memory.runs
    return memory.with_runs(replace(runs, row_bytes=max(size // count, runs.row_bytes * 9 // 10)))
