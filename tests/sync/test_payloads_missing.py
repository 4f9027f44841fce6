"""Runs whose payloads could not be had: what is put aside of them, when their rows wait, and what a look makes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sync.looks import HOUR

from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.rows import Row
from langsmith_core.records.times import render
from langsmith_core.remarks import Remarks
from langsmith_core.streams import bounds
from langsmith_core.streams.bounds import Before
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.sync.context import context_of
from langsmith_core.sync.payloads_missing import GIVEN_UP, PROJECTS_MAX, held, noted, projects, put_back
from langsmith_core.sync.state import Look, State, Task
from samples import NOW, settings

MILLISECOND = timedelta(milliseconds=1)
SETTINGS = settings()
P, Q = str(UUID(int=1)), str(UUID(int=2))


def state(since: float | None = 1, **fields: Any) -> State:
    """A look that began now; the one before so many hours ago, None for a first one."""
    done_to = None if since is None else NOW - since * HOUR
    frozen = bounds.of_look(Before(done_to, done_to, done_to, done_to), None, NOW, deep=False, light=False)
    return State("here", look=Look(frozen), done_to=done_to, **fields)


def run(number: int, hours_ago: float, project: str = P) -> Row:
    return {"run_id": str(UUID(int=number)), "project_id": project, "start_time": render(NOW - hours_ago * HOUR)}


def window(lo_hours_ago: float, **fields: Any) -> Task:
    """Runs of P from then on."""
    return Task(RunWindow(lo=NOW - lo_hours_ago * HOUR, hi=NOW, parents=Ids((P,))), **fields)


def by_id(lo_hours_ago: float, *numbers: int, **fields: Any) -> Task:
    """These runs of P."""
    ids = Ids(str(UUID(int=number)) for number in numbers)
    return Task(RunsById(lo=NOW - lo_hours_ago * HOUR, hi=NOW, ids=ids, parents=Ids((P,))), **fields)


def waiting(lo_hours_ago: float, since: Any) -> Task:
    """A window that is read again for payloads that could not be had since then."""
    return window(lo_hours_ago, reason="payload", since=since)


HELD = [
    (window(25), 0.5, False),  # begun since the last look: it was never delivered
    (window(25), 3, True),  # read again
    (window(24 * 400), 3, False),  # of a project that no earlier listing had
    (by_id(24 * 400, 1), 24 * 30, True),  # touched by feedback
    (waiting(25, NOW - HOUR), 0.5, True),  # delivered marked
    (waiting(25, NOW - GIVEN_UP - MILLISECOND), 3, False),  # given up
    (window(25, reason="failed", since=NOW - HOUR), 0.5, True),  # delivered marked, and its query failed meanwhile
    (window(25, reason="failed", since=NOW - GIVEN_UP - MILLISECOND), 3, False),
    (window(25, reason="failed"), 0.5, False),  # put aside before it was read
]
NAMES = ["new", "again", "late project", "by id", "tried again", "given up", "failed meanwhile", "failed and given up", "failed"]


@pytest.mark.parametrize(("task", "hours_ago", "waits"), HELD, ids=NAMES)
def test_a_row_waits_where_the_destination_may_have_it_whole(task: Task, hours_ago: float, waits: bool) -> None:
    """A row that is read for the first time lands marked; one that may be there already does not replace what is there."""
    assert held(task, run(1, hours_ago), context_of(state(), SETTINGS), NOW) is waits


ODD = [{"run_id": "none"}, {"project_id": "none"}, {"start_time": None}, {"start_time": render(NOW + 48 * HOUR)}]


@pytest.mark.parametrize("odd", ODD)
def test_a_run_that_cannot_be_asked_for_again_does_not_wait(odd: dict[str, Any]) -> None:
    """Without an id, a project or a start that a window can end behind, its row lands marked, and nothing is put aside."""
    row = {**run(1, 3), **odd}
    assert not held(window(25), row, context_of(state(), SETTINGS), NOW)
    assert noted(state(), SETTINGS, window(25), [row], NOW, Remarks()) == state()


def test_in_a_first_sync_nothing_waits() -> None:
    """Neither in its look nor in its backfill."""
    first, backfill = state(None), State("here", done_to=NOW)
    assert [held(window(25), run(1, 3), context_of(one, SETTINGS), NOW) for one in (first, backfill)] == [False, False]


def test_few_are_remembered_by_id_and_many_by_their_window() -> None:
    """One task a project, which grows: up to fifty ids, then the window from the oldest to the youngest."""
    few = noted(state(), SETTINGS, window(25), [run(1, 3), run(2, 2), run(3, 1, Q)], NOW, Remarks())
    two, one = Ids((run(1, 0)["run_id"], run(2, 0)["run_id"])), Ids((run(3, 0)["run_id"],))
    of_p = RunsById(lo=NOW - 3 * HOUR, hi=NOW - 2 * HOUR + MILLISECOND, ids=two, parents=Ids((P,)))
    of_q = RunsById(lo=NOW - HOUR, hi=NOW - HOUR + MILLISECOND, ids=one, parents=Ids((Q,)))
    assert few.later == (Task(of_p, "payload", NOW), Task(of_q, "payload", NOW))
    many = noted(few, SETTINGS, window(25), [run(10 + i, 5 - i / 100) for i in range(49)], NOW + HOUR, Remarks())
    grown = RunWindow(lo=NOW - 5 * HOUR, hi=NOW - 2 * HOUR + MILLISECOND, waiting=Ids((P,)))
    assert many.later == (Task(grown, "payload", NOW), few.later[1])
    assert [projects(task) for task in many.later] == [(P,), (Q,)]


def test_what_failed_or_broke_off_waits_beside_it() -> None:
    """Missing payloads of a project join those that are missing, and nothing else that was put aside."""
    failed = window(25, reason="failed")
    after = noted(state(later=(failed,)), SETTINGS, window(25), [run(1, 3)], NOW, Remarks())
    assert (after.later[0], len(after.later)) == (failed, 2)


@pytest.mark.parametrize("reason", ["payload", "failed"])
def test_work_that_is_tried_again_keeps_the_time_of_its_first_failure(reason: Any) -> None:
    """So that it is given up in the end, also where LangSmith failed meanwhile."""
    since = NOW - 47 * HOUR
    tried = noted(state(), SETTINGS, window(25, reason=reason, since=since), [run(1, 3)], NOW, Remarks())
    assert [(task.reason, task.since) for task in tried.later] == [("payload", since)]
    assert noted(state(), SETTINGS, tried.later[0], [run(1, 3)], since + GIVEN_UP + MILLISECOND, Remarks()) == state()


def test_what_is_given_up_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """Two days after its first failure a run stays marked, and a line says which one."""
    remarks = Remarks()
    noted(state(), SETTINGS, waiting(25, NOW - GIVEN_UP - MILLISECOND), [run(77, 3)], NOW, remarks)
    remarks.tell()
    assert str(UUID(int=77)) in caplog.text


@pytest.mark.parametrize("reason", ["payload", "failed"])
def test_while_storage_fails_the_rest_waits_for_the_next_look(reason: Any) -> None:
    """The task in hand goes back among what waits for payloads, joined with what a page before it has put aside."""
    task = by_id(25, 1, 2, reason=reason, since=NOW - 3 * HOUR)
    first = state()
    assert first.look
    in_hand = State(
        "here", look=Look(first.look.bounds, (task,), retrying=True), later=(by_id(5, 3, reason="payload", since=NOW),)
    )
    after = put_back(in_hand, SETTINGS, task, Remarks())
    assert (after.agenda, after.later) == ((), (by_id(25, 3, 1, 2, reason="payload", since=NOW - 3 * HOUR),))


def test_a_state_remembers_twenty_projects(caplog: pytest.LogCaptureFixture) -> None:
    """The next one's payloads stay marked, and a line says whose."""
    remarks = Remarks()
    full = noted(state(), SETTINGS, window(25), [run(i, 3, str(UUID(int=i))) for i in range(PROJECTS_MAX)], NOW, remarks)
    assert noted(full, SETTINGS, window(25), [run(99, 3, str(UUID(int=99)))], NOW, remarks) == full
    remarks.tell()
    assert str(UUID(int=99)) in caplog.text


