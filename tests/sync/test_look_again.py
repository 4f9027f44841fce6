"""Looks that do not end at once: one is given up, a list that broke off is come back to, what failed is tried alone."""

import json
from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace
from sync.looks import (
    DAY,
    HOUR,
    MINUTE,
    SOON,
    SOURCE,
    WEEK_AGO,
    YEAR_AGO,
    A,
    B,
    C,
    D,
    ago,
    answered,
    at_stream,
    at_the_end,
    done,
    feedback,
    in_hand,
    knowing,
    opened,
    project,
    uid,
    waits,
    with_tasks,
    works,
)

from langsmith_core.records.packed_ids import Ids
from langsmith_core.streams import registry
from langsmith_core.streams.feedback import FeedbackWindow
from langsmith_core.streams.feedback_edits import EditedRuns
from langsmith_core.streams.listing import ListAll
from langsmith_core.streams.look_up import LookUp
from langsmith_core.streams.projects import FindProjects, ListProjects
from langsmith_core.streams.registry import DATASET, PROJECT, RUN
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.sync import look, look_again, state_json
from langsmith_core.sync.state import Backfill, State, Task
from samples import NOW, settings

DONE = NOW - 2 * HOUR
NAMES = tuple(stream.table.name for stream in registry.STREAMS)
WINDOW = RunWindow(lo=YEAR_AGO, hi=WEEK_AGO, parents=Ids((A,)), floor=YEAR_AGO, ceiling=WEEK_AGO)


def known_again(state: State, table: str) -> set[str]:
    """What the next look knows of a table, after this one is given up for another configuration."""
    return set(opened(state, SYNC_EXAMPLES="false").memory.known(table))


@pytest.mark.parametrize("table", [PROJECT.name, DATASET.name])
@pytest.mark.parametrize("broken", [False, True], ids=["in hand", "broken off"])
def test_a_list_that_is_begun_again_forgets_nothing(table: str, broken: bool) -> None:
    """A look given up in the middle of a list: all that was known, seen again or not, is known to the next."""
    ids: dict[str, Any] = {"unseen": Ids((C,)), "seen": Ids((D,))}
    item = ListProjects(**ids) if table == PROJECT.name else ListAll(table=table, **ids)
    state = at_stream(opened(knowing(done(DONE), table, A)), table)
    state = with_tasks(state) if broken else with_tasks(state, Task(item))
    state = replace(state, later=(waits(item, "broken"),)) if broken else state
    assert known_again(state, table) == {C, D}
    assert opened(state, SYNC_EXAMPLES="false").later == ()


def listed(*found: str, known: tuple[str, ...]) -> State:
    """The state after the list of projects, of which these were `known` before."""
    state = look.opened_next(opened(knowing(done(DONE), PROJECT.name, *known)), settings())
    return answered(state, [project(one, NOW) for one in found])


def test_what_is_missing_outlives_a_change_of_configuration() -> None:
    """A project that was found missing, but not asked for yet when the look was given up, is missing in the next one too."""
    state = listed(A, known=(A, B))
    assert works(state.agenda)[-1] == LookUp(PROJECT.name, Ids((B,)))
    assert known_again(state, PROJECT.name) == {A, B}


def test_what_could_not_be_looked_up_is_missing_in_the_next_look() -> None:
    """A look-up that failed and was put aside: its record is missed again, so that its row is deleted in the end."""
    state = replace(knowing(done(DONE), DATASET.name, A), later=(waits(LookUp(DATASET.name, Ids((B,)))),))
    assert opened(state).memory.known(DATASET.name) == Ids((A, B))
    assert opened(state).later == ()
    assert known_again(replace(listed(A, known=(A,)), later=(waits(LookUp(PROJECT.name, Ids((B,)))),)), PROJECT.name) == {A, B}


def test_what_appeared_late_outlives_a_change_of_configuration() -> None:
    """A project found with an old past, not read yet when the look was given up, is found late by the next one too."""
    state = listed(A, B, known=(A,))
    whole = RunWindow(lo=YEAR_AGO, hi=SOON, waiting=Ids((B,)))
    assert whole in works(state.agenda)
    assert known_again(state, PROJECT.name) == {A}
    under_way = with_tasks(state, Task(replace(whole, parents=Ids((B,)), waiting=Ids(), top=NOW - DAY)))
    assert known_again(under_way, PROJECT.name) == {A}


