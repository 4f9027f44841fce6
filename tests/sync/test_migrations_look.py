"""A cycle of layout 1 goes on as a look at the same place, whichever stage it was in; so does a history as a backfill."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sync.old_states import (
    DATASET,
    ENDED,
    OLDEST,
    PROJECT,
    RUNS_FROM,
    Json,
    at,
    carried,
    cycle,
    day,
    ids,
    in_hand,
    look,
    one,
    packed,
    window,
)

from langsmith_core.streams.bounds import Bounds, Past
from langsmith_core.streams.listing import ListAll
from langsmith_core.streams.projects import FindProjects, ListProjects
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.sync.state import Backfill, Task


def test_the_bounds_are_those_of_the_cycle() -> None:
    """A look after another one reads the 24 hours before it again, and the time that LangSmith takes to show a run."""
    assert look(0).bounds == Bounds(
        until=day(10),
        oldest=OLDEST,
        runs_from=RUNS_FROM,
        feedback_from=RUNS_FROM,
        since=day(9),
        touched_since=day(8, 23, 45),
    )


@pytest.mark.parametrize(
    ("fields", "runs_from"),
    [
        ({"light": True}, day(8, 23, 45)),
        ({"deep": True}, day(3, 0, 5)),
        ({"since": None, "feedback_since": None}, day(3, 0, 5)),
    ],
)
def test_runs_are_read_from_where_the_cycle_read_them(fields: Json, runs_from: object) -> None:
    """A light look leaves the 24 hours before out; the daily pass and the first look read a week."""
    assert look(0, **fields).bounds.runs_from == runs_from


def test_the_daily_pass_counts_from_the_one_before() -> None:
    """What was young enough since the last daily pass, and not overlapped since, is read once more."""
    fields = {"overlapped_to": at(6), "reconciled": at(9), "scope": {"start_time": at(1)}}
    found = carried(done_to=at(9), **fields, cycle=cycle(0, deep=True)).look
    assert found is not None
    assert found.bounds.oldest == day(1)
    assert found.bounds.runs_from == day(2, 0, 5)
    assert found.bounds.feedback_from == day(9) - timedelta(days=14)


def test_a_first_reading_of_feedback_stays_one() -> None:
    """Feedback that was never read whole is read from its beginning, and touches no run."""
    bounds = look(4, feedback_since=None).bounds
    assert (bounds.first_feedback, bounds.touched_since, bounds.feedback_from) == (True, None, OLDEST)


def test_calls_and_a_return_are_counted_on() -> None:
    """A look knows how many calls have gone on with it, and that it has come back to a list."""
    found = look(3, calls=4, returned=True)
    assert (found.calls, found.returned, found.retrying) == (4, True, False)


@pytest.mark.parametrize(
    ("stage", "table", "work"),
    [
        (0, PROJECT, ListProjects(offset=99, anchor=one(1), seen=ids(1), unseen=ids(2), stats_seen=True)),
        (2, PROJECT, FindProjects(**ENDED, offset=99, anchor=one(1), stats_seen=True)),
        (3, DATASET, ListAll(table=DATASET, offset=99, anchor=one(1), seen=ids(1), unseen=ids(2))),
    ],
)
def test_a_list_that_broke_off_waits_for_the_end_of_the_look(stage: int, table: str, work: object) -> None:
    """The look comes back to the list at its place, with what it has shown."""
    walk = {"listing": {"table": table, "offset": 99, "anchor": one(1)}, "stats_seen": True}
    left = {"stage": stage, "walk": walk, "known": packed(2), "listed": packed(1)}
    state = carried(done_to=at(9), cycle=cycle(4, left=left), owed=[window(1, 2, 1)])
    assert state.later == (Task(in_hand(1, 2, 1), "failed"), Task(work, "broken"))  # type: ignore[arg-type]


def test_a_history_goes_on_as_a_backfill() -> None:
    """Runs of the past are read on from the same place, of every project but those that were read before."""
    listing = {"table": PROJECT, "offset": 99, "anchor": one(4), "limit": 9}
    walk = {"listing": listing, "pending": packed(2), "slices": [window(1, 2, 1)], "stats_seen": True}
    history = {"lo": at(1), "hi": at(8), "walk": walk, "skip": packed(3)}
    assert carried(api="v2", history=history).backfill == Backfill(
        Past(day(1), day(8), ids(3)),
        (
            Task(in_hand(1, 2, 1)),
            Task(RunWindow(lo=day(1), hi=day(8), waiting=ids(2))),
            Task(FindProjects(lo=day(1), hi=day(8), offset=99, anchor=one(4), limit=9, stats_seen=True)),
        ),
    )
