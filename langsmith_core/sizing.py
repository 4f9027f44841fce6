"""How many rows a page is asked for: as many as the endpoint gives, as fit into a batch by their weight, and as have not failed.

Here: the arithmetic. Not here: weighing (walks), or what a page that fails does to its size (failing).
"""

from __future__ import annotations

from msgspec.structs import replace

from langsmith_core.state import Slice, State
from langsmith_core.streams import EXAMPLE, RUN

PILOT_ROWS = {RUN.table: 10, EXAMPLE.table: 10}
"""The first page of a table whose rows may hold payloads, before their weight is known: a hundred of 2.4 MB would be 240 MB."""
ROWS_MAX = 1_000
"""No endpoint gives more in a page: a slice's own limit grows no further."""
EDITED_MAX = 200
"""Runs with edited feedback in a page: each fifty of them lead to one more slice in the state."""
ROOM = 90
"""Percent of a batch that a page is planned to fill: pages vary."""


def page_rows(state: State, piece: Slice, most: int, room: int) -> int:
    """Rows to ask for, of at most `most`, for a batch that still takes `room` bytes."""
    weight = state.weight(piece.table)
    fitting = room * ROOM // (100 * weight) if weight else PILOT_ROWS.get(piece.table, most)
    most = max(1, min(most, fitting))
    most = min(most, EDITED_MAX) if piece.edited_since else most
    return min(most, piece.limit or most)


def cut(piece: Slice, count: int, size: int, bytes_max: int) -> Slice:
    """The slice, to be asked for in pages that fit: `count` rows weighed `size` bytes."""
    return replace(piece, limit=max(1, count * bytes_max * ROOM // (100 * size)))


def grown(after: Slice | None, size: int, bytes_max: int) -> Slice | None:
    """The slice after a page, in pages twice as large where one that had been cut was light."""
    if after and after.limit and 2 * size < bytes_max:
        return replace(after, limit=min(after.limit * 2, ROWS_MAX))
    return after
