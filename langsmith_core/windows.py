"""How a slice moves on when a page has come: the arithmetic of windows, cursors and offsets.

Pure: slice and page facts in, next slice or None out. Not here: which slices there are (plan), what a page is (endpoints).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from msgspec.structs import replace

from langsmith_core import times
from langsmith_core.errors import UpstreamError
from langsmith_core.state import Slice

FAST_TIER = timedelta(days=7)
"""Run queries over at most this window have the faster rate limit (API reference, section 5)."""

REFUSED_MAX = 3
"""Cursors in a row that LangSmith may refuse in a window that has not become smaller."""

TICK = {"v1": timedelta(microseconds=1), "v2": timedelta(milliseconds=1)}
"""The precision of an API's start times: what must be added to the oldest one seen so that its twins are asked for again."""


def begun(piece: Slice, floor: datetime | None = None) -> Slice:
    """A run slice ready to be asked: without a floor its first query spans all that is missing."""
    return replace(piece, floor=floor or piece.lo, ceiling=piece.hi, cursor=None, refused=0)


def again(piece: Slice) -> Slice | None:
    """The run slice after its cursor was refused: what is left of its window, from the top. None: that has not helped.

    A page whose rows all have one start time lowers nothing; where every cursor dies, it would be read for ever.
    """
    refused = piece.refused if piece.hi == piece.ceiling else 0
    return replace(begun(piece), refused=refused + 1) if refused < REFUSED_MAX else None


def after_runs(piece: Slice, starts: Sequence[str], cursor: str | None, api: str) -> Slice | None:
    """The run slice after a page whose start times were `starts`, in the order they came; None when it is drained.

    Where LangSmith repeats a cursor the window is asked again below what has come; raises UpstreamError where nothing has, since
    going on would read one page for ever.
    """
    assert piece.lo is not None  # noqa: S101  a run slice always has its window
    assert piece.hi is not None  # noqa: S101
    assert piece.floor is not None  # noqa: S101
    if cursor is None:
        return None if piece.floor <= piece.lo else begun(replace(piece, hi=piece.floor))
    starts = _within(piece, starts)
    hi = _lowered(piece.hi, starts, api)
    if cursor == piece.cursor and hi < piece.hi:
        return begun(replace(piece, hi=hi))
    if cursor == piece.cursor:
        raise UpstreamError("LangSmith answered the same page cursor twice; the page was not counted")
    span = _span(starts)
    rest = begun(replace(piece, hi=hi), _dense_floor(piece.lo, hi, span))
    wide_but_dense = rest.floor != piece.lo and hi - piece.floor > FAST_TIER
    window_nearly_read = piece.floor > piece.lo and hi - piece.floor < span
    if hi < piece.hi and (wide_but_dense or window_nearly_read):
        return rest
    return replace(piece, hi=hi, cursor=cursor)


def from_run(piece: Slice, rows: Sequence[tuple[str, str | None]], api: str) -> Slice | None:
    """The run slice from the last of `rows` (ids and start times) on, before which a page was cut; None where it cannot be cut.

    It cannot among rows of one start time at the top of the window, which would come again and again.
    """
    if piece.ids:
        delivered = {one for one, _ in rows[:-1]}
        return replace(piece, ids=tuple(one for one in piece.ids if one not in delivered), cursor=None)
    assert piece.hi is not None  # noqa: S101  a run slice always has its window
    hi = _lowered(piece.hi, _within(piece, [start for _, start in rows if start]), api)
    return begun(replace(piece, hi=hi)) if hi < piece.hi else None


def after_ids(piece: Slice, delivered: Sequence[str], cursor: str | None) -> Slice | None:
    """The slice of records by id after a page: the ids not delivered yet are asked for again, unless that was the last page."""
    rest = tuple(one for one in piece.ids if one not in delivered)
    if cursor is None or not rest or cursor == piece.cursor:
        return None
    return replace(piece, ids=rest, cursor=None) if rest != piece.ids else replace(piece, cursor=cursor)


def after_list(piece: Slice, ids: Sequence[str], limit: int) -> Slice | None:
    """The offset list after a page of records `ids`, empty for one that has none; None when it is drained.

    Pages overlap by one row. Where that row is not the one expected, rows before it were added or removed since, and the
    list is read again from its beginning: a removal would otherwise hide as many rows as it shifted over the edge. Pages of one
    row, to which only rows of many megabytes lead, do not overlap.
    """
    if piece.anchor is not None and (not ids or ids[0] != piece.anchor):
        return replace(piece, offset=0, anchor=None)
    if len(ids) < limit:
        return None
    overlap = 1 if limit > 1 else 0
    return replace(piece, offset=piece.offset + len(ids) - overlap, anchor=ids[-1] if overlap else None)


def _within(piece: Slice, starts: Sequence[str]) -> list[str]:
    """The start times that can be those of an answer to the query. Another is of a record whose time nobody can compute with."""
    assert piece.floor is not None  # noqa: S101  a run slice that was asked for always has its bounds
    assert piece.ceiling is not None  # noqa: S101
    lo, hi = times.render(piece.floor - TICK["v2"]), times.render(piece.ceiling + TICK["v2"])
    return [start for start in starts if lo <= start <= hi]


def _lowered(hi: datetime, starts: Sequence[str], api: str) -> datetime:
    """The new upper bound: just above the oldest row, if the page came newest first as documented; else the old one."""
    ordered = all(a >= b for a, b in pairwise(starts))
    if not starts or not ordered:
        return hi
    return min(hi, times.parse(starts[-1]) + TICK[api])


def _span(starts: Sequence[str]) -> timedelta:
    return times.parse(max(starts)) - times.parse(min(starts)) if starts else timedelta(0)


def _dense_floor(lo: datetime, hi: datetime, span: timedelta) -> datetime:
    """Where the rest is cut: a week down where a page spans less than a week, else not at all.

    A sparse project would pay a request for every empty week; a dense one gains the faster rate tier.
    """
    return max(lo, hi - FAST_TIER) if span < FAST_TIER else lo