@pytest.mark.parametrize(
    ("starts", "top"),
    [((5, 4, 3), 3), ((5, 3, 3), 3), ((5, 5), 5), ((3, 5), None), ((10, 10), None)],
    ids=["apart", "twins", "twins at the page's top", "out of order", "twins at the window's top"],
)
def test_where_a_page_is_cut_the_rest_begins_with_the_last_run(starts: tuple[int, ...], top: int | None) -> None:
    """From its start time on, twins included; not at all where that would be the same window again."""
    microsecond = timedelta(microseconds=1)
    work = RunWindow(lo=NOW, hi=NOW + 11 * microsecond, parents=Ids((P,)))
    rows = [(str(i), render(NOW + start * microsecond)) for i, start in enumerate(starts)]
    rest = work.cut_before(rows, context_of(State("here", api="v1"), SETTINGS))
    assert (rest and rest.top) == (None if top is None else NOW + (top + 1) * microsecond)


def test_of_runs_by_id_the_rest_are_those_not_delivered() -> None:
    """The last of the page, before which it was cut, and those it has not shown."""
    work, ids = by_id(25, 0, 1, 2, 3).work, [str(UUID(int=i)) for i in range(4)]
    rest = work.cut_before([(ids[2], None), (ids[0], None)], context_of(State("here", api="v1"), SETTINGS))
    assert isinstance(rest, RunsById)
    assert list(rest.ids) == [ids[0], ids[1], ids[3]]
