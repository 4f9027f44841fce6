"""What becomes of an offset list that was broken off because it shifts too often: what is known of it is read another way.

Projects and datasets are asked for by their ids, feedback in smaller parts, and examples in the next sync.

Pure: state in, state out. Not here: when a list is broken off (offsets), or the order of work (plan).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from msgspec.structs import replace

from langsmith_core import ledger, offsets, walks
from langsmith_core.config import Settings
from langsmith_core.rows import Row
from langsmith_core.stages import DATASETS, IDS_MAX, PROJECTS, in_hand
from langsmith_core.state import Slice, State
from langsmith_core.streams import BY_TABLE, EXAMPLE
from langsmith_core.times import parse

SHORTEST = timedelta(milliseconds=1)
"""A window of feedback that is not halved any more."""
_log = logging.getLogger(__name__)


def by_ids(state: State, settings: Settings, past: str = "") -> Slice | None:
    """The next parents whose list was broken off, by their ids: those known before and not listed yet, past an id.

    One that nobody knew is listed by the next look, and all its past is read then. A history reads every known project: which of
    them it has read already is not remembered.
    """
    _, stage = in_hand(state)
    listing = state.cycle is not None and stage in (PROJECTS, DATASETS)
    known = ledger.ids(state.cycle.known if state.cycle and listing else state.known_projects)
    batch = tuple(sorted(one for one in known if one > past)[: min(IDS_MAX, settings.page_size)])
    return Slice(stage.listing or "", batch, anchor=batch[-1]) if batch else None


def is_younger(state: State, piece: Slice, found: Sequence[Row]) -> bool:
    """Whether a later page of parents brings only what was made after this look began, and so does the rest: oldest come first.

    Else a list that grows as fast as it is read would never end. The next look reads on.
    """
    stream, until = BY_TABLE[piece.table], state.cycle.until if state.cycle else state.done_to
    times = [row[stream.time] for row in found if row[stream.key] not in offsets.seen(piece)]
    if not piece.offset or until is None:
        return False
    return bool(times) and all(text is not None and parse(text) > until for text in times)


def parents(state: State, settings: Settings, piece: Slice) -> Slice | None:
    """What takes the place of a list of parents that is broken off."""
    _log.warning(
        "%s: the list changes too often while it is read; what is known of its rest is asked for by id, what is new in the next "
        "sync",
        piece.table,
        extra={"fields": {"stream": piece.table}},
    )
    return by_ids(state, settings)


def past(state: State, settings: Settings, piece: Slice, more: tuple[Slice, ...]) -> State:
    """The state past a list of examples or feedback that is broken off, and before what its last page leads to (`more`)."""
    if piece.table == EXAMPLE.table:
        return unread(state, settings, piece)
    parts = _halves(piece)
    if not parts:
        _log.error(
            "%s: the list changes too often to be read; the rest of one part is read again by the daily pass",
            piece.table,
            extra={"fields": {"stream": piece.table}},
        )
    return walks.passed(state, settings, piece, parts, more)


def unread(state: State, settings: Settings, piece: Slice) -> State:
    """The state past all slices of a dataset, whose version counts as not read."""
    _log.warning(
        "%s: the list changes too often while it is read; dataset %s is read again in the next sync",
        piece.table,
        piece.parents[0],
        extra={"fields": {"stream": piece.table}},
    )
    walk, _ = in_hand(state)
    for one in walk.slices:
        state = walks.passed(state, settings, one) if one.parents == piece.parents else state
    return state


def _halves(piece: Slice) -> tuple[Slice, ...]:
    """A list of feedback in two, by time or by its runs: what one page holds cannot shift. Empty: it is too small."""
    fresh = replace(piece, offset=0, anchor=None, trail=None)
    if len(piece.ids) > 1:
        half = len(piece.ids) // 2
        return replace(fresh, ids=piece.ids[:half]), replace(fresh, ids=piece.ids[half:])
    if piece.ids or not piece.lo or not piece.hi or piece.hi - piece.lo <= SHORTEST:
        return ()
    middle = piece.lo + (piece.hi - piece.lo) / 2
    return replace(fresh, lo=middle), replace(fresh, hi=middle)
