"""What to read next: the order of work within a cycle or a history.

Pure: state and settings in, the next slice out; a slice's page in, the next state out. Not here: the bounds of the work (cycles),
how a slice is asked for (endpoints), how it moves (windows), or any request, clock or sink.

First sync: the newest week of every active project, datasets and feedback, then the history of runs; a cycle at least
hourly while history drains. After that a sync is one cycle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeAlias

from msgspec.structs import replace

from langsmith_core import cycles, ledger
from langsmith_core.config import Settings
from langsmith_core.cycles import DATASETS, ENDED, PROJECTS, STAGES, Stage
from langsmith_core.rows import Row
from langsmith_core.state import Slice, State, Walk
from langsmith_core.streams import BY_TABLE, EXAMPLE, FEEDBACK, RUN
from langsmith_core.times import parse
from langsmith_core.windows import begun

BATCH = {"v1": 1, "v2": cycles.IDS_MAX}
"""Projects in one run query: v1 honours only the first."""
Window: TypeAlias = Callable[[State, Settings], tuple[datetime, datetime]]


def next_slice(state: State, settings: Settings, api: str) -> tuple[State, Slice | None]:
    """The slice to ask for now, first in its walk; None when the walk was at its end and the state moved past it."""
    walk, stage = _walk(state)
    if not walk.slices and (walk.listing is None or len(walk.pending) + len(walk.late) >= BATCH["v2"]):
        walk = _with_slice(state, settings, walk, stage, api)
    if walk.slices:
        return _with_walk(state, walk), walk.slices[0]
    if walk.listing:
        return state, walk.listing
    return cycles.finished(state, settings), None


def absorbed(state: State, piece: Slice, after: Slice | None, found: Sequence[Row], settings: Settings) -> State:
    """The state once a page of `piece` is delivered: `after` takes its place, and what the page has shown is noted."""
    walk, _ = _walk(state)
    if piece is walk.listing:
        return _listed(state, piece, after, found, settings)
    if piece.table == RUN.table:
        state = _with_unfinished(state, found)
    elif piece.ids:
        return _found_again(state, found, settings)
    if piece.table == EXAMPLE.table and after is None:
        state = _with_version(state, piece.parents[0], piece.hi)
    more = _touched(state, settings, found) if piece.table == FEEDBACK.table else ()
    after = after or (cycles.behind(state, settings, piece) if len(walk.slices) == 1 else None)
    return _with_walk(state, replace(walk, slices=(*more, *((after,) if after else ()), *walk.slices[1:])))


def versioned(state: State, piece: Slice, newest: datetime | None) -> State:
    """The state once a dataset's newest version is known: its examples need not be read, or their difference, or all."""
    assert state.cycle  # noqa: S101  only a cycle reads examples
    known = ledger.versions(state.versions).get(piece.parents[0])
    if newest is not None and newest == known:
        return moved(state, None)
    return moved(state, replace(piece, lo=known, hi=newest or state.cycle.until))


def gone(state: State, piece: Slice, settings: Settings) -> State | None:
    """The state past a slice that LangSmith answers with 404; None where a 404 has no meaning.

    A batch of projects is asked one by one, since one of them is gone; a project or dataset alone is passed over.
    """
    walk, _ = _walk(state)
    if not walk.slices:
        return None
    single = [replace(piece, parents=(one,), cursor=None) for one in piece.parents] if len(piece.parents) > 1 else []
    after = None if single or walk.slices[1:] else cycles.behind(state, settings, piece)
    return _with_walk(state, replace(walk, slices=(*single, *((after,) if after else ()), *walk.slices[1:])))


def waiting(state: State) -> tuple[str, ...]:
    """The parents whose children come next: their names are asked for together."""
    walk, _ = _walk(state)
    return (*walk.pending, *walk.late)


def is_first_listing(state: State) -> bool:
    """Whether the projects listed are this cycle's rows; later walks list them again only to find their runs."""
    return state.cycle is not None and STAGES[state.cycle.stage] is PROJECTS


def moved(state: State, after: Slice | None) -> State:
    """The state with the slice in hand replaced, no page delivered: a smaller limit, a cursor dropped, nothing to read."""
    walk, _ = _walk(state)
    rest = (after,) if after else ()
    walk = replace(walk, slices=(*rest, *walk.slices[1:])) if walk.slices else replace(walk, listing=after)
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
            whole = [replace(piece, cursor=None, limit=0)]  # runs by id need no splitting: v1 looks at the ids alone
            batches = [replace(begun(piece), parents=piece.parents[i : i + BATCH[api]], limit=0) for i in parts]
            slices += whole if piece.ids else batches
        else:
            slices.append(piece)
    return replace(walk, slices=tuple(slices))


