"""Windows of a cycle and of a history, and what another configuration changes in them.

Not here: ledgers (test_cycles_ledgers).
"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from core.samples import NOW, settings
from core.walks import DAY, HOUR, MINUTE, SOURCE, A, B, C, at_stage, done, opened, uid
from langsmith_core import cycles, followups, spans
from langsmith_core.records import times
from langsmith_core.stages import FEEDBACKS, OWED, STAGES
from langsmith_core.sync.state import History, Slice, State, Walk
from langsmith_core.streams.feedback import FEEDBACK
from langsmith_core.streams.projects import PROJECT
from langsmith_core.streams.run_columns import RUN

DONE = NOW - 2 * HOUR
SOON = NOW + 5 * MINUTE
YEAR_AGO = NOW - 400 * DAY
WEEK_AGO = SOON - 7 * DAY
BEGINNING = Walk(Slice(PROJECT.name))
START = "START_TIME"


def ago(days: float) -> str:
    """A START_TIME so many days back."""
    return times.render(NOW - days * DAY)


def bounds(history: History | None) -> tuple[datetime, datetime, tuple[str, ...]] | None:
    """What a history reads: from, to, of which projects not."""
    return (history.lo, history.hi, history.skip) if history else None


# Configuration before and after a finished sync, with the ids that PROJECTS meant; the history that must make up for it.
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
]


@pytest.mark.parametrize(("before", "after", "history"), CHANGES)
def test_a_wider_configuration_reads_the_new_part_from_its_beginning(before: Any, after: Any, history: Any) -> None:
    """Widening START_TIME, PROJECTS or SYNC_RUNS makes a history of exactly what was not read; narrowing makes none."""
    old, new = done(DONE, before[1], **before[0]), after
    assert bounds(opened(old, new[1], **new[0]).history) == history


UNDERWAY = History(lo=YEAR_AGO, hi=NOW - 8 * DAY, walk=Walk(None, pending=(A, B), slices=(Slice(RUN.name, (C,)),)))
# The same while a history drains: what comes of it, `again` where its walk begins anew.
WHILE_DRAINING: list[tuple[tuple[dict[str, str], tuple[str, ...] | None], tuple[dict[str, str], tuple[str, ...] | None], Any]] = [
    (({}, None), ({}, None), UNDERWAY),
    (({}, None), ({"PROJECTS": "a"}, (A,)), replace(UNDERWAY, walk=BEGINNING)),
    (({}, None), ({"SYNC_FEEDBACK": "false"}, None), replace(UNDERWAY, walk=BEGINNING)),
    (({}, None), ({"SYNC_RUNS": "false"}, None), None),
    (({START: ago(30)}, None), ({}, None), History(lo=YEAR_AGO, hi=DONE, walk=BEGINNING)),
    (({"PROJECTS": "a"}, (A,)), ({}, None), History(lo=YEAR_AGO, hi=DONE, walk=BEGINNING)),
]


@pytest.mark.parametrize(("before", "after", "history"), WHILE_DRAINING)
def test_a_change_while_history_drains(before: Any, after: Any, history: Any) -> None:
    """The same configuration goes on where it was; a narrower one begins its walk again, a wider one reads all."""
    old = replace(done(DONE, before[1], **before[0]), history=UNDERWAY)
    assert opened(old, after[1], **after[0]).history == history


def test_a_later_start_time_ends_a_history_there() -> None:
    """START_TIME is the oldest start to sync, also for a history that was begun before it was set."""
    old = replace(done(DONE), history=UNDERWAY)
    assert bounds(opened(old, START_TIME=ago(30)).history) == (NOW - 30 * DAY, UNDERWAY.hi, ())


FIRST: list[tuple[dict[str, str], Any]] = [
    # configuration of a first sync, its history
    ({}, (YEAR_AGO, WEEK_AGO, ())),
    ({START: ago(30)}, (NOW - 30 * DAY, WEEK_AGO, ())),
    ({START: ago(900)}, (YEAR_AGO, WEEK_AGO, ())),
    ({START: ago(3)}, None),
    ({START: ago(-3)}, None),
    ({"SYNC_RUNS": "false"}, None),
]


@pytest.mark.parametrize(("configuration", "history"), FIRST)
def test_a_first_sync_leaves_what_is_older_than_a_week_to_history(configuration: dict[str, str], history: Any) -> None:
    """The newest week is the cycle's; windows touch; 400 days are all that LangSmith still has."""
    state = opened(State(source=SOURCE), **configuration)
    assert bounds(state.history) == history
    lo, hi = spans.window(state, settings(**configuration))
    assert (lo, hi) == (max(WEEK_AGO, settings(**configuration).start_time or WEEK_AGO), SOON)


