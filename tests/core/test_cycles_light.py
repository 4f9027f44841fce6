"""Cycles that leave out the day's overlap where it is heavy, without a gap."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from core.samples import NOW, settings
from core.walks import DAY, HOUR, MINUTE, SOURCE, done, opened
from langsmith_core import cycles, spans
from langsmith_core.sync.state import State

ALL = settings()
SOON = NOW + 5 * MINUTE
LAG = timedelta(minutes=15)


def ended(state: State, *, calls: int = 0) -> State:
    """The state after its cycle, which so many calls have gone on with."""
    for _ in range(calls):
        state = cycles.continued(state)
    while state.cycle:
        state = cycles.finished(state, ALL)
    return state


def since(state: State) -> datetime:
    """Where the runs begin that the cycle in hand reads."""
    return spans.window(state, ALL)[0]


def settled(at: datetime, *, heavy: bool, overlapped: datetime) -> State:
    """A finished sync whose last reading of the day before was then, and was more than one call or not."""
    return replace(done(at), heavy=heavy, overlapped_to=overlapped)


@pytest.mark.parametrize(("calls", "heavy"), [(0, False), (1, True), (7, True)])
def test_a_reading_that_one_call_could_not_hold_is_heavy(calls: int, heavy: bool) -> None:
    """Each call that goes on with a cycle is counted; the end notes whether there were any, and when the day was read."""
    state = ended(opened(done(NOW - HOUR)), calls=calls)
    assert (state.heavy, state.overlapped_to, state.done_to) == (heavy, NOW, NOW)


CASES = [
    # minutes since the day before was read, heavy, where the next cycle begins
    (30, False, NOW - 30 * MINUTE - DAY - LAG),
    (59, True, NOW - 10 * MINUTE - LAG),
    (60, True, NOW - 60 * MINUTE - DAY - LAG),
    (600, True, NOW - 600 * MINUTE - DAY - LAG),
]


@pytest.mark.parametrize(("minutes", "heavy", "begins"), CASES)
def test_a_heavy_day_is_read_again_hourly_at_most(minutes: int, heavy: bool, begins: datetime) -> None:
    """In between only what came since the last cycle is read; the next full reading covers what the light ones left out."""
    state = settled(NOW - 10 * MINUTE, heavy=heavy, overlapped=NOW - minutes * MINUTE)
    assert since(opened(state)) == begins


def test_light_cycles_leave_no_gap() -> None:
    """Whatever follows whatever: a full reading begins a day before the last full reading, not before the last cycle."""
    state = ended(opened(done(NOW - DAY / 2)), calls=3)
    for minutes in (20, 40):
        light = opened(state, None, NOW + minutes * MINUTE)
        assert light.done_to
        assert since(light) == light.done_to - LAG
        state = ended(light)
        assert (state.heavy, state.overlapped_to) == (True, NOW)
    assert since(opened(state, None, NOW + HOUR)) == NOW - DAY - LAG


def test_the_daily_pass_is_never_light() -> None:
    """What has no signal is read again once a day, however heavy it is."""
    state = replace(settled(NOW - MINUTE, heavy=True, overlapped=NOW - MINUTE), reconciled=NOW - DAY)
    assert since(opened(state)) == SOON - 8 * DAY


def test_a_first_cycle_is_never_light() -> None:
    """There is no reading before it."""
    state = opened(State(source=SOURCE))
    assert state.cycle
    assert not state.cycle.light
    assert since(state) == SOON - 7 * DAY


def test_going_on_with_a_history_counts_nothing() -> None:
    """Only a cycle has calls."""
    state = replace(opened(State(source=SOURCE)), cycle=None)
    assert cycles.continued(state) == state
