"""How a slice moves on when a page has come, by its kind.

Pure: state, slice and page in, the next slice or None out. Not here: the arithmetic of each kind (windows, offsets).
"""

from __future__ import annotations

from langsmith_core import breaking, duality, endpoints, offsets, windows
from langsmith_core.calls import Page
from langsmith_core.records import Read
from langsmith_core.state import Slice, State
from langsmith_core.streams import BY_TABLE, RUN


def after_page(state: State, piece: Slice, read: Read, page: Page, limit: int) -> Slice | None:
    """The slice past a page of which `read` was read, of at most `limit` records; None when it is read."""
    found = read.rows
    keys = [row[BY_TABLE[piece.table].key] for row in found]
    if piece.table == RUN.table and piece.ids:
        return windows.after_ids(piece, keys, page.cursor)
    if piece.table == RUN.table:
        starts = [row["start_time"] for row in found if row["start_time"]]
        return windows.after_runs(piece, starts, page.cursor, duality.api_of(state, piece))
    if endpoints.is_whole(piece) or (piece.table in endpoints.PARENTS and breaking.is_younger(state, piece, found)):
        return None
    return offsets.after_list(piece, read.marks, limit)