def _walk(state: State) -> tuple[Walk, Stage]:
    if state.cycle:
        return state.cycle.walk, STAGES[state.cycle.stage]
    assert state.history  # noqa: S101  the engine asks only while there is work
    return state.history.walk, PROJECTS


def _with_walk(state: State, walk: Walk) -> State:
    if state.cycle:
        return replace(state, cycle=replace(state.cycle, walk=walk))
    assert state.history  # noqa: S101  as above
    return replace(state, history=replace(state.history, walk=walk))


def _with_slice(state: State, settings: Settings, walk: Walk, stage: Stage, api: str) -> Walk:
    """The walk with a slice made of the first parents that wait: of those listed, those found late, those gone missing."""
    count = BATCH[api] if stage.child == RUN.table else 1
    if walk.pending:
        piece = _child(state, settings, stage, walk.pending[:count], cycles.window)
        return replace(walk, pending=walk.pending[count:], slices=(piece,))
    if walk.late:
        piece = _child(state, settings, stage, walk.late[:count], cycles.whole)
        return replace(walk, late=walk.late[count:], slices=(piece,))
    missing = ledger.ids(walk.missing)
    if missing and stage.listing:
        return replace(walk, missing=ledger.packed(missing[1:]), slices=(Slice(stage.listing, ids=(missing[0],)),))
    return walk


def _child(state: State, settings: Settings, stage: Stage, parents: tuple[str, ...], window: Window) -> Slice:
    piece = Slice(stage.child or "", parents)
    if stage.child != RUN.table:
        return piece  # of examples: which version to read is asked first
    lo, hi = window(state, settings)
    since = state.cycle.since if state.cycle and STAGES[state.cycle.stage] is ENDED else None
    return begun(replace(piece, lo=lo, hi=hi, ended_since=since - cycles.INDEX_LAG if since else None))


def _listed(state: State, piece: Slice, after: Slice | None, found: Sequence[Row], settings: Settings) -> State:
    """The state past a page of parents."""
    walk, stage = _walk(state)
    late = _late(state, stage, found) | frozenset(walk.late)
    state = _with_ledger(state, stage, found)
    walk = replace(
        walk,
        listing=after,
        pending=tuple(dict.fromkeys(walk.pending + _active(state, settings, stage, found, late, cycles.window))),
        late=tuple(dict.fromkeys(walk.late + _active(state, settings, stage, found, late, cycles.whole))) if late else walk.late,
        stats_seen=walk.stats_seen or any(row.get("last_run_start_time") for row in found),
    )
    unseen = after is None and not walk.stats_seen and (found or piece.offset)
    if stage.child == RUN.table and settings.sync_runs and unseen and state.stats_served:
        # Null everywhere means that statistics are not served: the same listing again, and every project is asked.
        return _with_walk(replace(state, stats_served=False), Walk(Slice(piece.table)))
    if after is None:
        state, walk = _settled(state, walk)
    return _with_walk(replace(state, stats_served=state.stats_served or walk.stats_seen), walk)


def _late(state: State, stage: Stage, found: Sequence[Row]) -> frozenset[str]:
    """Projects on a page that no listing before this cycle had: their past is unread. A first cycle or a full ledger has none."""
    if stage is not PROJECTS or state.cycle is None or state.cycle.since is None:
        return frozenset()
    before, listed = ledger.ids(state.cycle.known), ledger.ids(state.cycle.listed)
    if len(before) + len(listed) >= ledger.IDS_MAX:
        return frozenset()
    return frozenset(row["project_id"] for row in found) - set(before) - set(listed)


def _with_ledger(state: State, stage: Stage, found: Sequence[Row]) -> State:
    """The state with a page's parents moved from those known before to those listed now."""
    if state.cycle is None or stage not in (PROJECTS, DATASETS):
        return state
    key = BY_TABLE[stage.listing or ""].key
    keys = [row[key] for row in found]
    room = ledger.IDS_MAX - len(ledger.ids(state.known_projects))  # empty while projects are listed
    listed = list(dict.fromkeys(ledger.ids(state.cycle.listed) + keys))[:room]
    known = [one for one in ledger.ids(state.cycle.known) if one not in keys]
    return replace(state, cycle=replace(state.cycle, known=ledger.packed(known), listed=ledger.packed(listed)))


