"""Changes of a walk as a whole: a slice moved without a page, put aside, or the run API switched under it.

Pure: state in, state out. Not here: the order of work (plan), what a page of parents means (listing).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from langsmith_core import duality, followups
from langsmith_core.config import Settings
from langsmith_core.ledger import AHEAD, EPOCH
from langsmith_core.rows import Row
from langsmith_core.stages import BATCH, in_hand, with_walk
from langsmith_core.state import Left, Slice, State, Walk
from langsmith_core.state_json import dump
from langsmith_core.streams import FEEDBACK, RUN, Stream
from langsmith_core.times import parse, render
from langsmith_core.windows import begun

OWED_MAX = 20
"""More failing slices than this are no slices that fail, but a LangSmith that does."""
OWED_SHARE = 44
"""Percent of a state that they may take: enough for twenty of fifty projects each, and the rest finds room beside them."""
ROOM = 6_000
"""Bytes that the state of a cycle may still grow by after a slice is put aside: a page of parents, the runs a page touches."""


def moved(state: State, after: Slice | None) -> State:
    """The state with the slice in hand replaced, no page delivered: a smaller limit, a cursor dropped, nothing to read."""
    walk, _ = in_hand(state)
    rest = (after,) if after else ()
    walk = replace(walk, slices=(*rest, *walk.slices[1:])) if walk.slices else replace(walk, listing=after)
    return with_walk(state, walk)


def waiting(state: State) -> tuple[str, ...]:
    """The parents whose children come next: their names are asked for together."""
    walk, _ = in_hand(state)
    return (*walk.pending, *walk.late)


def passed(state: State, settings: Settings, piece: Slice, rest: tuple[Slice, ...] = (), more: tuple[Slice, ...] = ()) -> State:
    """The state past the slice in hand: what it leads to (`more`), the `rest` of it or the next one of its stage, the others."""
    walk, _ = in_hand(state)
    following = followups.after(state, settings, piece) if not rest and len(walk.slices) == 1 else None
    return with_walk(state, replace(walk, slices=(*more, *rest, *((following,) if following else ()), *walk.slices[1:])))


def aside(state: State, settings: Settings, piece: Slice) -> State | None:
    """The state with a failing slice owed, or its list of parents left for the end of the cycle; None where neither can be.

    A batch of projects is halved first, to find the one that fails. A slice is asked again from its window: a cursor may be what
    fails.
    """
    walk, _ = in_hand(state)
    if not walk.slices:
        return _left(state, walk)
    if piece.table == RUN.table and len(piece.parents) > 1 and not piece.ids and not piece.edited_since:
        half = len(piece.parents) // 2
        parts = tuple(replace(begun(piece), parents=part) for part in (piece.parents[:half], piece.parents[half:]))
        return passed(state, settings, piece, parts)
    again = begun(piece) if piece.table == RUN.table and not piece.edited_since else replace(piece, cursor=None, refused=0)
    owing = replace(passed(state, settings, piece), owed=(*state.owed, again))
    room, share = settings.state_bytes_max - ROOM, settings.state_bytes_max * OWED_SHARE // 100
    small = len(dump(owing)) <= room and len(dump(State(source="", owed=owing.owed))) <= share
    return owing if len(owing.owed) <= OWED_MAX and small else None


def _left(state: State, walk: Walk) -> State | None:
    """The state with a list of parents left for the end of the cycle, once: a second one that fails, fails."""
    cycle = state.cycle
    if cycle is None or cycle.left or cycle.returned or walk.listing is None:
        return None
    left = Left(cycle.stage, walk, cycle.known, cycle.listed)
    return replace(state, cycle=replace(cycle, left=left, known="", listed="", walk=Walk(None)))


def switched(state: State, api: str) -> State:
    """The state for the other run API, in every walk: cursors are its own, and v1 asks one project at a time."""
    state = replace(state, api=api)
    if state.cycle:
        state = replace(state, cycle=replace(state.cycle, walk=_of_api(state.cycle.walk, state)))
    if state.history:
        state = replace(state, history=replace(state.history, walk=_of_api(state.history.walk, state)))
    return replace(state, owed=_of_api(Walk(None, slices=state.owed), state).slices)


def _of_api(walk: Walk, state: State) -> Walk:
    slices = tuple(part for piece in walk.slices for part in _parts(piece, duality.api_of(state, piece)))
    return replace(walk, slices=slices)


def _parts(piece: Slice, api: str) -> list[Slice]:
    """A slice as the API takes it: v1 cannot ask for edited feedback (the daily pass finds it), nor v2 for runs of no project."""
    if piece.table != RUN.table:
        return [piece]
    if (piece.edited_since and api == "v1") or (not piece.parents and api == "v2"):
        return []
    if piece.ids or piece.edited_since:
        return [replace(piece, cursor=None, limit=0)]  # runs by id need no splitting: v1 looks at the ids alone
    return [replace(begun(piece), limit=0)]


def taken(slices: tuple[Slice, ...], api: str) -> tuple[Slice, ...]:
    """The slices, the first as the API takes it: of more projects than a query may have, those, and then the others.

    Not all are cut at once: forty slices of fifty projects each would be two thousand in the state.
    """
    first, count = slices[0], BATCH[api]
    if first.table != RUN.table or first.ids or first.edited_since or len(first.parents) <= count:
        return slices
    parts = (replace(begun(first), parents=some) for some in (first.parents[:count], first.parents[count:]))
    return (*parts, *slices[1:])


def of_runs(runs: tuple[str, ...]) -> Slice:
    """The feedback of these runs."""
    return Slice(FEEDBACK.table, ids=runs)


def timed(state: State, stream: Stream, found: Sequence[Row], now: datetime) -> State:
    """The state with the time of a table's newest row, by a page of them; times that are still to come do not count."""
    times = [row[stream.time] for row in found if row[stream.time] and row[stream.time] < render(now + AHEAD)]
    if not times:
        return state
    newest = max(parse(max(times)), state.newest.get(stream.table, EPOCH))
    return replace(state, newest={**state.newest, stream.table: newest})


def weighed(state: State, table: str, size: int, count: int) -> State:
    """The state with the weight of a table's row by a page of `count` in `size` bytes: heavier at once, lighter by and by."""
    if not count:
        return state
    weight = max(size // count, state.weight(table) * 9 // 10)
    return replace(state, row_bytes=weight) if table == RUN.table else replace(state, weights={**state.weights, table: weight})
