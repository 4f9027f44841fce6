"""Runs that had not ended when they were read: which of a page are noted, for how long, and which are forgotten."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from langsmith_core.records.rows import Row
from langsmith_core.streams.bounds import FUTURE, UNFINISHED_AGE
from langsmith_core.streams.memory import Memory
from langsmith_core.streams.runs_unfinished import SETTLED, UNFINISHED_MAX, noted
from samples import NOW
from streams.contexts import FIRST, HOUR, MINUTE, A, context, run, uid

STARTS = st.integers(1, int(UNFINISHED_AGE.total_seconds()) - 1).map(lambda seconds: NOW - timedelta(seconds=seconds))


def after(found: Sequence[Row], memory: Memory | None = None, until: datetime = NOW, since: datetime | None = None) -> Memory:
    """What is remembered once these were read, in a look to `until` after one to `since`."""
    return noted(found, context(replace(FIRST, until=until, since=since), memory=memory or Memory()))


def ids(memory: Memory) -> list[str]:
    """The runs in the ledger."""
    return [one.run_id for one in memory.runs.unfinished.runs]


def open_run(number: int, start: datetime, end: datetime | None = None) -> Row:
    """A run of one project."""
    return run(uid("e", number), A, start, end)


def test_a_run_without_an_end_is_noted_and_a_settled_one_is_not() -> None:
    """A run is asked for again until its end lies a quarter of an hour back: tokens and costs come after the end."""
    found = [
        open_run(1, NOW - HOUR),
        open_run(2, NOW - HOUR, NOW - MINUTE),
        open_run(3, NOW - HOUR, NOW - SETTLED),
        open_run(4, NOW - HOUR, NOW - SETTLED - timedelta(seconds=1)),
    ]
    assert ids(after(found)) == [uid("e", 1), uid("e", 2), uid("e", 3)]


def test_a_run_that_has_ended_is_forgotten() -> None:
    """Read again with an end, it leaves the ledger; read again without one, it is in it once."""
    memory = after([open_run(1, NOW - HOUR), open_run(2, NOW - HOUR)])
    assert ids(after([open_run(1, NOW - HOUR, NOW - HOUR), open_run(2, NOW - HOUR)], memory)) == [uid("e", 2)]


def test_a_run_is_given_up_after_a_fortnight() -> None:
    """A run whose end was lost would be asked for for ever: noted or not, it is dropped at its age."""
    young, old = NOW - UNFINISHED_AGE + HOUR, NOW - UNFINISHED_AGE
    memory = after([open_run(1, young), open_run(2, old)])
    assert ids(memory) == [uid("e", 1)]
    assert ids(after([], memory, NOW + 2 * HOUR)) == []


def test_a_runs_age_is_counted_at_the_look_before() -> None:
    """What was young enough then may have ended in time since, and is asked for once more, however late this look is."""
    memory = after([open_run(1, NOW - UNFINISHED_AGE + HOUR)])
    memory = after([open_run(2, NOW - UNFINISHED_AGE + HOUR)], memory, NOW + 200 * HOUR, NOW)
    assert ids(memory) == [uid("e", 1), uid("e", 2)]
    assert ids(after([], memory, NOW + 201 * HOUR, NOW + 200 * HOUR)) == []


@pytest.mark.parametrize(
    "found",
    [
        run(uid("e"), A, None),
        run(uid("e"), None, NOW - HOUR),
        run("no uuid", A, NOW - HOUR),
        run(uid("e"), "no uuid", NOW - HOUR),
        run(uid("e"), A, NOW + FUTURE),
        run(uid("e"), A, datetime(2200, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_run_that_cannot_be_asked_for_is_not_noted(found: Row) -> None:
    """Without a start, an id or a project there is no way to ask for it. A start far ahead comes from no clock to wait for."""
    assert ids(after([found])) == []


def test_a_full_ledger_keeps_the_oldest_and_says_what_it_dropped() -> None:
    """Three hundred at most: the youngest are dropped, since their day is read again anyway; the newest of them is told."""
    found = [open_run(number, NOW - number * MINUTE) for number in range(UNFINISHED_MAX + 5)]
    memory = after(found)
    assert ids(memory) == [uid("e", number) for number in range(UNFINISHED_MAX + 4, 4, -1)]
    assert memory.runs.overflow == NOW
    assert after(found[:UNFINISHED_MAX]).runs.overflow is None
    assert after([], memory).runs.overflow == NOW


@given(st.lists(st.tuples(st.integers(0, 40), STARTS, st.booleans()), max_size=60), st.integers(1, 60))
def test_pages_in_any_order_leave_what_was_last_seen(seen: list[tuple[int, datetime, bool]], rows: int) -> None:
    """However the readings are cut into pages, the ledger holds the runs whose last reading had no end."""
    starts = {number: start for number, start, _ in seen}
    readings = [open_run(number, starts[number], NOW - HOUR if ended else None) for number, _, ended in seen]
    memory = Memory()
    for begin in range(0, len(readings), rows):
        memory = after(readings[begin : begin + rows], memory)
    last = {number: ended for number, _, ended in seen}
    assert set(ids(memory)) == {uid("e", number) for number, ended in last.items() if not ended}
    assert all(one.start == starts[int(one.run_id[-12:])] for one in memory.runs.unfinished.runs)


def test_a_backfill_counts_from_the_last_look() -> None:
    """It has no bounds of its own; before any look has ended nothing is noted, since nothing says how old a run is."""
    found = [open_run(1, NOW - HOUR)]
    assert ids(noted(found, context(None, done_to=NOW))) == [uid("e", 1)]
    assert ids(noted(found, context(None))) == []