def test_a_first_sync_that_is_begun_again_is_still_a_first_sync() -> None:
    """Another configuration before the first cycle was over: all is read from the beginning."""
    state = opened(opened(State(source=SOURCE), (A,), PROJECTS="a"), (A, B), NOW + HOUR, PROJECTS="a,b")
    assert bounds(state.history) == (YEAR_AGO + HOUR, WEEK_AGO + HOUR, ())
    assert state.cycle
    assert (state.cycle.since, state.cycle.feedback_since) == (None, None)
    assert (state.begun, state.cycle.until) == (NOW, NOW + HOUR)


def test_the_first_opening_is_kept_until_a_cycle_is_finished() -> None:
    """What lag counts from: afterwards that is the bound of the finished cycle, and a later cycle leaves no such time."""
    first = at_stage(opened(State(source=SOURCE)), OWED)
    ended = cycles.finished(first, settings())
    assert [(one.begun, one.done_to) for one in (first, ended, opened(ended, None, NOW + HOUR))] == [
        (NOW, None),
        (None, NOW),
        (None, NOW),
    ]


# Configuration before and after; whether feedback is read from its beginning.
FEEDBACK_CHANGES: list[tuple[dict[str, str], Any, dict[str, str], Any, bool]] = [
    ({}, None, {}, None, False),
    ({"PROJECTS": "a"}, (A,), {"PROJECTS": "a,b"}, (A, B), True),
    ({"PROJECTS": "a"}, (A,), {}, None, True),
    ({}, None, {"PROJECTS": "a"}, (A,), False),
    ({"SYNC_FEEDBACK": "false"}, None, {}, None, True),
    ({}, None, {"SYNC_RUNS": "false"}, None, False),
    ({}, None, {START: ago(3)}, None, False),
]


@pytest.mark.parametrize(("before", "old_ids", "after", "new_ids", "anew"), FEEDBACK_CHANGES)
def test_feedback_of_what_is_new_is_read_from_its_beginning(
    before: dict[str, str],
    old_ids: Any,
    after: dict[str, str],
    new_ids: Any,
    anew: bool,
) -> None:
    """Added projects, or feedback switched on, read all feedback; otherwise it goes on from the last cycle."""
    state = opened(done(DONE, old_ids, **before), new_ids, **after)
    assert state.cycle
    assert state.cycle.feedback_since == (None if anew else DONE)


def test_feedback_of_older_runs_is_read_when_start_time_is_set_back() -> None:
    """A START_TIME set back brings older runs, and the feedback they were given then."""
    state = at_stage(opened(done(DONE, START_TIME=ago(3)), START_TIME=ago(30)), FEEDBACKS, START_TIME=ago(30))
    assert state.cycle
    assert state.cycle.walk.slices[0].lo == NOW - 30 * DAY


@pytest.mark.parametrize("first", [{"PROJECTS": "a"}, {"SYNC_FEEDBACK": "false"}])
def test_feedback_still_to_be_read_outlives_another_change(first: dict[str, str]) -> None:
    """Two changes, the second before the first was read: what is new is still read from its beginning."""
    state = opened(done(DONE, (A,) if "PROJECTS" in first else None, **first))
    state = opened(state, SYNC_EXAMPLES="false")
    assert state.cycle
    assert state.cycle.feedback_since is None


def test_a_later_cycle_reads_a_day_and_the_index_lag_again() -> None:
    """Late arrivals are back-dated by up to 24 hours: the window begins a day and a quarter of an hour before the last cycle."""
    state = opened(done(DONE))
    assert spans.window(state, settings()) == (DONE - DAY - 15 * MINUTE, SOON)
    assert spans.window(opened(done(DONE), START_TIME=ago(0.5)), settings(START_TIME=ago(0.5))) == (NOW - DAY / 2, SOON)


@pytest.mark.parametrize(
    ("reconciled", "deep"), [(None, True), (NOW - DAY, True), (NOW - DAY + timedelta(seconds=1), False), (NOW, False)]
)
def test_once_a_day_the_recent_past_is_read_again(reconciled: datetime | None, deep: bool) -> None:
    """The daily pass reads a week of runs and a fortnight of feedback, counted from the pass before; its end is noted."""
    state = opened(replace(done(DONE), reconciled=reconciled))
    assert spans.window(state, settings())[0] == (
        (reconciled or NOW) + 5 * MINUTE - 7 * DAY if deep else DONE - DAY - 15 * MINUTE
    )
    at_feedback = at_stage(state, FEEDBACKS)
    assert at_feedback.cycle
    assert at_feedback.cycle.walk.slices[0].lo == ((reconciled or NOW) - 14 * DAY if deep else DONE - DAY - 15 * MINUTE)
    assert cycles.finished(at_stage(state, OWED), settings()).reconciled == (NOW if deep else reconciled)


