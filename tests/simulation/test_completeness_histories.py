"""No false alarm: random histories of a workspace in use, with retention, late arrivals and edits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from langsmith_core.completeness.values import Ruling
from langsmith_core.destinations.duckdb import file as local
from product import World
from simulator import Activity
from simulator.settings import Mode

HISTORIES = 200
PARTS = 8
QUIET = {Ruling.COMPLETE, Ruling.UNKNOWN}


@pytest.mark.parametrize("part", range(PARTS))
def test_no_history_raises_a_false_alarm(world: Callable[..., World], tmp_path: Path, part: int) -> None:
    """Two weeks each, a sync every 19 hours. No place is read again, and most are found complete."""
    for number in range(part, HISTORIES, PARTS):
        mode: Mode = ("smithdb", "clickhouse", "dual")[number % 3]
        w = world(mode, seed=number)
        w.sim.retention = number % 2 == 0
        w.database = str(tmp_path / f"{number}.duckdb")
        w.configure(LOCAL_DB=w.database)
        activity = Activity(w.workspace, seed=number)
        while w.clock.now() < activity.end + timedelta(days=3):
            w.sync_locally()
            with local.opened(w.database) as file:
                found = {one.ruling for one in file.verdicts()}
            assert found <= QUIET, number
            w.clock.advance(hours=19)
        assert Ruling.COMPLETE in found