def test_a_project_that_a_list_in_hand_found_late_is_late_again() -> None:
    """Its list is not at its end yet when the look is given up: the project stands in the list, and its past is unread."""
    found = ListProjects(seen=Ids((A, B)), unseen=Ids((C,)))
    state = with_tasks(opened(done(DONE)), Task(RunWindow(lo=YEAR_AGO, hi=SOON, waiting=Ids((B,)))), Task(found))
    assert known_again(state, PROJECT.name) == {A, C}


def test_other_windows_make_no_project_late() -> None:
    """Edits of feedback are looked for in all the past, and a window of recent runs is read by every look."""
    edited = EditedRuns(lo=YEAR_AGO, hi=SOON, edited_since=DONE, waiting=Ids((A,)))
    recent = RunWindow(lo=DONE - DAY, hi=SOON, waiting=Ids((B,)))
    state = with_tasks(opened(knowing(done(DONE), PROJECT.name, A, B)), Task(edited), Task(recent))
    assert known_again(state, PROJECT.name) == {A, B}


def test_in_a_first_look_no_project_is_late() -> None:
    """All that it has seen was unread anyway, and the first look is begun again as one."""
    state = with_tasks(
        opened(State(source=SOURCE)), Task(RunWindow(lo=YEAR_AGO, hi=SOON, waiting=Ids((B,)))), Task(ListProjects(seen=Ids((B,))))
    )
    assert known_again(state, PROJECT.name) == {B}


@pytest.mark.parametrize("waiting", [waits(WINDOW), waits(WINDOW, "payload", NOW - HOUR)], ids=["failed", "without payloads"])
def test_what_was_put_aside_outlives_a_look_that_is_given_up(waiting: Task) -> None:
    """A new configuration in the middle of the last try: what is in hand there is tried again by the new look."""
    last = with_tasks(opened(done(NOW - HOUR)), waiting, to_open=(), retrying=True)
    assert opened(last, None, SOON, START_TIME=ago(900)).later == (waiting,)
    assert look.unstuck(last, SOON).later == (waiting,)


def test_what_a_last_try_has_led_to_waits_with_it() -> None:
    """Feedback that failed before leads to its runs: where the look is given up or hangs before they are read, they wait."""
    old = FeedbackWindow(lo=YEAR_AGO, hi=NOW, parents=Ids((A,)))
    state = at_the_end(replace(opened(done(NOW - HOUR)), later=(waits(old),)))
    state = answered(state, [feedback(uid("f"), uid("e"), NOW - 9 * DAY)])
    runs = RunsById(lo=YEAR_AGO, hi=SOON, ids=Ids((uid("e"),)), parents=Ids((A,)))
    assert state.agenda == (Task(runs),)
    for after in (opened(state, SYNC_EXAMPLES="false"), look.unstuck(state, NOW + 2 * HOUR)):
        assert after.later == (waits(runs),)
        assert state_json.load(json.loads(state_json.dump(after)), SOURCE) == after


LISTS: list[tuple[ListProjects | FindProjects | ListAll, str]] = [
    (ListProjects(offset=100), PROJECT.name),
    (FindProjects(lo=YEAR_AGO, hi=WEEK_AGO, ended_since=DONE, offset=100), RUN.name),
    (ListAll(table=DATASET.name, offset=100), DATASET.name),
]


@pytest.mark.parametrize(("item", "stream"), LISTS)
@pytest.mark.parametrize("hangs", [False, True], ids=["at the end", "unstuck"])
def test_a_list_that_broke_off_is_come_back_to_at_the_end(item: Any, stream: str, hangs: bool) -> None:
    """Where it was; then come the streams after its own, since it may lead to more, and what fails is tried once more."""
    state = with_tasks(replace(opened(done(DONE)), later=(waits(item, "broken"), waits(WINDOW))), to_open=())
    state = look.opened_next(state, settings())
    assert (state.agenda, works(state.later), in_hand(state).returned) == ((waits(WINDOW),), [item], False)
    if hangs:
        state = look.unstuck(state, NOW + 2 * HOUR)
    else:
        state = look.opened_next(replace(with_tasks(state), later=(*state.later, waits(WINDOW))), settings())
    assert (state.agenda, state.later) == ((Task(item),), (waits(WINDOW),))
    back = in_hand(state)
    assert (back.returned, back.retrying, back.to_open) == (True, False, NAMES[NAMES.index(stream) + 1 :])
    last = at_the_end(state)
    assert (last.agenda, last.later) == ((waits(WINDOW),), ())
    assert look.opened_next(with_tasks(last), settings()).done_to == NOW


STATES = [
    # what waits, whether a call that comes soon tries that alone
    ((waits(WINDOW),), True),
    ((waits(WINDOW, "payload", NOW),), False),
    ((), False),
]


