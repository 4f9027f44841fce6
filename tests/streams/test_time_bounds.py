"""The arithmetic of a look's bounds: how far back runs and feedback are read. Not here: when one is due (sync/test_look)."""

from datetime import datetime
from typing import Any

import pytest
from sync.looks import DAY, HOUR, LAG, SOON, WEEK_AGO, YEAR_AGO

from langsmith_core.streams import bounds
from langsmith_core.streams.bounds import Before, Bounds
from samples import NOW

DONE = NOW - 2 * HOUR
NOTHING = Before(None, None, None, None)
SYNCED = Before(DONE, DONE, DONE, NOW - HOUR)


def of(before: Before, start: datetime | None = None, *, deep: bool = False, light: bool = False) -> Bounds:
    """The bounds of a look that begins now."""
    return bounds.of_look(before, start, NOW, deep=deep, light=light)


def test_a_first_look_reads_a_week_of_runs_and_all_feedback() -> None:
    """What is older is a backfill's. Applications' clocks run ahead by five minutes at most; LangSmith keeps 400 days."""
    first = of(NOTHING)
    assert (first.since, first.until, first.oldest) == (None, NOW, YEAR_AGO)
    assert (first.runs_from, first.runs_to, first.feedback_from) == (WEEK_AGO, SOON, YEAR_AGO)
    assert (first.first_feedback, first.touched_since, first.counted_from) == (True, None, NOW)


def test_a_later_look_reads_a_day_and_the_index_lag_again() -> None:
    """Late arrivals are back-dated by up to 24 hours; feedback that was written since the look before has touched its run."""
    later = of(SYNCED)
    assert (later.runs_from, later.runs_to) == (DONE - DAY - LAG, SOON)
    assert (later.feedback_from, later.touched_since, later.counted_from) == (DONE - DAY - LAG, DONE - LAG, DONE)


def test_a_light_look_leaves_the_day_before_out() -> None:
    """A full one begins a day before the last full one, whatever light ones came between."""
    assert of(SYNCED, light=True).runs_from == DONE - LAG
    assert of(Before(DONE, DONE, DONE - HOUR, NOW)).runs_from == DONE - HOUR - DAY - LAG
    assert of(Before(DONE, DONE, None, NOW)).runs_from == DONE - DAY - LAG


DAILY: list[tuple[Before, datetime, datetime, datetime | None]] = [
    # what was read before, where runs and feedback are read from, since when feedback has touched its run
    (Before(DONE, DONE, DONE, None), WEEK_AGO, NOW - 14 * DAY, DONE - DAY - LAG),
    (Before(DONE, DONE, DONE, NOW - DAY), WEEK_AGO - DAY, NOW - 15 * DAY, NOW - 2 * DAY - LAG),
    (Before(*[NOW - 30 * DAY] * 4), SOON - 37 * DAY, NOW - 44 * DAY, NOW - 31 * DAY - LAG),
    (Before(DONE, None, DONE, NOW - DAY), WEEK_AGO - DAY, YEAR_AGO, None),
]


@pytest.mark.parametrize(("before", "runs", "feedback", "touched"), DAILY)
def test_the_daily_pass_reads_what_was_young_since_the_one_before(before: Before, runs: Any, feedback: Any, touched: Any) -> None:
    """A week of runs and a fortnight of feedback, counted from the pass before: a long silence is covered, and all before it."""
    deep = of(before, deep=True)
    assert (deep.deep, deep.runs_from, deep.feedback_from, deep.touched_since) == (True, runs, feedback, touched)


@pytest.mark.parametrize("look", [{}, {"deep": True}, {"light": True}])
@pytest.mark.parametrize("before", [NOTHING, SYNCED])
def test_no_run_is_read_that_began_before_start_time(before: Before, look: dict[str, bool]) -> None:
    """START_TIME is the oldest start to sync, whatever a look would read again; LangSmith keeps 400 days."""
    start = NOW - HOUR
    assert (of(before, start, **look).oldest, of(before, start, **look).runs_from) == (start, start)
    assert of(before, NOW - 900 * DAY, **look) == of(before, None, **look)


def test_feedback_of_what_is_new_is_read_from_the_oldest_run_on() -> None:
    """Where some of it was never read, all of it is; every run is read then anyway, and none is read again for it."""
    anew = of(Before(DONE, None, DONE, NOW), NOW - 3 * DAY)
    assert (anew.since, anew.first_feedback, anew.feedback_from, anew.touched_since) == (DONE, True, NOW - 3 * DAY, None)