def _settled(state: State, walk: Walk) -> tuple[State, Walk]:
    """The end of a listing: what was known and is not listed is missing, what is listed is known."""
    if state.cycle is None or STAGES[state.cycle.stage] not in (PROJECTS, DATASETS):
        return state, walk
    cycle = state.cycle
    known = replace(cycle, known="", listed="")
    if STAGES[cycle.stage] is PROJECTS:
        return replace(state, known_projects=cycle.listed, cycle=known), replace(walk, missing=cycle.known)
    return replace(state, known_datasets=cycle.listed, cycle=known), replace(walk, missing=cycle.known)


def _found_again(state: State, found: Sequence[Row], settings: Settings) -> State:
    """A parent not listed and there all the same: the list had shifted. It is known again, and its children are read."""
    walk, stage = _walk(state)
    keys = [row[BY_TABLE[stage.listing or ""].key] for row in found]
    pending = walk.pending + _active(state, settings, stage, found, frozenset(), cycles.window)
    state = _with_walk(state, replace(walk, pending=pending, slices=walk.slices[1:]))
    if stage is PROJECTS:
        return replace(state, known_projects=ledger.packed(ledger.ids(state.known_projects) + keys))
    return replace(state, known_datasets=ledger.packed(ledger.ids(state.known_datasets) + keys))


def _with_version(state: State, dataset: str, version: datetime | None) -> State:
    ids = len(ledger.ids(state.known_projects)) + len(ledger.ids(state.known_datasets))
    return replace(state, versions=ledger.with_version(state.versions, dataset, version, ledger.BYTES_MAX - 16 * ids))


def _with_unfinished(state: State, found: Sequence[Row]) -> State:
    """The state with the unfinished runs of a page noted, and those that have ended forgotten."""
    until = state.cycle.until if state.cycle else state.done_to
    if until is None:
        return state
    text, dropped = ledger.noted(state.unfinished, found, until)
    overflow = max(filter(None, (state.overflow, dropped)), default=None)
    return replace(state, unfinished=text, overflow=overflow)


def _touched(state: State, settings: Settings, found: Sequence[Row]) -> tuple[Slice, ...]:
    """Slices that read the runs again whose feedback is new or was edited."""
    since = cycles.touched_since(state.cycle, state) if state.cycle else None
    if since is None or not settings.sync_runs or state.cycle is None:
        return ()
    runs = {row["run_id"]: row["project_id"] for row in found if row["run_id"] and _stamp(row, since) >= since}
    pairs = [(run, project) for run, project in runs.items() if project and (state.projects is None or project in state.projects)]
    lo, hi = cycles.whole(state, settings)
    return tuple(
        begun(Slice(RUN.table, tuple(dict.fromkeys(p for _, p in part)), tuple(run for run, _ in part), lo=lo, hi=hi))
        for part in (pairs[i : i + cycles.IDS_MAX] for i in range(0, len(pairs), cycles.IDS_MAX))
    )


def _stamp(row: Row, otherwise: datetime) -> datetime:
    """When feedback was last written."""
    text = row["updated_at"] or row["created_at"]
    return parse(text) if text else otherwise


def _active(
    state: State, settings: Settings, stage: Stage, found: Iterable[Row], late: frozenset[str], window: Window
) -> tuple[str, ...]:
    """The parents on a page whose children must be asked for in that window: the late ones in all of their past."""
    if stage.child == EXAMPLE.table:
        return tuple(row["dataset_id"] for row in found) if settings.sync_examples else ()
    if stage.child != RUN.table or not settings.sync_runs:
        return ()
    lo, hi = window(state, settings)
    skip = state.history.skip if state.history and not state.cycle else ()
    wanted = [
        row
        for row in found
        if (row["project_id"] in late) == (window is cycles.whole)
        and row["project_id"] not in skip
        and (state.projects is None or row["project_id"] in state.projects)
    ]
    return tuple(row["project_id"] for row in wanted if lo < hi and (not state.stats_served or _has_runs_since(row, lo)))


def _has_runs_since(row: Row, lo: datetime) -> bool:
    last = row["last_run_start_time"]
    return last is not None and parse(last) >= lo
