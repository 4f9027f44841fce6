"""Each kind of slice of layout 1 becomes the work item that asks the same next question."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from sync.old_states import DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN, Json, at, carried, day, ids, in_hand, one, packed, window

from langsmith_core.streams.dataset_versions import NewestVersion
from langsmith_core.streams.example_versions import RemovedExamples, WholeVersion
from langsmith_core.streams.examples import ChangedExamples
from langsmith_core.streams.feedback import FeedbackWindow
from langsmith_core.streams.feedback_edits import EditedRuns
from langsmith_core.streams.feedback_of_runs import FeedbackOfRuns
from langsmith_core.streams.look_up import LookUp
from langsmith_core.streams.offset_trail import Trail
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.sync.state import Task

TRAIL: Json = {"ids": packed(7, 8), "home": 99, "drift": 1, "probes": 2, "repeats": 3, "pages": 4, "loose": True}
PLACE: Json = {"offset": 99, "anchor": one(8), "trail": TRAIL | {"digest": "d", "before": "b"}, "limit": 5}
PLACED: dict[str, Any] = {"offset": 99, "anchor": one(8), "trail": Trail(ids(7, 8), 99, 1, 2, 3, 4, True, "d", "b"), "limit": 5}
HALF: Json = {"table": RUN, "parents": packed(1, 2), "lo": at(1), "hi": at(6), "floor": at(3), "ceiling": at(8)}
WINDOW: dict[str, Any] = {"lo": day(1), "hi": day(6), "parents": ids(1, 2), "top": day(6), "floor": day(3), "ceiling": day(8)}
GOING_ON: Json = {"cursor": "c", "limit": 5, "refused": 2}
HALF_READ: dict[str, Any] = WINDOW | GOING_ON
BY_ID: dict[str, Any] = {"lo": day(1), "hi": day(2), "ids": ids(8), "parents": ids(1)}
KINDS: dict[str, tuple[Json, Any]] = {
    "a window of runs": (
        window(1, 2, 1),
        in_hand(1, 2, 1),
    ),
    "half a window of runs": (HALF | GOING_ON, RunWindow(**HALF_READ)),
    "runs that have ended since": (HALF | GOING_ON | {"ended_since": at(4)}, RunWindow(**HALF_READ, ended_since=day(4))),
    "runs with edited feedback": (HALF | GOING_ON | {"edited_since": at(4)}, EditedRuns(**HALF_READ, edited_since=day(4))),
    "runs by id": (window(1, 2, 1, ids=packed(8), cursor="c", limit=5), RunsById(**BY_ID, cursor="c", limit=5)),
    "runs by id of no project": (window(1, 2, ids=packed(8)), RunsById(lo=day(1), hi=day(2), ids=ids(8))),
    "feedback": (
        {"table": FEEDBACK, "parents": packed(1), "lo": at(1), "hi": at(2), **PLACE},
        FeedbackWindow(lo=day(1), hi=day(2), parents=ids(1), **PLACED),
    ),
    "feedback of runs": ({"table": FEEDBACK, "ids": packed(8), **PLACE}, FeedbackOfRuns(runs=ids(8), **PLACED)),
    "feedback without a trail": (
        {"table": FEEDBACK, "ids": packed(8), "offset": 99, "anchor": one(8)},
        FeedbackOfRuns(runs=ids(8), offset=99, anchor=one(8)),
    ),
    "a project": ({"table": PROJECT, "ids": packed(1)}, LookUp(PROJECT, ids(1))),
    "a dataset": ({"table": DATASET, "ids": packed(3)}, LookUp(DATASET, ids(3))),
    "the versions of a dataset": ({"table": EXAMPLE, "parents": packed(3)}, NewestVersion(ids(3))),
    "a version": (
        {"table": EXAMPLE, "parents": packed(3), "hi": at(2), "seen": at(4), **PLACE},
        WholeVersion(dataset=one(3), seen=day(4), version=day(2), **PLACED),
    ),
    "a dataset without a version": (
        {"table": EXAMPLE, "parents": packed(3), "hi": at(2), "floor": at(2), "seen": at(4)},
        WholeVersion(dataset=one(3), seen=day(4), version=day(2), unversioned=True),
    ),
    "a version of a program that kept no time": (
        {"table": EXAMPLE, "parents": packed(3), "hi": at(2)},
        WholeVersion(dataset=one(3), seen=day(2), version=day(2)),
    ),
    "a difference": (
        {"table": EXAMPLE, "parents": packed(3), "lo": at(1), "hi": at(2), "seen": at(4)},
        ChangedExamples(dataset=one(3), seen=day(4), lo=day(1), hi=day(2)),
    ),
    "half a difference": (
        {"table": EXAMPLE, "parents": packed(3), "lo": at(1), "hi": at(2), "floor": at(2), "anchor": one(8), "limit": 5},
        ChangedExamples(dataset=one(3), seen=day(2), lo=day(1), hi=day(2), past=one(8), unversioned=True, limit=5),
    ),
    "a comparison": (
        {"table": EXAMPLE, "parents": packed(3), "hi": at(1), "ceiling": at(2), "seen": at(4), **PLACE},
        RemovedExamples(dataset=one(3), seen=day(4), before=day(1), version=day(2), **PLACED),
    ),
}


@pytest.mark.parametrize(("old", "work"), KINDS.values(), ids=KINDS)
def test_a_slice_becomes_work(old: Json, work: Any) -> None:
    """The work stands at the same place of the same question."""
    assert carried(api="v2", owed=[old]).later == (Task(work, "failed"),)


@pytest.mark.parametrize("fields", [{"api": "v1"}, {"api": "v2", "v1_before": at(5)}])
def test_projects_wait_where_a_query_takes_one(fields: Json) -> None:
    """v1 honours only the first project of a query: the others of a slice must not be taken for read."""
    (task,) = carried(**fields, owed=[window(1, 2, 1, 2)]).later
    assert task.work == RunWindow(lo=day(1), hi=day(2), waiting=ids(1, 2))


@pytest.mark.parametrize("fields", [{"v1_before": at(5), "v1_gone": True}, {"v1_before": at(1)}])
def test_projects_are_in_hand_where_a_query_takes_them(fields: Json) -> None:
    """v2 takes fifty projects: also where v1 is gone, or is asked for older runs only."""
    (task,) = carried(api="v2", **fields, owed=[window(1, 2, 1, 2)]).later
    assert task.work.in_hand == tuple(ids(1, 2))


def test_a_version_is_not_read_twice_behind_a_comparison() -> None:
    """The comparison of two versions goes on with the newer one itself: the slice behind it is the same work."""
    compared = {"table": EXAMPLE, "parents": packed(3), "hi": at(1), "ceiling": at(2), "seen": at(4)}
    whole = {"table": EXAMPLE, "parents": packed(3), "hi": at(2), "seen": at(4)}
    other = {"table": EXAMPLE, "parents": packed(4), "hi": at(2), "seen": at(4)}
    works = [task.work for task in carried(owed=[compared, whole, other]).later]
    assert works == [
        RemovedExamples(dataset=one(3), seen=day(4), before=day(1), version=day(2)),
        WholeVersion(dataset=one(4), seen=day(4), version=day(2)),
    ]


def test_missing_payloads_wait_since_then() -> None:
    """Runs without their payloads are given up two days after they were first missed, whichever layout noted that."""
    by_id = window(1, 2, 1, ids=packed(8), unfilled_since=at(3))
    state = carried(api="v2", unfilled=[by_id], owed=[window(1, 2, 2, unfilled_since=at(4))])
    assert state.later == (Task(in_hand(1, 2, 2), "failed", day(4)), Task(RunsById(**BY_ID), "payload", day(3)))


def test_a_long_cursor_is_read() -> None:
    """States of older programs hold cursors that are longer than what is kept today: the window is asked again."""
    (task,) = carried(api="v2", owed=[window(1, 2, 1, cursor="c" * 50_000)]).later
    kept = task.work.kept()
    assert kept == replace(in_hand(1, 2, 1), refused=1)
