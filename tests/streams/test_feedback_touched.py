"""Runs that a page of feedback touches: they are read again, since their statistics have changed."""

from typing import Any

import pytest

from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.rows import Row
from langsmith_core.streams.context import Api, Context
from langsmith_core.streams.feedback import FeedbackWindow
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.registry import RUN
from langsmith_core.streams.runs_by_id import RunsById
from samples import NOW
from streams.contexts import DONE, FIRST, HOUR, MINUTE, SINCE, SOON, YEAR_AGO, A, D, context, page, uid, without
from streams.contexts import feedback as given

E, F = uid("e"), uid("f")
WINDOW = FeedbackWindow(lo=SINCE, hi=NOW)

TOUCHED = [
    # feedback, whether its run is read again
    (given(F, E, NOW - MINUTE), True),
    (given(F, E, DONE - 15 * MINUTE), True),
    (given(F, E, DONE - HOUR), False),
    (given(F, E, DONE - HOUR, modified_at="2026-05-31T23:00:00"), True),
    (given(F, E, NOW - MINUTE, modified_at="2026-05-01T00:00:00"), False),
    (given(F, None, NOW - MINUTE), False),
    (given(F, "no uuid", NOW - MINUTE), False),
]


def touched(asked: Context, *found: Row) -> tuple[Item, ...]:
    """What a page of feedback leads to."""
    return WINDOW.after(page(*found, limit=200), asked).first


def again(*runs: str, parents: tuple[str, ...] = (A,)) -> RunsById:
    """Runs to be read again, wherever they lie."""
    return RunsById(lo=YEAR_AGO, hi=SOON, ids=Ids(runs), parents=Ids(parents))


@pytest.mark.parametrize(("row", "read"), TOUCHED)
def test_runs_that_feedback_has_touched_are_read_again(row: Row, read: bool) -> None:
    """Their statistics have changed: whatever was given or edited since the last look, wherever the run lies."""
    assert touched(context(), row) == ((again(E),) if read else ())


@pytest.mark.parametrize(
    ("api", "fields", "read"),
    [("v1", {}, True), ("v2", {}, False), ("v1", {"projects": Ids([A])}, False), ("v1", {"left_out": Ids([A])}, False)],
)
def test_feedback_that_names_no_project_touches_a_run_by_its_id_alone(api: Api, fields: Any, read: bool) -> None:
    """On v1, which looks at ids alone, and where every project is read; v2 wants the project."""
    row = given(F, E, NOW - MINUTE, session_id=None)
    assert touched(context(api=api, **fields), row) == ((again(E, parents=()),) if read else ())


def test_touched_runs_are_asked_for_by_fifties_and_once() -> None:
    """Several scores of one run are one run; more than fifty ids are several requests."""
    found = [given(uid("f", number), uid("e", number % 60), NOW) for number in range(120)]
    assert [len(one.ids) for one in touched(context(), *found) if isinstance(one, RunsById)] == [50, 10]


def test_no_runs_are_touched_where_none_are_wanted() -> None:
    """Not in a first reading, which reads all runs anyway; not without SYNC_RUNS; not of other projects."""
    row = given(F, E, NOW)
    assert touched(context(FIRST), row) == ()
    assert touched(context(scope=without(RUN)), row) == ()
    assert touched(context(projects=Ids([D])), row) == ()
    assert touched(context(left_out=Ids([A])), row) == ()


def test_a_row_that_two_pages_have_touches_its_run_once() -> None:
    """Pages overlap by a row."""
    (rest,) = WINDOW.after(page(given(F, E, NOW), limit=1), context()).rest
    assert rest.after(page(given(F, E, NOW), limit=2), context()).first == ()


def test_feedback_that_had_failed_touches_all_its_runs() -> None:
    """What was put aside may be older than the look that reads it."""
    row = given(F, E, SINCE + MINUTE)
    assert touched(context(), row) == ()
    assert touched(context(retried=True), row) == (again(E),)


def test_feedback_without_a_time_does_not_break_the_page() -> None:
    """A row whose times are no times is a row like any other; it may have been given just now."""
    assert touched(context(), given(F, E, None)) == (again(E),)
