"""Slices of layout 1 as work items.

Pure: a slice in, an item out. Not here: the stage and the list that a slice stood in (migrations_look).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from langsmith_core.streams.context import Api
from langsmith_core.streams.dataset_versions import NewestVersion
from langsmith_core.streams.example_versions import RemovedExamples, WholeVersion
from langsmith_core.streams.examples import ChangedExamples
from langsmith_core.streams.feedback import FeedbackWindow
from langsmith_core.streams.feedback_edits import EditedRuns
from langsmith_core.streams.feedback_of_runs import FeedbackOfRuns
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.look_up import LookUp
from langsmith_core.streams.registry import DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN
from langsmith_core.streams.run_queries import PROJECTS_A_QUERY
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.sync.state import Reason, Task
from langsmith_core.sync.state_version_1 import IDS_MAX, Slice, State

_HELD = ("parents", "floor", "ceiling", "cursor", "limit", "refused", "ended_since")
"""What a window in hand has as its slice had it."""


def works(old: State, slices: Sequence[Slice], tables: Sequence[str]) -> list[Item]:
    """The work of slices, in their order. Raises ValueError for one of another table, or that layout 1 never held."""
    for piece in slices:
        _hold(piece, piece.table in tables and len(piece.parents) <= IDS_MAX and len(piece.ids) <= IDS_MAX)
    return [work_of(old, piece) for piece in _each_once(slices)]


def aside(old: State, slices: Sequence[Slice], reason: Reason) -> tuple[Task, ...]:
    """Tasks of slices that were put aside. One that was read for missing payloads may have failed besides."""
    kept = _each_once(slices)
    found = zip(works(old, kept, tuple(_KINDS)), kept, strict=True)
    return tuple(Task(work, reason, piece.unfilled_since) for work, piece in found)


def last_try(old: State, slices: Sequence[Slice]) -> tuple[Task, ...]:
    """Tasks of the last stage: what was put aside, and what that had led to."""
    failed = [piece for piece in slices if not piece.unfilled_since]
    return (*aside(old, failed, "failed"), *aside(old, [piece for piece in slices if piece.unfilled_since], "payload"))


def work_of(old: State, piece: Slice) -> Item:
    """The work that a slice stands for. Raises ValueError for one that layout 1 never held."""
    return _KINDS[piece.table](old, piece)


def api_at(old: State, lo: datetime | None) -> Api:
    """The run API that a window from `lo` on is asked by."""
    by_v1 = old.v1_before is not None and not old.v1_gone and (lo is None or lo < old.v1_before)
    return "v1" if by_v1 else old.api or "v1"


def place(piece: Slice) -> dict[str, Any]:
    """The place in an offset list. Programs before trails have written the anchor alone."""
    return {"offset": piece.offset, "anchor": piece.anchor, "trail": piece.trail, "limit": piece.limit}


def _runs(old: State, piece: Slice) -> Item:
    """Some runs by id, or a window. More projects than one query takes have not been begun."""
    lo, hi = _window(piece)
    if not (piece.floor and piece.ceiling) or not (piece.ids or piece.parents):
        raise _never(piece)
    if piece.ids:
        return RunsById(lo=lo, hi=hi, ids=piece.ids, parents=piece.parents, cursor=piece.cursor, limit=piece.limit)
    if not piece.edited_since and len(piece.parents) > PROJECTS_A_QUERY[api_at(old, lo)]:
        return RunWindow(lo=lo, hi=hi, waiting=piece.parents, ended_since=piece.ended_since)
    begun: dict[str, Any] = {"lo": lo, "hi": hi, "top": hi}
    begun |= {name: getattr(piece, name) for name in _HELD}
    return EditedRuns(**begun, edited_since=piece.edited_since) if piece.edited_since else RunWindow(**begun)


def _feedback(_old: State, piece: Slice) -> Item:
    """The feedback of a few runs, or of a window."""
    _hold(piece, not _is_special(piece))
    if piece.ids:
        _hold(piece, not (piece.parents or piece.lo or piece.hi))
        return FeedbackOfRuns(runs=piece.ids, **place(piece))
    lo, hi = _window(piece)
    return FeedbackWindow(lo=lo, hi=hi, parents=piece.parents, **place(piece))


def _examples(_old: State, piece: Slice) -> Item:
    """One dataset: its versions are asked for, or one is read, alone or against another."""
    _hold(piece, len(piece.parents) == 1 and not piece.ids and not _is_special(piece))
    dataset = piece.parents[0]
    if piece.hi is None:
        _hold(piece, piece.lo is None and piece.ceiling is None)
        return NewestVersion(piece.parents)
    # A slice from before `seen` was kept: LangSmith cannot have shown the version before it was made.
    seen, unversioned = piece.seen or piece.hi, piece.floor is not None
    if piece.ceiling:
        return RemovedExamples(dataset=dataset, seen=seen, before=piece.hi, version=piece.ceiling, **place(piece))
    if piece.lo is None:
        return WholeVersion(dataset=dataset, seen=seen, version=piece.hi, unversioned=unversioned, **place(piece))
    return ChangedExamples(
        dataset=dataset, seen=seen, lo=piece.lo, hi=piece.hi, past=piece.anchor, unversioned=unversioned, limit=piece.limit
    )


def _record(_old: State, piece: Slice) -> Item:
    """One project or dataset that its list no longer shows."""
    _hold(piece, len(piece.ids) == 1 and not piece.parents and not _is_special(piece))
    return LookUp(piece.table, piece.ids)


_KINDS: Mapping[str, Callable[[State, Slice], Item]] = {
    RUN.name: _runs,
    FEEDBACK.name: _feedback,
    EXAMPLE.name: _examples,
    PROJECT.name: _record,
    DATASET.name: _record,
}


def _window(piece: Slice) -> tuple[datetime, datetime]:
    if piece.lo is None or piece.hi is None:
        raise _never(piece)
    return piece.lo, piece.hi


def _each_once(slices: Sequence[Slice]) -> list[Slice]:
    """The slices but those that the work of another ends with.

    A comparison of two versions ends with the newer one read whole. In layout 1 that was the slice behind it.
    """
    compared = {(piece.parents, piece.ceiling) for piece in slices if piece.table == EXAMPLE.name and piece.ceiling}
    return [piece for piece in slices if not (_is_whole(piece) and (piece.parents, piece.hi) in compared)]


def _is_whole(piece: Slice) -> bool:
    """Whether a slice reads a version whole."""
    return piece.table == EXAMPLE.name and piece.lo is None and piece.ceiling is None


def _is_special(piece: Slice) -> bool:
    """Whether a slice has what only those of runs had."""
    return bool(piece.ended_since or piece.edited_since or piece.unfilled_since or piece.cursor)


def _hold(piece: Slice, kept: bool) -> None:
    if not kept:
        raise _never(piece)


def _never(piece: Slice) -> ValueError:
    return ValueError(f"a slice of {piece.table:.40}: layout 1 never held it")