@pytest.mark.parametrize(("later", "alone"), STATES)
def test_a_call_that_comes_soon_tries_nothing_but_what_failed(later: tuple[Task, ...], alone: bool) -> None:
    """A look with no stream to open, which leaves every bound as it was. Missing payloads wait for the next look."""
    state = replace(done(NOW), later=(*later, waits(WINDOW, "payload", DONE)), answered=NOW)
    tried = look_again.retrying(state, settings(), NOW + MINUTE)
    assert (tried is not None) == alone
    if tried:
        assert (tried.agenda, tried.later) == (later, state.later[len(later) :])
        after = look.opened_next(with_tasks(tried), settings())
        assert (after.look, after.done_to, after.reconciled, after.overlapped_to) == (None, NOW, NOW, None)


# Minutes since the last answer, since the look; whether a call goes on with the same sync.
PATIENT = [(0, 0, True), (4, 4, True), (5, 5, False), (4, 59, True), (4, 60, False), (None, 0, False)]


@pytest.mark.parametrize(("since_answer", "since_look", "same"), PATIENT)
def test_a_later_call_looks_at_everything_first(since_answer: int | None, since_look: int, same: bool) -> None:
    """Within five minutes of an answer, and an hour of its look, a call goes on with the same sync."""
    at = None if since_answer is None else NOW - since_answer * MINUTE
    looked = NOW - since_look * MINUTE
    state = replace(done(looked), later=(waits(WINDOW),), answered=at)
    assert look_again.goes_on(state, looked, NOW) == same
    assert (look_again.retrying(state, settings(), NOW) is not None) == same
    stuck = replace(with_tasks(opened(done(DONE), None, looked), waits(WINDOW), to_open=(), retrying=True), answered=at)
    assert (look.unstuck(stuck, NOW) == stuck) == same
    returned = replace(with_tasks(opened(done(DONE), None, looked), returned=True), answered=at)
    assert look_again.outdated(returned, settings(), NOW) == (not same)


def test_what_failed_is_not_tried_alone_while_anything_else_is_to_be_read() -> None:
    """A look or a backfill in hand, a first sync, another configuration: that comes first."""
    state = replace(done(NOW), later=(waits(WINDOW),), answered=NOW)
    part = opened(State(source=SOURCE)).backfill
    assert isinstance(part, Backfill)
    for other in (opened(state), replace(state, backfill=part), replace(state, done_to=None)):
        assert look_again.retrying(replace(other, later=state.later, answered=NOW), settings(), NOW) is None
    assert look_again.retrying(state, settings(SYNC_EXAMPLES="false"), NOW) is None


IN_HAND = opened(done(DONE))
ANSWERED: list[tuple[State, datetime | None]] = [
    # a state that is answered with, and the time that is noted
    (done(NOW), None),
    (IN_HAND, None),
    (replace(done(NOW), later=(waits(WINDOW),)), SOON),
    (replace(done(NOW), later=(waits(WINDOW, "payload", NOW),)), None),
    (replace(IN_HAND, later=(waits(ListProjects(), "broken"),)), SOON),
    (with_tasks(IN_HAND, retrying=True), SOON),
    (with_tasks(IN_HAND, returned=True), SOON),
]


@pytest.mark.parametrize(("state", "noted"), ANSWERED)
def test_an_answer_that_leaves_what_failed_says_when_it_was_given(state: State, noted: datetime | None) -> None:
    """So that the next call knows whether it goes on with the same sync; any other answer forgets the time."""
    assert look_again.answered(replace(state, answered=DONE), SOON).answered == noted


OTHERS = [{"START_TIME": ago(1)}, {"PROJECTS": "a"}, *({f"SYNC_{name}": "0"} for name in ("RUNS", "EXAMPLES", "FEEDBACK"))]


@pytest.mark.parametrize("other", OTHERS)
def test_what_says_what_is_read_outdates_work_in_progress(other: dict[str, str]) -> None:
    """Any change of scope begins the work again; page sizes and bounds do not."""
    assert look_again.outdated(opened(State(source=SOURCE)), settings(**other), NOW)
    assert not look_again.outdated(opened(State(source=SOURCE), **other), settings(**other, PAGE_SIZE="7", MAX_SECONDS="9"), NOW)
    assert not look_again.outdated(State(source=SOURCE), settings(**other), NOW)


def test_without_a_look_there_is_nothing_to_give_up() -> None:
    """What is remembered and what waits are as they were."""
    state = replace(knowing(done(DONE), PROJECT.name, A), later=(waits(WINDOW),))
    assert look_again.given_up(state) == state
