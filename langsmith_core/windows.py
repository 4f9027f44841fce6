"""How a slice of runs moves on when a page has come: the arithmetic of windows and cursors.

Pure: slice and page facts in, next slice or None out. Not here: which slices there are (plan), what a page is (endpoints), lists
by offset (offsets).
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
"""v1 run queries over at most this window have the faster rate limit (API reference, section 5); so had v2 until August 2026."""

CURSOR_MAX = 4_000
"""Characters of a page cursor that a state keeps. After a call that ends at a longer one the window is asked again."""

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


def without_long_cursor(piece: Slice) -> Slice:
    """The slice as a state keeps it. Counted like cursors that are refused: where no call gets on, it fails in the end."""
    if len(piece.cursor or "") <= CURSOR_MAX:
        return piece
    return again(piece) or replace(begun(piece), refused=REFUSED_MAX)


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
    hi = _lowered(piece, starts, api)
    if cursor == piece.cursor and hi < piece.hi:
        return begun(replace(piece, hi=hi))
    if cursor == piece.cursor:
        raise UpstreamError("LangSmith answered the same page cursor twice; if it stays, report it to LangSmith")
    if len(cursor) > CURSOR_MAX and hi == piece.ceiling and piece.refused >= REFUSED_MAX:
        raise UpstreamError(
            f"LangSmith's page cursors are longer than {CURSOR_MAX} characters, and no call gets past one; report it to LangSmith"
        )
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
    hi = _lowered(piece, _within(piece, [start for _, start in rows if start]), api)
    return begun(replace(piece, hi=hi)) if hi < piece.hi else None


def behind(piece: Slice, delivered: Sequence[str], starts: Sequence[str], api: str) -> Slice | None:
    """The run slice behind the first rows of a page that was longer than asked; None where all its ids have come.

    Raises UpstreamError where the rows share the start time at the top of the window: from there they would come again for ever.
    """
    if piece.ids:
        rest = tuple(one for one in piece.ids if one not in delivered)
        if rest != piece.ids:
            return replace(piece, ids=rest, cursor=None) if rest else None
    elif piece.hi is not None and (hi := _lowered(piece, _within(piece, starts), api)) < piece.hi:
        return begun(replace(piece, hi=hi))
    raise UpstreamError("LangSmith answers more records than it is asked for; if it stays, report it to LangSmith")


def after_ids(piece: Slice, delivered: Sequence[str], cursor: str | None) -> Slice | None:
    """The slice of records by id after a page: the ids not delivered yet are asked for again, unless that was the last page."""
    rest = tuple(one for one in piece.ids if one not in delivered)
    if cursor is None or not rest or cursor == piece.cursor:
        return None
    return replace(piece, ids=rest, cursor=None) if rest != piece.ids else replace(piece, cursor=cursor)


def _within(piece: Slice, starts: Sequence[str]) -> list[str]:
    """The start times that can be those of an answer to the query. Another is of a record whose time nobody can compute with."""
    assert piece.floor is not None  # noqa: S101  a run slice that was asked for always has its bounds
    assert piece.ceiling is not None  # noqa: S101
    lo, hi = times.render(piece.floor - TICK["v2"]), times.render(piece.ceiling + TICK["v2"])
    return [start for start in starts if lo <= start <= hi]


def _lowered(piece: Slice, starts: Sequence[str], api: str) -> datetime:
    """The new upper bound: just above the oldest row, if the page came newest first as documented; else the old one.

    A row outside the window, which was not asked for, moves it to the window's edge at most.
    """
    assert piece.lo is not None  # noqa: S101  a run slice always has its window
    assert piece.hi is not None  # noqa: S101
    ordered = all(a >= b for a, b in pairwise(starts))
    oldest = times.parse(starts[-1]) if starts and ordered else piece.hi
    return min(piece.hi, max(piece.lo, oldest + TICK[api])) if oldest < piece.hi else piece.hi


def _span(starts: Sequence[str]) -> timedelta:
    return times.parse(max(starts)) - times.parse(min(starts)) if starts else timedelta(0)


def _dense_floor(lo: datetime, hi: datetime, span: timedelta) -> datetime:
    """Where the rest is cut: a week down where a page spans less than a week, else not at all.

    A sparse project would pay a request for every empty week; a dense one gains the faster rate tier.
    """
    return max(lo, hi - FAST_TIER) if span < FAST_TIER else lo
