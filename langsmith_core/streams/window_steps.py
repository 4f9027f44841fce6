"""How a window of runs moves down after a page: the arithmetic of its bounds and cursors.

LangSmith answers newest first, so `top` moves down as rows are delivered. A window is asked again from its bounds when the
provider's cursor dies. Pure. Not here: the item (run_window), the query's body (run_queries).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec.structs import replace

from langsmith_core.errors import UpstreamError
from langsmith_core.records import times
from langsmith_core.streams.context import Api
from langsmith_core.streams.run_queries import CURSOR_MAX, FAST_TIER

if TYPE_CHECKING:
    from langsmith_core.streams.run_window import RunWindow

REFUSED_MAX = 3
"""Cursors in a row that LangSmith may refuse in a window that has not become smaller."""
TICK = {"v1": timedelta(microseconds=1), "v2": timedelta(milliseconds=1)}
"""The precision of an API's start times: added to the oldest one seen, so that its twins are asked for again."""
TWICE = "LangSmith answered the same page cursor twice; if it continues, report it to LangSmith"
LONGER = "LangSmith returns more records than were asked for; if it continues, report it to LangSmith"


def top_of(item: RunWindow) -> datetime:
    """Return where the unread rest of the window ends, for the projects in hand."""
    return item.top or item.hi


def from_top(item: RunWindow, floor: datetime | None = None) -> RunWindow:
    """Return the item with a fresh query from its top down to `floor`; None: down to its part's beginning."""
    return replace(item, floor=floor or item.bottom, ceiling=top_of(item), cursor=None, refused=0)


def after_page(item: RunWindow, starts: Sequence[str], cursor: str | None, api: Api) -> RunWindow | None:
    """Return the item after a page with the start times `starts`, in their order; None when its projects are read.

    Where LangSmith repeats a cursor, the window is asked again below what has come. Raises UpstreamError where nothing has, since
    going on would read one page for ever.
    """
    floor, top = item.floor or item.bottom, top_of(item)
    if cursor is None:
        return None if floor <= item.bottom else from_top(replace(item, top=floor))
    starts = within(item, starts)
    new_top = lowered(item, starts, api)
    if cursor == item.cursor and new_top < top:
        return from_top(replace(item, top=new_top))
    if cursor == item.cursor:
        raise UpstreamError(TWICE)
    if len(cursor) > CURSOR_MAX and new_top == item.ceiling and item.refused >= REFUSED_MAX:
        raise UpstreamError(
            f"LangSmith's page cursors are longer than {CURSOR_MAX} characters, and no call gets past one; report it to LangSmith"
        )
    span = span_of(starts)
    rest = from_top(replace(item, top=new_top), dense_floor(item.bottom, new_top, span, api))
    wide_but_dense = rest.floor != item.bottom and new_top - floor > FAST_TIER
    window_nearly_read = floor > item.bottom and new_top - floor < span
    if new_top < top and (wide_but_dense or window_nearly_read):
        return rest
    return replace(item, top=new_top, cursor=cursor)


def behind(item: RunWindow, starts: Sequence[str], api: Api) -> RunWindow:
    """Return the item behind the first rows of a page that was longer than asked.

    Raises UpstreamError where the rows share the start time at the top of the window: they would come again for ever.
    """
    top = lowered(item, within(item, starts), api)
    if top >= top_of(item):
        raise UpstreamError(LONGER)
    return from_top(replace(item, top=top))


def within(item: RunWindow, starts: Sequence[str]) -> list[str]:
    """Return the start times that can belong to an answer. Any other is of a record with an unusable time."""
    lo = times.render((item.floor or item.bottom) - TICK["v2"])
    hi = times.render((item.ceiling or item.hi) + TICK["v2"])
    return [start for start in starts if lo <= start <= hi]


def lowered(item: RunWindow, starts: Sequence[str], api: Api) -> datetime:
    """Return the new top: just above the oldest row if the page came newest first, as documented; else the old one.

    A row outside the window, which was not asked for, moves it to the window's edge at most.
    """
    top = top_of(item)
    ordered = all(a >= b for a, b in pairwise(starts))
    oldest = times.parse(starts[-1]) if starts and ordered else top
    return min(top, max(item.bottom, oldest + TICK[api])) if oldest < top else top


def dense_floor(lo: datetime, top: datetime, span: timedelta, api: Api) -> datetime:
    """Return where the next query begins: on v1 a week down where a page spans less than a week, else the window's beginning.

    A sparse project would pay a request for every empty week; a dense one gains v1's faster rate tier. v2 has had no tiers since
    August 2026.
    """
    return max(lo, top - FAST_TIER) if api == "v1" and span < FAST_TIER else lo


def span_of(starts: Sequence[str]) -> timedelta:
    """Return the time from the oldest to the newest of these start times."""
    return times.parse(max(starts)) - times.parse(min(starts)) if starts else timedelta(0)
