"""A dense window of runs in two parts, which are then asked for side by side.

The provider's cursor gives one page after another. Two parts have two cursors, so two requests can be under way at once. Each
part may end with a page that is not full, so a part is only cut off where it is expected to have several pages.

Pure. Not here: how many parts are worth it (sync.ahead), or how one of them moves down (window_steps).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec.structs import replace

from langsmith_core.records.packed_ids import NO_IDS
from langsmith_core.streams import run_queries
from langsmith_core.streams.context import Api
from langsmith_core.streams.window_steps import from_top, span_of, top_of

if TYPE_CHECKING:
    from langsmith_core.streams.run_window import RunWindow

PAGES = 5
"""Full pages that a part is expected to have."""
CURSOR_MAX = 500
"""Characters of the longest cursor of which the state has room for several."""


def in_parts(item: RunWindow, starts: Sequence[str], api: Api) -> tuple[RunWindow, ...]:
    """Return a window after a page with the start times `starts`: cut in two where it goes on far enough, else whole.

    It takes the runs to lie as densely as those of the page.
    """
    top, span = top_of(item), span_of(starts)
    if not span or len(item.cursor or "") > CURSOR_MAX or any(a < b for a, b in pairwise(starts)):
        return (item,)
    width = span * PAGES * run_queries.ROWS_MAX[api] / len(starts)
    if (top - item.bottom) < 2 * width:
        return (item,)
    middle = top - width
    return from_top(replace(item, down_to=middle)), from_top(replace(item, top=middle, waiting=NO_IDS))
