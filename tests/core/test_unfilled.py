"""Runs whose payloads could not be had: what is remembered of them, when they wait, and what a cycle makes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from core.cursor_api import at
from core.samples import settings
from langsmith_core.records.rows import Row
from langsmith_core.sync.state import Cycle, Slice, State, Walk
from langsmith_core.streams.run_columns import RUN
from langsmith_core.records.times import render
from langsmith_core.unfilled import GIVEN_UP, PROJECTS_MAX, held, noted
from langsmith_core.windows import begun, from_run

HOUR = 3_600 * 10**6
NOW = at(1_000 * HOUR)
MILLISECOND = timedelta(milliseconds=1)
SETTINGS = settings()
P, Q = str(UUID(int=1)), str(UUID(int=2))


def state(**fields: Any) -> State:
    cycle = Cycle(NOW, Walk(None), since=NOW - timedelta(hours=1))
    return State("here", cycle=cycle, **fields)


def run(number: int, hours_ago: float, project: str = P) -> Row:
    return {"run_id": str(UUID(int=number)), "project_id": project, "start_time": render(NOW - timedelta(hours=hours_ago))}


def window(lo_hours_ago: float, **fields: Any) -> Slice:
    return begun(Slice(RUN.name, (P,), lo=NOW - timedelta(hours=lo_hours_ago), hi=NOW, **fields))


@pytest.mark.parametrize(
    ("piece", "hours_ago", "waits"),
    [
        (window(25), 0.5, False),  # begun since the last cycle: it was never delivered
        (window(25), 3, True),  # read again
        (window(24 * 400), 3, False),  # of a project that no earlier listing had
        (window(24 * 400, ids=(str(UUID(int=1)),)), 24 * 30, True),  # touched by feedback
        (window(25, unfilled_since=NOW - timedelta(hours=1)), 0.5, True),  # delivered marked
        (window(25, unfilled_since=NOW - GIVEN_UP - MILLISECOND), 3, False),  # given up
    ],
    ids=["new", "again", "late project", "by id", "tried again", "given up"],
)
def test_a_row_waits_where_the_destination_may_have_it_whole(piece: Slice, hours_ago: float, waits: bool) -> None:
    """A row that is read for the first time lands marked; one that may be there already does not replace what is there."""
    assert held(state(), piece, run(1, hours_ago), NOW) is waits


def test_in_a_first_sync_nothing_waits() -> None:
    """Neither in its cycle nor in its history."""
    first, history = State("here", cycle=Cycle(NOW, Walk(None))), State("here", done_to=NOW)
    assert [held(one, window(25), run(1, 3), NOW) for one in (first, history)] == [False, False]


def test_few_are_remembered_by_id_and_many_by_their_window() -> None:
    """One slice a project, which grows: up to fifty ids, then the span from the oldest to the youngest."""
    few = noted(state(), SETTINGS, window(25), [run(1, 3), run(2, 2), run(3, 1, Q)], NOW)
    assert [(piece.parents, piece.ids, piece.lo, piece.hi, piece.unfilled_since) for piece in few.unfilled] == [
        ((P,), (run(1, 0)["run_id"], run(2, 0)["run_id"]), NOW - timedelta(hours=3), NOW - timedelta(hours=2) + MILLISECOND, NOW),
        ((Q,), (run(3, 0)["run_id"],), NOW - timedelta(hours=1), NOW - timedelta(hours=1) + MILLISECOND, NOW),
    ]
    later = NOW + timedelta(hours=1)
    many = noted(few, SETTINGS, window(25), [run(10 + i, 5 - i / 100) for i in range(49)], later)
    assert many.unfilled[0] == begun(
        Slice(RUN.name, (P,), lo=NOW - timedelta(hours=5), hi=NOW - timedelta(hours=2) + MILLISECOND, unfilled_since=NOW)
    )
    assert many.unfilled[1] == few.unfilled[1]


def test_a_slice_that_is_tried_again_keeps_the_time_of_its_first_failure() -> None:
    """So that it is given up in the end."""
    since = NOW - timedelta(hours=47)
    tried = noted(state(), SETTINGS, window(25, unfilled_since=since), [run(1, 3)], NOW)
    assert [piece.unfilled_since for piece in tried.unfilled] == [since]
    assert noted(state(), SETTINGS, tried.unfilled[0], [run(1, 3)], since + GIVEN_UP + MILLISECOND) == state()


def test_a_state_remembers_twenty_projects(caplog: pytest.LogCaptureFixture) -> None:
    """The next one's payloads stay marked, and a line says whose."""
    full = noted(state(), SETTINGS, window(25), [run(i, 3, str(UUID(int=i))) for i in range(PROJECTS_MAX)], NOW)
    assert noted(full, SETTINGS, window(25), [run(99, 3, str(UUID(int=99)))], NOW) == full
    assert str(UUID(int=99)) in caplog.text


@pytest.mark.parametrize(
    ("starts", "hi"),
    [((5, 4, 3), 3), ((5, 3, 3), 3), ((5, 5), 5), ((3, 5), None), ((10, 10), None)],
    ids=["apart", "twins", "twins at the page's top", "out of order", "twins at the window's top"],
)
def test_where_a_page_is_cut_the_rest_begins_with_the_last_run(starts: tuple[int, ...], hi: int | None) -> None:
    """From its start time on, twins included; not at all where that would be the same window again."""
    piece = begun(Slice(RUN.name, (P,), lo=at(0), hi=at(10) + timedelta(microseconds=1)))
    rest = from_run(piece, [(str(i), render(at(start))) for i, start in enumerate(starts)], "v1")
    assert (rest and rest.hi) == (None if hi is None else at(hi) + timedelta(microseconds=1))


def test_of_runs_by_id_the_rest_are_those_not_delivered() -> None:
    """The last of the page, before which it was cut, and those it has not shown."""
    ids = tuple(str(UUID(int=i)) for i in range(4))
    rest = from_run(window(25, ids=ids), [(ids[2], None), (ids[0], None)], "v1")
    assert rest is not None
    assert rest.ids == (ids[0], ids[1], ids[3])
