"""Parts of a window of runs: those that are asked for side by side, the projects that wait, what lies behind START_TIME.

The provider's cursor gives one page after another. Each part has a cursor of its own, so as many requests can be under way. Each
part may end with a page that is not full, so a part is only cut off where it is expected to have several pages.

Pure. Not here: how many parts are worth it (sync.asking), or how one of them moves down (window_steps).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec.structs import replace

from langsmith_core.records.packed_ids import NO_IDS
from langsmith_core.streams.context import Context
from langsmith_core.streams.window_steps import from_top, span_of, top_of

if TYPE_CHECKING:
    from langsmith_core.streams.run_window import RunWindow

PAGES, PAGES_MAX = 3, 20
"""Full pages that a part is expected to have, at least and at most. The last part takes the rest, which may be empty."""
CURSOR_MAX = 500
"""Characters of the longest cursor of which the state has room for several."""


def in_parts(item: RunWindow, starts: Sequence[str], rows: int, most: int) -> tuple[RunWindow, ...]:
    """Return a window after a page with the start times `starts`: cut in `most` parts at most, newest first.

    It takes the runs to lie as densely as those of the page. The next pages may have so many `rows`.
    """
    top, span = top_of(item), span_of(starts)
    if not span or not rows or len(item.cursor or "") > CURSOR_MAX or any(a < b for a, b in pairwise(starts)):
        return (item,)
    full_page = span * rows / len(starts)
    count = min(most, int((top - item.bottom) / (PAGES * full_page)))
    if count < 2:
        return (item,)
    height = min((top - item.bottom) / count, PAGES_MAX * full_page)
    tops = [top - number * height for number in range(count)]
    return tuple(_part(item, upper, lower) for upper, lower in pairwise([*tops, item.bottom]))


def _part(item: RunWindow, top: datetime, bottom: datetime) -> RunWindow:
    """Return the window from `top` down to `bottom`. The first part brings the projects that wait."""
    part = replace(item, down_to=bottom if bottom > item.bottom else item.down_to)
    return from_top(part if top == top_of(item) else replace(part, top=top, waiting=NO_IDS))


def projects_behind(item: RunWindow, context: Context) -> Iterator[RunWindow]:
    """Yield the window for each further query of projects that wait."""
    while behind := item.others():
        item = behind[0].begun(context)
        yield item


def since(item: RunWindow, start: datetime | None) -> tuple[RunWindow, ...]:
    """Cut off what lies before a start; nothing may be left."""
    if start is None or item.lo >= start:
        return (item,)
    if start < top_of(item):
        item = replace(item, lo=start)
        return (from_top(item) if item.parents else item,)
    return item.others() if item.waiting and start < item.hi else ()
