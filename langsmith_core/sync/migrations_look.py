"""A cycle and a history of layout 1 as a look and a backfill.

A cycle went through seven stages. Each listed parents, or began with one slice, and went on when its walk was at its end. Here:
the work that the stage in hand still had, and the streams behind it. Not here: one slice (migrations_slices).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from langsmith_core.streams import bounds
from langsmith_core.streams.bounds import INDEX_LAG, OVERLAP, UNFINISHED_AGE, Bounds, Past
from langsmith_core.streams.dataset_versions import NewestVersion
from langsmith_core.streams.feedback import FeedbackWindow
from langsmith_core.streams.feedback_edits import EditedFeedback
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.listing import BEFORE_ALL, ListAll
from langsmith_core.streams.look_up import LookUp
from langsmith_core.streams.projects import FindProjects, ListProjects
from langsmith_core.streams.registry import DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN, STREAMS
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs import Unfinished
from langsmith_core.sync import state_version_1 as version_1
from langsmith_core.sync.migrations_slices import last_try, place, works
from langsmith_core.sync.state import Backfill, Look, Task
from langsmith_core.sync.state_version_1 import DATASETS, EDITED, ENDED, OWED, PROJECTS, UNFINISHED, Cycle, History, Left, Slice

FEEDBACKS = version_1.FEEDBACK
READ: Mapping[int, tuple[str, ...]] = {
    PROJECTS: (RUN.name, PROJECT.name),
    UNFINISHED: (RUN.name,),
    ENDED: (RUN.name,),
    DATASETS: (EXAMPLE.name, DATASET.name),
    FEEDBACKS: (FEEDBACK.name, RUN.name),
    EDITED: (RUN.name, FEEDBACK.name),
}
"""The tables that a stage's slices read."""
LISTED: Mapping[int, str] = {PROJECTS: PROJECT.name, ENDED: PROJECT.name, DATASETS: DATASET.name}
"""The table that a stage lists."""
STREAM: Mapping[int, str] = {
    PROJECTS: PROJECT.name,
    UNFINISHED: RUN.name,
    ENDED: RUN.name,
    DATASETS: DATASET.name,
    FEEDBACKS: FEEDBACK.name,
    EDITED: FEEDBACK.name,
}
"""The stream that has a stage's work now."""
ALL_DONE = 2**32
"""No run of the ledger starts so late: its starts are seconds in four bytes."""


def look(old: version_1.State, cycle: Cycle) -> Look:
    """The look that goes on where a cycle was."""
    frozen = _bounds(old, cycle)
    here = Left(cycle.stage, cycle.walk, cycle.known, cycle.listed)
    if cycle.stage == OWED:
        _hold("cycle", not _waits(here) and not _lists(frozen, here))
        return Look(frozen, last_try(old, cycle.walk.slices), calls=cycle.calls, retrying=True, returned=cycle.returned)
    tasks = tuple(map(Task, _stage(old, frozen, here)))
    return Look(frozen, tasks, _behind(STREAM[cycle.stage]), calls=cycle.calls, returned=cycle.returned)


def broken(old: version_1.State) -> tuple[Task, ...]:
    """The list that broke off, which the look comes back to. Nothing else of its stage was left at that moment."""
    left = old.cycle.left if old.cycle else None
    if old.cycle is None or left is None:
        return ()
    _hold("left", left.walk.listing is not None and not left.walk.slices and not _waits(left))
    return tuple(Task(work, "broken") for work in _lists(_bounds(old, old.cycle), left))


def backfill(old: version_1.State, history: History) -> Backfill:
    """The backfill that goes on where a history was."""
    walk, past = history.walk, Past(history.lo, history.hi, history.skip)
    window: dict[str, Any] = {"lo": past.lo, "hi": past.hi}
    _hold("history", not (walk.late or walk.missing) and not any(piece.edited_since for piece in walk.slices))
    found = works(old, walk.slices, (RUN.name,))
    found += [RunWindow(**window, waiting=walk.pending)] if walk.pending else []
    found += [FindProjects(**window, **_listing(PROJECTS, walk.listing), stats_seen=walk.stats_seen)] if walk.listing else []
    return Backfill(past, tuple(map(Task, found)))


