"""A backfill in shards: which windows, whose ids, what a shard begins with and what it leaves."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sync.looks import DAY, HOUR, SOURCE, A, B, C

from langsmith_core.records.packed_ids import Ids
from langsmith_core.streams.bounds import Past
from langsmith_core.streams.context import Scope
from langsmith_core.streams.ledgers import EPOCH, OpenRun, OpenRuns
from langsmith_core.streams.memory import Memory, Runs
from langsmith_core.streams.projects import FindProjects
from langsmith_core.streams.registry import PROJECT
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs_unfinished import UNFINISHED_MAX
from langsmith_core.sync import backfill, shards
from langsmith_core.sync.state import SHARDS_MAX, Backfill, State, Task
from samples import NOW

YEAR = Past(NOW - 400 * DAY, NOW - 7 * DAY)
KNOWN = Memory({PROJECT.name: Ids((A, B))}, runs=Runs(plain=True, own_usage="ignored", unfinished=OpenRuns([OpenRun(NOW, A, B)])))
STATE = State(source=SOURCE, api="v2", done_to=NOW, scope=Scope(), left_out=Ids((C,)), memory=KNOWN, weights={"langsmith_run": 9})
READY = replace(STATE, backfill=backfill.over(YEAR.lo, YEAR.hi, Ids((C,))))
GIVEN = shards.given_out(READY, 2)


@pytest.mark.parametrize(
    ("past", "instances", "projects", "count"),
    [
        (YEAR, 4, 3, SHARDS_MAX),
        (YEAR, 4, 1_000, 100),  # 20 queries for each window, 2,000 for all
        (YEAR, 4, 100_000, 16),
        (YEAR, 32, 100_000, 128),
        (Past(NOW - 10 * HOUR, NOW), 4, 3, 10),
        (Past(NOW - HOUR / 2, NOW), 4, 0, 1),
    ],
)
def test_how_many_windows(past: Past, instances: int, projects: int, count: int) -> None:
    """Many where they cost little, four an instance at least, none shorter than an hour."""
    assert shards.count(past, instances, projects) == count


@given(lo=st.timedeltas(HOUR, 500 * DAY), given_out=st.integers(1, SHARDS_MAX))
def test_the_windows_are_the_past_without_gap_or_overlap(lo: timedelta, given_out: int) -> None:
    """Each begins where the one before ends, the first and the last at the bounds."""
    state = replace(READY, backfill=Backfill(Past(NOW - lo, NOW), given=given_out))
    windows = [one.backfill.past for one in shards.begun(state).values() if one.backfill]
    assert (len(windows), windows[0].lo, windows[-1].hi) == (given_out, NOW - lo, NOW)
    assert all(one.hi == other.lo for one, other in pairwise(windows))


def test_a_shard_begins_with_its_window_and_what_looks_have_learned() -> None:
    """It has no look, no unfinished runs and no work put aside of others, and it leaves out the same projects."""
    assert GIVEN.backfill == Backfill(Past(YEAR.lo, YEAR.hi, Ids((C,))), given=SHARDS_MAX)
    (lo, hi), first = (YEAR.lo, YEAR.lo + (YEAR.hi - YEAR.lo) / SHARDS_MAX), next(iter(shards.begun(GIVEN).values()))
    assert first == replace(
        STATE,
        backfill=Backfill(Past(lo, hi, Ids((C,))), (Task(FindProjects(lo=lo, hi=hi)),)),
        memory=Memory({PROJECT.name: Ids((A, B))}, runs=Runs(plain=True, own_usage="ignored")),
        turn=0,
    )
    assert not shards.is_done(first)
    assert shards.is_done(replace(first, backfill=None))
    assert not shards.is_done(replace(STATE, backfill=None))


def test_the_same_backfill_has_the_same_ids() -> None:
    """Also once looks have moved on. Another bound, another count, other skipped projects or another scope has others."""
    past = Past(YEAR.lo, YEAR.hi, Ids((C,)))
    moved = replace(GIVEN, done_to=NOW + DAY, left_out=Ids((A,)), memory=Memory(), weights={})
    assert shards.begun(moved).keys() == shards.begun(GIVEN).keys()
    others = [
        replace(GIVEN, backfill=Backfill(replace(past, hi=past.hi + DAY), given=SHARDS_MAX)),
        replace(GIVEN, backfill=Backfill(past, given=SHARDS_MAX - 1)),
        replace(GIVEN, backfill=Backfill(replace(past, skip=Ids(())), given=SHARDS_MAX)),
        replace(GIVEN, scope=Scope(off=("langsmith_feedback",))),
    ]
    assert all(shards.begun(other).keys().isdisjoint(shards.begun(GIVEN)) for other in others)
    assert shards.begun(READY) == {}
    assert shards.begun(STATE) == {}


@pytest.mark.parametrize(
    ("state", "instances"),
    [
        (READY, 0),
        (STATE, 2),
        (replace(READY, turn=0), 2),  # a shard
        (replace(READY, api="v1"), 2),
        (replace(READY, memory=Memory(runs=Runs(v1_before=NOW))), 2),
        (GIVEN, 2),
    ],
)
def test_what_is_not_given_out(state: State, instances: int) -> None:
    """Nothing without instances, without a past, of a shard, of v1, of an instance that asks v1 too, or a second time."""
    assert shards.given_out(state, instances) == state


def test_it_is_taken_back_where_shards_may_not_read_it() -> None:
    """To its beginning, with what it skips. What they may read stays with them."""
    whole = backfill.over(YEAR.lo, YEAR.hi, Ids((C,)))
    assert shards.taken_back(GIVEN, 0).backfill == whole
    assert shards.taken_back(replace(GIVEN, api="v1"), 2).backfill == whole
    assert shards.taken_back(GIVEN, 2) == GIVEN
    assert shards.taken_back(READY, 0) == READY


def test_what_shards_leave_is_taken_over() -> None:
    """Work put aside, unfinished runs and those past the ledger's room, and the newest times. Nothing else of a shard's state."""
    aside = [Task(RunWindow(lo=EPOCH, hi=NOW, waiting=Ids((one,))), "failed") for one in (A, B)]
    runs = [OpenRun(NOW - i * HOUR, A, B) for i in range(1, 3)]
    done = [
        State(
            source=SOURCE,
            later=(aside[1],),
            memory=Memory(runs=Runs(plain=True, unfinished=OpenRuns([runs[0]]), overflow=NOW - DAY)),
            newest={"langsmith_run": NOW - i * HOUR},
            turn=4,
        )
        for i in (2, 1)
    ]
    state = replace(
        GIVEN, later=(aside[0],), memory=Memory(runs=Runs(unfinished=OpenRuns([runs[1]]))), newest={"langsmith_run": NOW - DAY}
    )
    assert shards.absorbed(state, done) == replace(
        state,
        backfill=None,
        later=(aside[0], aside[1], aside[1]),
        memory=Memory(runs=Runs(unfinished=OpenRuns([runs[0]]), overflow=NOW - DAY)),
        newest={"langsmith_run": NOW - HOUR},
    )


def test_more_unfinished_runs_than_the_ledger_holds_are_looked_for() -> None:
    """The youngest start that had no room is noted: looks then search for runs that have ended since."""
    runs = [OpenRun(NOW + i * HOUR, f"{i:08x}-0000-4000-8000-000000000000", B) for i in range(UNFINISHED_MAX + 2)]
    done = [State(source=SOURCE, memory=Memory(runs=Runs(unfinished=OpenRuns([one]))), turn=1) for one in runs]
    after = shards.absorbed(replace(GIVEN, memory=Memory()), done).memory.runs
    assert (after.unfinished, after.overflow) == (OpenRuns(runs[:UNFINISHED_MAX]), runs[-1].start)
