"""A look's life: its bounds, the streams it opens, what was put aside, and what its end leaves in the state.

Not here: which past is still to read (test_backfill), or looks that do not end at once (test_look_again).
"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sync.looks import (
    DAY,
    HOUR,
    LAG,
    MINUTE,
    SOON,
    SOURCE,
    WEEK_AGO,
    YEAR_AGO,
    A,
    B,
    C,
    ago,
    answered,
    at_stream,
    at_the_end,
    done,
    ended,
    in_hand,
    knowing,
    opened,
    project,
    uid,
    waits,
    works,
)

from langsmith_core.records.packed_ids import Ids
from langsmith_core.streams import registry
from langsmith_core.streams.feedback import FeedbackWindow
from langsmith_core.streams.feedback_edits import EditedFeedback
from langsmith_core.streams.listing import ListAll
from langsmith_core.streams.projects import ListProjects
from langsmith_core.streams.registry import DATASET, FEEDBACK, PROJECT, RUN
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs import Unfinished
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.sync import agenda, look
from langsmith_core.sync.state import State, Task
from samples import NOW, settings

DONE = NOW - 2 * HOUR
NAMES = tuple(stream.table.name for stream in registry.STREAMS)
CONFIGS = "langsmith_feedback_config"


def test_the_first_opening_is_kept_until_a_look_has_ended() -> None:
    """What lag counts from: afterwards that is the bound of the ended look, and a later look leaves no such time."""
    first = opened(State(source=SOURCE))
    over = ended(first)
    assert [(one.begun, one.done_to) for one in (first, over, opened(over, None, NOW + HOUR))] == [
        (NOW, None),
        (None, NOW),
        (None, NOW),
    ]


def test_streams_are_opened_in_the_registrys_order_and_end_the_look() -> None:
    """Each when the one before has nothing left to read; then the bound is noted."""
    state, seen = opened(State(source=SOURCE)), []
    while state.look and not state.look.retrying:
        seen.append(state.look.to_open)
        state = look.opened_next(agenda.with_agenda(state, ()), settings())
    assert seen == [NAMES[number:] for number in range(len(NAMES) + 1)]
    state = ended(state)
    assert (state.done_to, state.reconciled, state.look) == (NOW, NOW, None)


def test_a_stream_that_is_off_is_not_opened() -> None:
    """Its switch leaves no work of it; a look over all streams but two ends like any other."""
    off = {"SYNC_RUNS": "false", "SYNC_FEEDBACK": "false"}
    for name in (RUN.name, FEEDBACK.name):
        assert at_stream(opened(State(source=SOURCE), **off), name, **off).agenda == ()
        assert at_stream(opened(State(source=SOURCE)), name).agenda != ()
    assert ended(opened(State(source=SOURCE), **off), **off).done_to == NOW


def test_a_state_that_does_not_name_a_stream_does_not_open_it() -> None:
    """A look that was saved before a stream was added ends without it; the next look opens it."""
    state = opened(done(DONE))
    older = replace(state, look=replace(in_hand(state), to_open=tuple(one for one in NAMES if one != CONFIGS)))
    tables, over = [], older
    while over.look:
        over = look.opened_next(agenda.with_agenda(over, ()), settings())
        tables += [work.table_name for work in works(over.agenda)]
    assert CONFIGS not in tables
    assert over == ended(state)
    again = at_stream(opened(over, None, NOW + HOUR), CONFIGS)
    assert [work.table_name for work in works(again.agenda)] == [CONFIGS]


def test_a_stream_that_this_program_does_not_know_is_passed_over() -> None:
    """A look of a newer program goes on and ends; what is remembered of the unknown table stays as it was."""
    known = replace(knowing(done(DONE), "langsmith_newer", A), newest={"langsmith_newer": DONE}, weights={"langsmith_newer": 7})
    state = opened(known)
    newer = replace(state, look=replace(in_hand(state), to_open=("langsmith_newer", *NAMES, "langsmith_newest")))
    assert look.opened_next(newer, settings()).agenda == ()
    over = ended(newer)
    assert over == ended(state)
    assert (over.memory.known("langsmith_newer"), over.newest, over.weights) == (Ids((A,)), known.newest, known.weights)


def test_a_list_looks_for_what_was_known() -> None:
    """The ids of the last listing move into the list when its stream is opened, and what it has shown is known at its end."""
    state = opened(knowing(knowing(done(DONE), PROJECT.name, A, B), DATASET.name, C))
    assert state.memory.lists == {PROJECT.name: Ids((A, B)), DATASET.name: Ids((C,))}
    listing = look.opened_next(state, settings())
    assert (listing.memory.lists, works(listing.agenda)) == ({DATASET.name: Ids((C,))}, [ListProjects(unseen=Ids((A, B)))])
    assert answered(listing, [project(A, NOW), project(B)]).memory.known(PROJECT.name) == Ids((A, B))
    datasets = at_stream(opened(knowing(done(DONE), DATASET.name, C)), DATASET.name)
    assert works(datasets.agenda) == [ListAll(table=DATASET.name, unseen=Ids((C,)))]


# Configuration before and after; whether feedback is read from its beginning.
FEEDBACK_CHANGES: list[tuple[dict[str, str], Any, dict[str, str], Any, bool]] = [
    ({}, None, {}, None, False),
    ({"PROJECTS": "a"}, (A,), {"PROJECTS": "a,b"}, (A, B), True),
    ({"PROJECTS": "a"}, (A,), {}, None, True),
    ({}, None, {"PROJECTS": "a"}, (A,), False),
    ({"SYNC_FEEDBACK": "false"}, None, {}, None, True),
    ({}, None, {"SYNC_RUNS": "false"}, None, False),
    ({}, None, {"START_TIME": ago(3)}, None, False),
]


@pytest.mark.parametrize(("before", "old_ids", "after", "new_ids", "anew"), FEEDBACK_CHANGES)
def test_feedback_of_what_is_new_is_read_from_its_beginning(
    before: dict[str, str], old_ids: Any, after: dict[str, str], new_ids: Any, anew: bool
) -> None:
    """Added projects, or feedback switched on, read all feedback, and every run is read anyway; else it goes on from before."""
    frozen = in_hand(opened(done(DONE, old_ids, **before), new_ids, **after)).bounds
    first = (True, YEAR_AGO, None)
    assert (frozen.first_feedback, frozen.feedback_from, frozen.touched_since) == (
        first if anew else (False, DONE - DAY - LAG, DONE - LAG)
    )


def test_feedback_of_older_runs_is_read_when_start_time_is_set_back() -> None:
    """A START_TIME set back brings older runs, and the feedback they were given then."""
    state = opened(done(DONE, START_TIME=ago(3)), START_TIME=ago(30))
    assert in_hand(state).bounds.feedback_from == NOW - 30 * DAY


@pytest.mark.parametrize("first", [{"PROJECTS": "a"}, {"SYNC_FEEDBACK": "false"}])
def test_feedback_still_to_be_read_outlives_another_change(first: dict[str, str]) -> None:
    """Two changes, the second before the first was read: what is new is still read from its beginning."""
    state = opened(done(DONE, (A,) if "PROJECTS" in first else None, **first))
    assert in_hand(opened(state, SYNC_EXAMPLES="false")).bounds.first_feedback


def test_feedback_is_read_for_all_projects_or_for_fifty_at_a_time() -> None:
    """Ids go into the address, and more than fifty are known to fail; without PROJECTS one window has all. Edits come last."""
    whole = FeedbackWindow(lo=YEAR_AGO, hi=NOW)
    named = tuple(uid("e", number) for number in range(120))

    def first(ids: tuple[str, ...] | None, **configuration: str) -> list[object]:
        state = at_stream(opened(State(source=SOURCE), ids, **configuration), FEEDBACK.name, **configuration)
        return list(works(state.agenda))

    assert first(None) == [whole, EditedFeedback()]
    assert first((), PROJECTS="gone") == [EditedFeedback()]
    assert first(None, SYNC_FEEDBACK="false") == []
    assert first(None, START_TIME=ago(3)) == [replace(whole, lo=NOW - 3 * DAY), EditedFeedback()]
    state, seen = at_stream(opened(State(source=SOURCE), named, PROJECTS="x"), FEEDBACK.name), []
    while isinstance(asked := works(state.agenda)[0], FeedbackWindow):
        seen.append(tuple(asked.parents))
        state = answered(state)
    assert seen == [named[:50], named[50:100], named[100:]]


@pytest.mark.parametrize(
    ("reconciled", "deep"), [(None, True), (NOW - DAY, True), (NOW - DAY + timedelta(seconds=1), False), (NOW, False)]
)
def test_once_a_day_a_look_is_the_daily_pass(reconciled: datetime | None, deep: bool) -> None:
    """It reads a week of runs and a fortnight of feedback, counted from the pass before; its end is noted."""
    state = opened(replace(done(DONE), reconciled=reconciled))
    frozen, counted = in_hand(state).bounds, reconciled or NOW
    assert look.is_deep(replace(done(DONE), reconciled=reconciled), NOW) == frozen.deep == deep
    assert frozen.runs_from == (counted + 5 * MINUTE - 7 * DAY if deep else DONE - DAY - LAG)
    assert frozen.feedback_from == (counted - 14 * DAY if deep else DONE - DAY - LAG)
    assert ended(state).reconciled == (NOW if deep else reconciled)


def test_the_daily_pass_asks_once_more_for_what_was_not_served() -> None:
    """Edits of feedback, the full list of fields, the usage of subtrees; any other look asks as the one before."""
    less = done(DONE).memory
    less = less.with_feedback(replace(less.feedback, edits_served=False))
    less = less.with_runs(replace(less.runs, plain=True, own_usage="refused"))
    state = replace(done(DONE), memory=less)
    assert opened(state).memory == less
    assert opened(replace(state, reconciled=NOW - DAY)).memory == done(DONE).memory


@pytest.mark.parametrize(("calls", "heavy"), [(0, False), (1, True), (7, True)])
def test_a_look_that_one_call_could_not_hold_is_heavy(calls: int, heavy: bool) -> None:
    """Each call that goes on with a look is counted; the end notes whether there were any, and when the day was read."""
    state = ended(opened(done(NOW - HOUR)), calls)
    assert (state.heavy, state.overlapped_to, state.done_to) == (heavy, NOW, NOW)


@pytest.mark.parametrize("heavy", [False, True])
def test_a_look_that_reads_more_does_not_know_what_a_day_takes(heavy: bool) -> None:
    """A first look and a daily pass read a week. However many calls they take, the next look reads the day before as it would."""
    first = replace(State(source=SOURCE), heavy=heavy)
    daily = replace(settled(NOW - DAY, heavy=heavy, overlapped=NOW - DAY), reconciled=NOW - DAY)
    for begun in (opened(first), opened(daily)):
        state = ended(begun, 7)
        assert (state.heavy, state.overlapped_to) == (heavy, NOW)


def test_going_on_with_a_backfill_counts_nothing() -> None:
    """Only a look has calls."""
    state = replace(opened(State(source=SOURCE)), look=None)
    assert look.continued(state) == state


def settled(at: datetime, *, heavy: bool, overlapped: datetime) -> State:
    """A finished sync whose last reading of the day before was then, and was more than one call or not."""
    return replace(done(at), heavy=heavy, overlapped_to=overlapped)


CASES = [
    # minutes since the day before was read, heavy, where the next look begins
    (30, False, NOW - 30 * MINUTE - DAY - LAG),
    (59, True, NOW - 10 * MINUTE - LAG),
    (60, True, NOW - 60 * MINUTE - DAY - LAG),
    (600, True, NOW - 600 * MINUTE - DAY - LAG),
]


@pytest.mark.parametrize(("minutes", "heavy", "begins"), CASES)
def test_a_heavy_day_is_read_again_hourly_at_most(minutes: int, heavy: bool, begins: datetime) -> None:
    """In between only what came since the last look is read; the next full reading covers what the light ones left out."""
    state = settled(NOW - 10 * MINUTE, heavy=heavy, overlapped=NOW - minutes * MINUTE)
    assert in_hand(opened(state)).bounds.runs_from == begins


def test_light_looks_leave_no_gap() -> None:
    """Whatever follows whatever: a full reading begins a day before the last full reading, not before the last look."""
    state = ended(opened(done(NOW - DAY / 2)), 3)
    for minutes in (20, 40):
        light = opened(state, None, NOW + minutes * MINUTE)
        assert light.done_to
        assert in_hand(light).bounds.runs_from == light.done_to - LAG
        state = ended(light)
        assert (state.heavy, state.overlapped_to) == (True, NOW)
    assert in_hand(opened(state, None, NOW + HOUR)).bounds.runs_from == NOW - DAY - LAG


def test_neither_the_daily_pass_nor_a_first_look_is_light() -> None:
    """A daily pass re-reads what the API does not expose, however heavy it is; before a first look there is no reading."""
    deep = replace(settled(NOW - MINUTE, heavy=True, overlapped=NOW - MINUTE), reconciled=NOW - DAY)
    for state, begins in ((deep, SOON - 8 * DAY), (State(source=SOURCE), SOON - 7 * DAY)):
        frozen = in_hand(opened(state)).bounds
        assert (frozen.light, frozen.runs_from) == (False, begins)


def test_drained_is_neither_look_nor_backfill() -> None:
    """A sync ends when nothing is in hand."""
    both = opened(State(source=SOURCE))
    states = [both, replace(both, look=None), replace(both, backfill=None), done(NOW), State(source=SOURCE)]
    assert [state.drained for state in states] == [False, False, False, True, True]


RUNS = RunWindow(lo=YEAR_AGO, hi=WEEK_AGO, parents=Ids((A,)))
FEEDBACK_OF_A = FeedbackWindow(lo=YEAR_AGO, hi=NOW, parents=Ids((A,)))
PAYLOADS = waits(RunsById(lo=YEAR_AGO, hi=NOW, ids=Ids((B,)), parents=Ids((A,))), "payload", NOW - HOUR)


def test_what_was_put_aside_is_tried_again_once_in_a_look() -> None:
    """When all streams are read: what failed, then what waits for payloads. What fails again waits for the next look."""
    state = at_the_end(replace(opened(done(DONE)), later=(PAYLOADS, waits(RUNS))))
    assert (state.agenda, state.later, in_hand(state).retrying) == ((waits(RUNS), PAYLOADS), (), True)
    again = replace(agenda.with_agenda(state, ()), later=(waits(RUNS),))
    over = look.opened_next(again, settings())
    assert (over.look, over.later, over.done_to) == (None, (waits(RUNS),), NOW)


LATER_RUNS = replace(RUNS, lo=NOW - 30 * DAY, floor=NOW - 30 * DAY, ceiling=WEEK_AGO)
WAITING = (waits(RUNS), waits(FEEDBACK_OF_A), PAYLOADS)
STILL: list[tuple[dict[str, str], Any, tuple[Task, ...]]] = [
    # configuration of the new look, the ids that PROJECTS means, what still waits
    ({}, None, WAITING),
    ({"PROJECTS": "a"}, (A,), WAITING),
    ({"PROJECTS": "b"}, (B,), ()),
    ({"SYNC_RUNS": "false"}, None, (waits(FEEDBACK_OF_A),)),
    ({"SYNC_FEEDBACK": "false"}, None, (waits(RUNS), PAYLOADS)),
    (
        {"START_TIME": ago(30)},
        None,
        (waits(LATER_RUNS), *WAITING[1:]),
    ),
    ({"START_TIME": ago(3)}, None, WAITING[1:]),
]


@pytest.mark.parametrize(("configuration", "ids", "still"), STILL)
def test_what_was_put_aside_waits_while_it_is_to_be_read(configuration: dict[str, str], ids: Any, still: Any) -> None:
    """A look that begins keeps what failed, as far as the configuration still asks for it."""
    assert opened(replace(done(DONE), later=WAITING), ids, **configuration).later == still


def test_projects_that_are_left_out_from_now_on_leave_what_was_put_aside() -> None:
    """PROJECTS_EXCLUDE takes them out of a window, and the window away that has no other."""
    both = waits(replace(RUNS, parents=Ids((A, B)), waiting=Ids((C,))))
    state = look.opened(replace(done(DONE), later=(both, waits(RUNS))), settings(), None, NOW, Ids((A, C)))
    assert works(state.later) == [replace(RUNS, parents=Ids((B,)), floor=YEAR_AGO, ceiling=WEEK_AGO)]


def test_what_a_new_look_finds_anew_does_not_wait() -> None:
    """Work on lists and datasets: the list is read again, and shows what is to be read."""
    state = opened(replace(done(DONE), later=(waits(Unfinished()), waits(ListAll(table=DATASET.name), "broken"))))
    assert state.later == ()


def test_a_bound_that_lies_in_the_future_is_of_another_clock(caplog: pytest.LogCaptureFixture) -> None:
    """A clock that was ahead set it: the last week is read again by a daily pass. Five minutes ahead are taken."""
    ahead = replace(done(SOON + timedelta(seconds=1)), overlapped_to=SOON, answered=SOON)
    back = look.of_this_time(ahead, NOW)
    assert (back.done_to, back.overlapped_to, back.reconciled, back.answered) == (NOW - 7 * DAY, NOW - 7 * DAY, None, None)
    assert look.is_deep(back, NOW)
    assert "the last 7 days are read again" in caplog.text
    for state in (done(SOON), State(source=SOURCE)):
        assert look.of_this_time(state, NOW) == state
