"""What to read next: the order of work within a cycle or a history.

Pure: state and settings in, the next slice out; a slice's page in, the next state out. Not here: the bounds of the work (cycles),
how a slice is asked for (endpoints), how it moves (windows), or any request, clock or sink.

First sync: the newest week of every active project, datasets and feedback, then the history of runs; a cycle at least
hourly while history drains. After that a sync is one cycle.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from langsmith_core import cycles
from langsmith_core.config import Settings
from langsmith_core.cycles import STAGES, Stage
from langsmith_core.rows import Row
from langsmith_core.state import Slice, State, Walk
from langsmith_core.streams import EXAMPLE, RUN
from langsmith_core.times import parse
from langsmith_core.windows import begun

BATCH = {"v1": 1, "v2": cycles.IDS_MAX}
"""Projects in one run query: v1 honours only the first."""


def next_slice(state: State, settings: Settings, api: str) -> tuple[State, Slice | None]:
    """The slice to ask for now, first in its walk; None when the walk was at its end and the state moved past it."""
    walk, stage = _walk(state)
    if not walk.slices and walk.pending and (walk.listing is None or len(walk.pending) >= BATCH["v2"]):
        walk = _with_slice(state, settings, walk, stage, api)
    if walk.slices:
        return _with_walk(state, walk), walk.slices[0]
    if walk.listing:
        return state, walk.listing
    return cycles.finished(state, settings), None


def absorbed(state: State, piece: Slice, after: Slice | None, found: Sequence[Row], settings: Settings) -> State:
    """The state once a page of `piece` is delivered: `after` takes its place, parents in `found` become pending."""
    walk, stage = _walk(state)
    if walk.slices:
        rest = (after,) if after else ()
        return _with_walk(state, replace(walk, slices=rest + walk.slices[1:]))
    parents = _active(state, settings, stage, found)
    pending = tuple(dict.fromkeys(walk.pending + parents))
    seen = walk.stats_seen or any(row.get("last_run_start_time") for row in found)
    walk = replace(walk, listing=after, pending=pending, stats_seen=seen)
    unseen = after is None and not seen and (found or piece.offset)
    if stage.child == RUN.table and settings.sync_runs and unseen and state.stats_served:
        # Null everywhere means that statistics are not served: the same listing again, and every project is asked.
        state = replace(state, stats_served=False)
        walk = Walk(Slice(stage.listing))
    elif seen and not state.stats_served:
        state = replace(state, stats_served=True)
    return _with_walk(state, walk)


def moved(state: State, after: Slice) -> State:
    """The state with the slice in hand replaced, no page delivered: a smaller limit, a cursor dropped."""
    walk, _ = _walk(state)
    walk = replace(walk, slices=(after, *walk.slices[1:])) if walk.slices else replace(walk, listing=after)
    return _with_walk(state, walk)


def switched(state: State, api: str) -> State:
    """The state for the other run API, in every walk: cursors are its own, and v1 asks one project at a time."""
    if state.cycle:
        state = replace(state, cycle=replace(state.cycle, walk=_rebatched(state.cycle.walk, api)))
    if state.history:
        state = replace(state, history=replace(state.history, walk=_rebatched(state.history.walk, api)))
    return replace(state, api=api)


def _rebatched(walk: Walk, api: str) -> Walk:
    slices: list[Slice] = []
    for piece in walk.slices:
        if piece.table == RUN.table:
            parts = range(0, len(piece.parents), BATCH[api])
            slices += [replace(begun(piece), parents=piece.parents[i : i + BATCH[api]], limit=0) for i in parts]
        else:
            slices.append(piece)
    return replace(walk, slices=tuple(slices))


def _walk(state: State) -> tuple[Walk, Stage]:
    if state.cycle:
        return state.cycle.walk, STAGES[state.cycle.stage]
    assert state.history  # noqa: S101  the engine asks only while there is work
    return state.history.walk, STAGES[0]


def _with_walk(state: State, walk: Walk) -> State:
    if state.cycle:
        return replace(state, cycle=replace(state.cycle, walk=walk))
    assert state.history  # noqa: S101  as above
    return replace(state, history=replace(state.history, walk=walk))


def _with_slice(state: State, settings: Settings, walk: Walk, stage: Stage, api: str) -> Walk:
    """The walk with a slice made of the first pending parents."""
    count = BATCH[api] if stage.child == RUN.table else 1
    parents, pending = walk.pending[:count], walk.pending[count:]
    piece = Slice(stage.child or "", parents)
    if stage.child == RUN.table:
        lo, hi = cycles.window(state, settings)
        piece = begun(replace(piece, lo=lo, hi=hi))
    elif state.cycle:
        piece = replace(piece, hi=state.cycle.until)
    return replace(walk, pending=pending, slices=(piece,))


def _active(state: State, settings: Settings, stage: Stage, found: Iterable[Row]) -> tuple[str, ...]:
    """The parents on a page whose children must be asked for."""
    if stage.child == EXAMPLE.table:
        return tuple(row["dataset_id"] for row in found) if settings.sync_examples else ()
    if stage.child != RUN.table or not settings.sync_runs:
        return ()
    lo, hi = cycles.window(state, settings)
    skip = state.history.skip if state.history and not state.cycle else ()
    only = state.projects
    rows = [row for row in found if row["project_id"] not in skip and (only is None or row["project_id"] in only)]
    served = state.stats_served
    return tuple(row["project_id"] for row in rows if lo < hi and (not served or _has_runs_since(row, lo)))


def _has_runs_since(row: Row, lo: datetime) -> bool:
    last = row["last_run_start_time"]
    return last is not None and parse(last) >= lo
