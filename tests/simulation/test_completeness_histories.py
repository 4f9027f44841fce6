"""No false alarm: random histories of a workspace in use, with retention, late arrivals and edits."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta

import pytest
from simulation.memory import in_memory

from langsmith_core.completeness.values import Ruling
from langsmith_core.destinations.duckdb import file as local
from product import World
from simulator import Activity
from simulator.settings import Mode

HISTORIES = 200 if os.environ.get("EVERY_COMBINATION") else 16
"""`make soak` plays all of them."""
PARTS = 4
QUIET = {Ruling.COMPLETE, Ruling.UNKNOWN}


@pytest.mark.parametrize("part", range(PARTS))
def test_no_history_raises_a_false_alarm(file_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch, part: int) -> None:
    """Two weeks each, a sync every 37 hours. No place brings a row when it is read again, and none stays short."""
    for number in range(part, HISTORIES, PARTS):
        with in_memory(monkeypatch):
            found = _rulings(file_world, number)
        assert found <= QUIET, number
        assert Ruling.COMPLETE in found, number


def _rulings(world: Callable[..., World], number: int) -> set[Ruling]:
    mode: Mode = ("smithdb", "clickhouse", "dual")[number % 3]
    w, found = world(mode, seed=number), set[Ruling]()
    w.sim.retention = number % 2 == 0
    activity = Activity(w.workspace, seed=number)
    while w.clock.now() < activity.end + timedelta(days=3):
        w.sync_locally()
        with local.opened(w.database) as file:
            found |= {one.ruling for one in file.verdicts()}
        w.clock.advance(hours=37)
    return found
