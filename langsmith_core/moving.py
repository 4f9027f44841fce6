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
    """The slice past a page of which `read` was read, of at most `limit` records; None when it is read.

    Where the page was longer, the provider's cursor points behind records that were not taken.
    """
    found, api = read.rows, duality.api_of(state, piece)
    keys = [row[BY_TABLE[piece.table].key] for row in found]
    starts = [row["start_time"] for row in found if row["start_time"]] if piece.table == RUN.table else []
    if piece.table == RUN.table and page.longer:
        return windows.behind(piece, keys, starts, api)
    if piece.table == RUN.table and piece.ids:
        return windows.after_ids(piece, keys, page.cursor)
    if piece.table == RUN.table:
        return windows.after_runs(piece, starts, page.cursor, api)
    if endpoints.is_whole(piece) or (piece.table in endpoints.PARENTS and breaking.is_younger(state, piece, found)):
        return None
    return offsets.after_list(piece, read.marks, len(read.marks) if page.longer else limit)
