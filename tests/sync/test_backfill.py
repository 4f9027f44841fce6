"""Which past a backfill reads: of a first sync, of a wider configuration, and while it is under way."""

from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace
from sync.looks import DAY, HOUR, SOON, SOURCE, WEEK_AGO, YEAR_AGO, A, B, C, ago, done, ended, in_hand, opened

from langsmith_core.records.packed_ids import Ids
from langsmith_core.streams.bounds import Past
from langsmith_core.streams.projects import FindProjects
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.sync import backfill, look
from langsmith_core.sync.state import Backfill, State, Task
from samples import NOW, settings

DONE = NOW - 2 * HOUR
START = "START_TIME"


def bounds(part: Backfill | None) -> tuple[datetime, datetime, tuple[str, ...]] | None:
    """What a backfill reads: from, to, of which projects not."""
    return (part.past.lo, part.past.hi, tuple(part.past.skip)) if part else None


# Configuration before and after a finished sync, with the ids that PROJECTS meant; the backfill that must make up for it.
CHANGES: list[tuple[tuple[dict[str, str], tuple[str, ...] | None], tuple[dict[str, str], tuple[str, ...] | None], Any]] = [
    (({}, None), ({}, None), None),
    (({START: ago(30)}, None), ({START: ago(30)}, None), None),
    (({START: ago(30)}, None), ({START: ago(60)}, None), (NOW - 60 * DAY, NOW - 30 * DAY, ())),
    (({START: ago(30)}, None), ({}, None), (YEAR_AGO, NOW - 30 * DAY, ())),
    (({START: ago(30)}, None), ({START: ago(900)}, None), (YEAR_AGO, NOW - 30 * DAY, ())),
    (({START: ago(500)}, None), ({START: ago(900)}, None), None),
    (({START: ago(60)}, None), ({START: ago(30)}, None), None),
    (({}, None), ({START: ago(30)}, None), None),
    (({"PROJECTS": "a"}, (A,)), ({"PROJECTS": "a,b"}, (A, B)), (YEAR_AGO, DONE, (A,))),
    (({"PROJECTS": "a"}, (A,)), ({"PROJECTS": "b"}, (B,)), (YEAR_AGO, DONE, (A,))),
    (({"PROJECTS": "a"}, (A,)), ({}, None), (YEAR_AGO, DONE, (A,))),
    (({"PROJECTS": "gone"}, ()), ({}, None), (YEAR_AGO, DONE, ())),
    (({"PROJECTS": "a,b"}, (A, B)), ({"PROJECTS": "a"}, (A,)), None),
    (({}, None), ({"PROJECTS": "a"}, (A,)), None),
    (({"PROJECTS": "a", START: ago(3)}, (A,)), ({"PROJECTS": "a,b", START: ago(3)}, (A, B)), (NOW - 3 * DAY, DONE, (A,))),
    (({"PROJECTS": "a", START: ago(3)}, (A,)), ({"PROJECTS": "a,b", START: ago(9)}, (A, B)), (NOW - 9 * DAY, DONE, ())),
    (({"SYNC_RUNS": "false"}, None), ({}, None), (YEAR_AGO, DONE, ())),
    (({"SYNC_RUNS": "false"}, None), ({START: ago(9)}, None), (NOW - 9 * DAY, DONE, ())),
    (({}, None), ({"SYNC_RUNS": "false"}, None), None),
    (({"PROJECTS": "a"}, (A,)), ({"SYNC_RUNS": "false"}, None), None),
    (({}, None), ({"SYNC_EXAMPLES": "false", "SYNC_FEEDBACK": "false"}, None), None),
    (({"SYNC_FEEDBACK_CONFIGS": "false"}, None), ({}, None), None),
]


@pytest.mark.parametrize(("before", "after", "past"), CHANGES)
def test_a_wider_configuration_reads_the_new_part_from_its_beginning(before: Any, after: Any, past: Any) -> None:
    """Widening START_TIME, PROJECTS or SYNC_RUNS makes a backfill of exactly what was not read; narrowing makes none."""
    old = done(DONE, before[1], **before[0])
    assert bounds(opened(old, after[1], **after[0]).backfill) == past


UNDERWAY = Backfill(
    Past(YEAR_AGO, NOW - 8 * DAY), (Task(RunWindow(lo=YEAR_AGO, hi=NOW - 8 * DAY, parents=Ids((C,)), waiting=Ids((A, B)))),)
)
ANEW = backfill.over(UNDERWAY.past.lo, UNDERWAY.past.hi)
# The same while a backfill is under way: what comes of it.
UNDER_WAY: list[tuple[tuple[dict[str, str], tuple[str, ...] | None], tuple[dict[str, str], tuple[str, ...] | None], Any]] = [
    (({}, None), ({}, None), UNDERWAY),
    (({}, None), ({"PROJECTS": "a"}, (A,)), ANEW),
    (({}, None), ({"SYNC_FEEDBACK": "false"}, None), ANEW),
    (({}, None), ({"SYNC_RUNS": "false"}, None), None),
    (({START: ago(30)}, None), ({}, None), backfill.over(YEAR_AGO, DONE)),
    (({"PROJECTS": "a"}, (A,)), ({}, None), backfill.over(YEAR_AGO, DONE)),
]


