"""Law 1 in a workspace in use: people and programs act for two weeks, and a sync runs every few hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from simulation.axes import in_turn

from product import World
from simulator import Activity
from simulator.activity import ALL_ACTIONS
from simulator.settings import Mode

DAY = timedelta(days=1)


@pytest.mark.parametrize(("mode", "face", "hours"), in_turn(["clickhouse", "smithdb"], [("fivetran", 7), ("duckdb", 13)]))
def test_two_weeks_of_a_workspace_in_use(world: Callable[..., World], mode: Mode, face: str, hours: int) -> None:
    """After the last daily pass every row equals the truth, through additions, late ends, edits, renames and deletes."""
    w = world(mode)
    activity = Activity(w.workspace, seed=7)
    w.configure(PAGE_SIZE="50")
    sync = w.fivetran.sync if face == "fivetran" else w.sync_locally
    while w.clock.now() < activity.end:
        sync()
        w.clock.advance(hours=hours)
    w.clock.advance(DAY)
    sync()
    w.assert_complete(face, activity)
    assert [kind for kind in ALL_ACTIONS if not activity.happened[kind]] == []
