"""Unfinished runs: which a look asks for by id, and where those that the ledger could not hold are looked for."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from langsmith_core.records.packed_ids import Ids
from langsmith_core.streams import runs
from langsmith_core.streams.bounds import INDEX_LAG, OVERLAP, UNFINISHED_AGE
from langsmith_core.streams.context import Context, Outcome
from langsmith_core.streams.ledgers import OpenRun, OpenRuns
from langsmith_core.streams.memory import Memory, Runs
from langsmith_core.streams.projects import FindProjects
from langsmith_core.streams.registry import RUN
from langsmith_core.streams.runs import Unfinished
from langsmith_core.streams.runs_by_id import RunsById
from samples import NOW
from streams.contexts import DAY, DONE, FIRST, HOUR, LATER, MINUTE, SINCE, SOON, A, B, C, context, uid, without


def ledger(*entries: OpenRun, overflow_age: timedelta | None = None) -> Memory:
    """The memory of these unfinished runs; the youngest that had no room began so long before the last look."""
    overflow = DONE - overflow_age if overflow_age else None
    return Memory(runs=Runs(unfinished=OpenRuns(sorted(entries)), overflow=overflow))


def asked(item: Unfinished, within: Context) -> Outcome:
    """What follows: it asks no question of its own."""
    outcome = item.request(within, 50, b"")
    assert isinstance(outcome, Outcome)
    return outcome


def test_a_look_begins_runs_with_those_that_are_unfinished() -> None:
    """The list of projects leads to all others."""
    assert runs.opens(context()).rest == (Unfinished(),)


def test_unfinished_runs_are_asked_for_by_id_and_by_fifties() -> None:
    """Oldest first, each fifty beside their own projects, from the start of the oldest of them."""
    entries = [OpenRun(NOW - 10 * DAY + number * MINUTE, uid("e", number), (A, B)[number >= 50]) for number in range(60)]
    within = context(memory=ledger(*entries))
    first = asked(Unfinished(), within)
    ids = [one.run_id for one in entries]
    assert first.first == (RunsById(lo=entries[0].start, hi=SOON, ids=Ids(ids[:50]), parents=Ids([A])),)
    assert first.rest == (Unfinished(int(entries[49].start.timestamp()), ids[49]),)
    (rest,) = first.rest
    assert isinstance(rest, Unfinished)
    second = asked(rest, within)
    assert second.first == (RunsById(lo=entries[50].start, hi=SOON, ids=Ids(ids[50:]), parents=Ids([B])),)
    (last,) = second.rest
    assert isinstance(last, Unfinished)
    assert asked(last, within) == Outcome()


def test_runs_of_one_second_are_asked_for_once() -> None:
    """Beside the start, the id says how far the ledger is read, even where the ledger knows more than the second."""
    start = NOW - 10 * DAY
    entries = [OpenRun(start + timedelta(milliseconds=number), uid("e", number), A) for number in range(51)]
    within = context(memory=ledger(*entries))
    (rest,) = asked(Unfinished(), within).rest
    assert isinstance(rest, Unfinished)
    (second,) = asked(rest, within).first
    assert isinstance(second, RunsById)
    assert second.ids == Ids([uid("e", 50)])


def test_runs_of_the_looks_own_window_or_of_others_are_not_among_them() -> None:
    """They are read with the window; a project that is not read has no runs to ask for."""
    entries = [OpenRun(SINCE, uid("e", 1), A), OpenRun(SINCE - MINUTE, uid("e", 2), A), OpenRun(SINCE - HOUR, uid("e", 3), B)]
    (runs_by_id,) = asked(Unfinished(), context(memory=ledger(*entries), projects=Ids([A, C]))).first
    assert isinstance(runs_by_id, RunsById)
    assert (runs_by_id.ids, runs_by_id.parents) == (Ids([uid("e", 2)]), Ids([A]))


def test_runs_that_the_ledger_could_not_hold_are_looked_for_by_their_end() -> None:
    """Projects with runs of the fortnight before the last look are asked for runs that have ended since."""
    within = context(memory=ledger(overflow_age=DAY))
    find = FindProjects(lo=DONE - UNFINISHED_AGE, hi=SINCE, ended_since=DONE - OVERLAP - INDEX_LAG)
    assert asked(Unfinished(), within).rest == (find,)
    young = replace(within, bounds=replace(LATER, oldest=SINCE - HOUR))
    assert asked(Unfinished(), young).rest == (replace(find, lo=SINCE - HOUR),)


NONE: list[Context] = [
    context(),
    context(None, memory=ledger(overflow_age=DAY)),
    context(FIRST, memory=ledger(overflow_age=DAY)),
    context(memory=ledger(overflow_age=UNFINISHED_AGE)),
    context(replace(LATER, oldest=SINCE), memory=ledger(overflow_age=DAY)),
]


@pytest.mark.parametrize("within", NONE)
def test_nothing_is_looked_for_where_nothing_can_be_missing(within: Context) -> None:
    """No run had no room, or it is too old by now; a first look reads all; no window of it is left."""
    assert asked(Unfinished(), within) == Outcome()


def test_unfinished_runs_go_with_their_switch() -> None:
    """Without SYNC_RUNS none is asked for."""
    assert Unfinished().within(context(scope=without(RUN))) == ()
    assert Unfinished(5, A).within(context()) == (Unfinished(5, A),)