@pytest.mark.parametrize(("before", "after", "part"), UNDER_WAY)
def test_a_change_while_a_backfill_is_under_way(before: Any, after: Any, part: Any) -> None:
    """The same configuration goes on where it was; a narrower one begins its work again, a wider one reads all."""
    old = replace(done(DONE, before[1], **before[0]), backfill=UNDERWAY)
    assert opened(old, after[1], **after[0]).backfill == part


def test_a_backfill_begins_with_the_projects_that_have_runs_in_it() -> None:
    """Its first work lists the projects again, in its own window. An empty window has no backfill."""
    assert backfill.over(YEAR_AGO, DONE) == Backfill(Past(YEAR_AGO, DONE), (Task(FindProjects(lo=YEAR_AGO, hi=DONE)),))
    assert backfill.over(DONE, DONE) is None


def test_a_later_start_time_ends_a_backfill_there() -> None:
    """START_TIME is the oldest start to sync, also for a backfill that was begun before it was set."""
    old = replace(done(DONE), backfill=UNDERWAY)
    assert bounds(opened(old, START_TIME=ago(30)).backfill) == (NOW - 30 * DAY, UNDERWAY.past.hi, ())


FIRST: list[tuple[dict[str, str], Any]] = [
    # configuration of a first sync, its backfill
    ({}, (YEAR_AGO, WEEK_AGO, ())),
    ({START: ago(30)}, (NOW - 30 * DAY, WEEK_AGO, ())),
    ({START: ago(900)}, (YEAR_AGO, WEEK_AGO, ())),
    ({START: ago(3)}, None),
    ({START: ago(-3)}, None),
    ({"SYNC_RUNS": "false"}, None),
]


@pytest.mark.parametrize(("configuration", "past"), FIRST)
def test_a_first_sync_leaves_what_is_older_than_a_week_to_a_backfill(configuration: dict[str, str], past: Any) -> None:
    """The newest week is the look's; windows touch; 400 days are all that LangSmith still has."""
    state = opened(State(source=SOURCE), **configuration)
    assert bounds(state.backfill) == past
    frozen, start = in_hand(state).bounds, settings(**configuration).start_time
    assert (frozen.runs_from, frozen.runs_to) == (max(WEEK_AGO, start or WEEK_AGO), SOON)


def test_a_first_sync_that_is_begun_again_is_still_a_first_sync() -> None:
    """Another configuration before the first look was over: all is read from the beginning."""
    state = opened(opened(State(source=SOURCE), (A,), PROJECTS="a"), (A, B), NOW + HOUR, PROJECTS="a,b")
    assert bounds(state.backfill) == (YEAR_AGO + HOUR, WEEK_AGO + HOUR, ())
    frozen = in_hand(state).bounds
    assert (frozen.since, frozen.first_feedback, frozen.feedback_from) == (None, True, YEAR_AGO + HOUR)
    assert (state.begun, frozen.until) == (NOW, NOW + HOUR)


MEANINGS: list[tuple[Any, Any, bool]] = [
    # ids of PROJECTS and of PROJECTS_EXCLUDE before and now, whether any is new
    ((None, ()), (None, ()), False),
    (((A,), ()), ((A, B), ()), True),
    (((A, B), ()), ((B,), ()), False),
    (((A,), ()), (None, ()), True),
    ((None, ()), ((A,), ()), False),
    ((None, (A,)), (None, ()), True),
    ((None, (A,)), (None, (B,)), True),
    ((None, ()), (None, (A,)), False),
]


@pytest.mark.parametrize("forgotten", [False, True], ids=["with room", "without room"])
@pytest.mark.parametrize(("before", "now", "wider"), MEANINGS)
def test_projects_read_from_now_on_make_a_configuration_wider(before: Any, now: Any, wider: bool, forgotten: bool) -> None:
    """Those of PROJECTS, and those left out until now. Where the state has no room for their ids, any change counts."""
    (projects, left_out), (new, out) = before, now
    state = replace(done(DONE, projects), left_out=Ids(left_out))
    if forgotten:
        state = replace(state, meant=backfill.meaning(projects, left_out), projects=None, left_out=Ids())
    assert backfill.widened(state, new and Ids(new), Ids(out)) == ((before != now) if forgotten else wider)


def test_a_backfill_is_interrupted_hourly() -> None:
    """A look is due an hour after the last one, while a backfill is under way and no look is in progress."""
    waiting = replace(done(NOW), backfill=UNDERWAY)
    assert [look.due(waiting, NOW + minutes * HOUR / 60) for minutes in (0, 59, 60, 600)] == [False, False, True, True]
    assert not look.due(done(NOW), NOW + DAY)
    assert not look.due(opened(waiting, None, NOW + HOUR), NOW + DAY)
    assert not look.due(State(source=SOURCE), NOW)


def test_a_look_leaves_the_work_of_a_backfill_as_it_was() -> None:
    """It begins, is read and ends, and the backfill goes on where it was; the end of its work is its own end."""
    waiting = replace(done(DONE), backfill=UNDERWAY)
    after = ended(opened(waiting))
    assert (after.backfill, after.agenda) == (UNDERWAY, UNDERWAY.agenda)
    assert look.opened_next(replace(after, backfill=replace(UNDERWAY, agenda=())), settings()).backfill is None