def _bounds(old: version_1.State, cycle: Cycle) -> Bounds:
    before = bounds.Before(cycle.since, cycle.feedback_since, old.overlapped_to, old.reconciled)
    start_time = old.scope.start_time if old.scope else None
    return bounds.of_look(before, start_time, cycle.until, deep=cycle.deep, light=cycle.light)


def _behind(table: str) -> tuple[str, ...]:
    """The streams behind a table's. Layout 1 did not know some of them: they are read in this look for the first time."""
    names = [stream.table.name for stream in STREAMS]
    return tuple(names[names.index(table) + 1 :])


def _stage(old: version_1.State, frozen: Bounds, here: Left) -> list[Item]:
    """The work that a stage still had, in its order: slices in hand, parents that wait, the list, what is listed no more."""
    walk, table = here.walk, LISTED.get(here.stage, "")
    _hold("cycle", bool(table) or not _waits(here))
    found = works(old, walk.slices, READ[here.stage])
    found += [*_waiting(frozen, here), *_lists(frozen, here)]
    found += [LookUp(table, walk.missing)] if walk.missing else []
    return _going_on(here, found)


def _waiting(frozen: Bounds, here: Left) -> list[Item]:
    """The parents that were found and not begun."""
    walk = here.walk
    if here.stage == DATASETS:
        return [NewestVersion(walk.pending)] if walk.pending else []
    pending = RunWindow(**_window(frozen, here.stage), waiting=walk.pending)
    late = RunWindow(lo=frozen.oldest, hi=frozen.runs_to, waiting=walk.late)
    return [window for window in (pending, late) if window.waiting]


def _window(frozen: Bounds, stage: int) -> dict[str, Any]:
    """The window of runs that a stage reads of each project."""
    if stage != ENDED:
        return {"lo": frozen.runs_from, "hi": frozen.runs_to}
    since = frozen.since and frozen.since - OVERLAP - INDEX_LAG
    return {"lo": max(frozen.counted_from - UNFINISHED_AGE, frozen.oldest), "hi": frozen.runs_from, "ended_since": since}


def _lists(frozen: Bounds, here: Left) -> list[Item]:
    """The list that a stage still had to read."""
    walk = here.walk
    known: dict[str, Any] = {"seen": here.listed, "unseen": here.known}
    if walk.listing is None:
        _hold("cycle", not (here.known or here.listed))
        return []
    at = _listing(here.stage, walk.listing)
    if here.stage == ENDED:
        return [FindProjects(**_window(frozen, ENDED), **at, stats_seen=walk.stats_seen)]
    if here.stage == PROJECTS:
        return [ListProjects(**at, **known, stats_seen=walk.stats_seen)]
    return [ListAll(table=DATASET.name, **at, **known)]


def _listing(stage: int, piece: Slice) -> dict[str, Any]:
    """The place in a list; of one that was broken off, the id behind which known records are asked for."""
    _hold("listing", piece.table == LISTED.get(stage) and not piece.ids)
    if not piece.parents:
        return place(piece)
    first = UUID(piece.parents[0]).int
    return {"past": str(UUID(int=first - 1)) if first else BEFORE_ALL, "limit": piece.limit}


def _going_on(here: Left, found: list[Item]) -> list[Item]:
    """The work with what follows its last slice, which that slice knew."""
    slices = here.walk.slices
    if here.stage == UNFINISHED:
        return [*found, Unfinished(slices[-1].offset, slices[-1].anchor or "") if slices else Unfinished(ALL_DONE)]
    if here.stage == EDITED:
        done = [piece.offset for piece in slices if piece.edited_since]
        return [*found, *(EditedFeedback(count) for count in done[-1:])]
    if here.stage == FEEDBACKS:
        last = found[-1:] if found and isinstance(found[-1], FeedbackWindow) and found[-1].parents else []
        return [*found[: len(found) - len(last)], *(replace(one, onward=True) for one in last), EditedFeedback()]
    return found


def _waits(here: Left) -> bool:
    """Whether parents wait in a stage."""
    return bool(here.walk.pending or here.walk.late or here.walk.missing)


def _hold(part: str, kept: bool) -> None:
    if not kept:
        raise ValueError(f"{part}: layout 1 never held it")
