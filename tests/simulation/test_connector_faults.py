"""The table of faults on the connector, row by row: a sync absorbs passing faults, reports lasting ones, and always ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from simulation.axes import in_turn
from simulation.face_calls import called, state, tables
from simulation.fault_table import PACE, RATE, TABLE, FaultCase

from langsmith_core.faces import connector_sync
from langsmith_core.langsmith.pacing import RETRY_AFTER_MAX
from product import World
from simulator import Fault
from simulator.settings import Mode

KINDS = ("info", "sessions", "runs", "datasets", "versions", "examples", "feedback")
MODES = [("clickhouse",), ("smithdb",)]
SYNCS_MAX = 24 * 4
rows_in_turn = pytest.mark.parametrize(
    ("row", "mode"), in_turn(TABLE, MODES), ids=lambda one: one.name if isinstance(one, FaultCase) else one
)


@pytest.fixture
def filled(world: Callable[..., World]) -> Callable[[Mode], World]:
    """Make a workspace with some records of every table."""

    def make(mode: Mode) -> World:
        w = world(mode)
        w.sim.corpus(projects=3, runs=24, days=20, datasets=2, examples=3)
        return w

    return make


def struck(w: World, row: FaultCase, **plan: Any) -> Fault:
    """Plan the fault of a row."""
    return w.sim.faults.add(Fault(**{**row.fault, **plan}))


@rows_in_turn
def test_trouble_that_passes(filled: Callable[[Mode], World], row: FaultCase, mode: Mode) -> None:
    """Syncs every quarter of an hour complete the tables where a fault strikes every kind of request a few times."""
    w = filled(mode)
    faults = [struck(w, row, kind=kind, times=max(1, row.attempts - 1)) for kind in KINDS]
    for _ in range(SYNCS_MAX):
        one = called(w, "connector")
        assert one.status == 200 or one.failed(row.status, row.says) or (row.says == RATE and one.failed(503, PACE)), one
        if one.status == 200:
            break
        w.clock.advance(minutes=15)
    assert [fault.struck for fault in faults] == [max(1, row.attempts - 1)] * len(KINDS)
    w.assert_complete("connector")


@rows_in_turn
def test_trouble_that_stays(filled: Callable[[Mode], World], row: FaultCase, mode: Mode) -> None:
    """A lasting fault fails the sync in its row's words. What came before it is kept, with a checkpoint of its place."""
    w = filled(mode)
    struck(w, row, when=lambda _: w.requests("runs") > 1, times=None)
    began = w.clock.now()
    first = called(w, "connector")
    assert first.failed(row.status, row.says) or (row.says == RATE and first.failed(503, PACE)), first
    assert w.clock.now() - began < connector_sync.LONGEST + timedelta(hours=1)
    kept = tables(w, "connector")
    assert kept["langsmith_run"]
    assert state(w, "connector").keys() & {"look", "backfill", "later"}
    w.clock.advance(minutes=5)
    again = called(w, "connector")
    assert again.status != 200
    assert tables(w, "connector") == kept
    w.sim.faults.clear()
    w.clock.advance(seconds=RETRY_AFTER_MAX + 1)
    assert called(w, "connector").status == 200
    w.assert_complete("connector")


def test_a_sync_ends_where_every_answer_is_late(filled: Callable[[Mode], World]) -> None:
    """While answers come so late that looks are due anew before they end, a sync ends after its longest time (law 3)."""
    w = filled("clickhouse")
    w.configure(PAGE_SIZE="1")
    late = w.sim.faults.add(Fault(kind=None, slow=50.0, times=None))
    w.sim.corpus(projects=30, runs=600, days=20)
    began = w.clock.now()
    assert called(w, "connector").status == 200
    assert timedelta(0) <= w.clock.now() - began - connector_sync.LONGEST < timedelta(minutes=10)
    assert any("a sync ends after 12 hours with more left to read" in line for _, line in w.connection.lines)
    assert late.struck > 500
    w.sim.faults.clear()
    w.configure(PAGE_SIZE="100")
    assert called(w, "connector").status == 200
    w.assert_complete("connector")