def test_a_deep_pass_after_a_long_silence_covers_the_silence() -> None:
    """A sync that comes after a month reads the month, and the week before it."""
    state = opened(done(NOW - 30 * DAY))
    assert spans.window(state, settings()) == (SOON - 37 * DAY, SOON)


def test_the_stages_come_in_order_and_end_the_cycle() -> None:
    """Projects, unfinished runs, what has ended, datasets, feedback; then the bound is noted. A history ends by itself."""
    state, seen = opened(State(source=SOURCE)), []
    while state.cycle:
        seen.append(STAGES[state.cycle.stage])
        state = cycles.finished(state, settings())
    assert seen == list(STAGES)
    assert (state.done_to, state.reconciled) == (NOW, NOW)
    assert state.history
    assert cycles.finished(state, settings()).history is None


def feedback_slices(ids: tuple[str, ...] | None, **configuration: str) -> tuple[Slice, ...]:
    """The slices of the feedback stage of a first sync."""
    state = at_stage(opened(State(source=SOURCE), ids, **configuration), FEEDBACKS, **configuration)
    assert state.cycle
    return state.cycle.walk.slices


def test_feedback_is_read_for_all_projects_or_for_batches_of_fifty() -> None:
    """Ids go into the address, and more than fifty are known to fail; without PROJECTS one slice has all."""
    whole = Slice(FEEDBACK.name, lo=YEAR_AGO, hi=NOW)
    named = tuple(uid("e", number) for number in range(120))
    assert feedback_slices(None) == (whole,)
    state, found = at_stage(opened(State(source=SOURCE), named), FEEDBACKS), [replace(whole, parents=named[:50])]
    assert feedback_slices(named, PROJECTS="x") == (found[0],)
    while following := followups.after(state, settings(), found[-1]):
        found.append(following)
    assert [piece.parents for piece in found] == [named[:50], named[50:100], named[100:]]
    assert feedback_slices((), PROJECTS="gone") == ()
    assert feedback_slices(None, SYNC_FEEDBACK="false") == ()
    assert feedback_slices(None, START_TIME=ago(3)) == (replace(whole, lo=NOW - 3 * DAY),)


def test_history_is_interrupted_hourly() -> None:
    """A cycle is due an hour after the last one, while a history drains and none is in progress."""
    draining = replace(done(NOW), history=UNDERWAY)
    assert [cycles.due(draining, NOW + minutes * MINUTE) for minutes in (0, 59, 60, 600)] == [False, False, True, True]
    assert not cycles.due(done(NOW), NOW + DAY)
    assert not cycles.due(opened(draining, None, NOW + HOUR), NOW + DAY)
    assert not cycles.due(State(source=SOURCE), NOW)


def test_drained_is_neither_cycle_nor_history() -> None:
    """A sync ends when nothing is in hand."""
    both = opened(State(source=SOURCE))
    states = [both, replace(both, cycle=None), replace(both, history=None), done(NOW), State(source=SOURCE)]
    assert [cycles.drained(state) for state in states] == [False, False, False, True, True]


OTHERS = [{START: ago(1)}, {"PROJECTS": "a"}, *({name: "0"} for name in ("SYNC_RUNS", "SYNC_EXAMPLES", "SYNC_FEEDBACK"))]


@pytest.mark.parametrize("other", OTHERS)
def test_what_says_what_is_read_outdates_work_in_progress(other: dict[str, str]) -> None:
    """Any change of scope begins the work again; page sizes and bounds do not."""
    assert cycles.outdated(opened(State(source=SOURCE)), settings(**other), NOW)
    assert not cycles.outdated(opened(State(source=SOURCE), **other), settings(**other, PAGE_SIZE="7", MAX_SECONDS="9"), NOW)
    assert not cycles.outdated(State(source=SOURCE), settings(**other), NOW)


@pytest.mark.parametrize("waiting", [None, NOW - HOUR], ids=["failed", "without payloads"])
def test_what_was_put_aside_outlives_a_cycle_that_is_given_up(waiting: datetime | None) -> None:
    """A new configuration in the middle of the last stage: the slices in hand there are tried again by the new cycle."""
    piece = Slice(RUN.name, (A,), lo=YEAR_AGO, hi=WEEK_AGO, floor=YEAR_AGO, ceiling=WEEK_AGO, unfilled_since=waiting)
    last = opened(done(NOW - HOUR))
    assert last.cycle is not None
    last = replace(last, cycle=replace(last.cycle, stage=STAGES.index(OWED), walk=Walk(None, slices=(piece,))))
    anew = opened(last, None, SOON, START_TIME=ago(900))
    assert (anew.owed, anew.unfilled) == (((), (piece,)) if waiting else ((piece,), ()))
