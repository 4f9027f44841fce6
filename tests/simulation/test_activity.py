"""Law 1 in a workspace in use: people and programs act for two weeks, and a sync runs every few hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from product import World
from simulator import Activity
from simulator.activity import ALL_ACTIONS
from simulator.settings import Mode

DAY = timedelta(days=1)


FACES = [("fivetran", 7), ("duckdb", 13), ("connector", 9)]
"""Each face, and the hours between its syncs."""


@pytest.mark.parametrize(("face", "hours", "mode"), [(*way, mode) for way in FACES for mode in ("clickhouse", "smithdb")])
def test_two_weeks_of_a_workspace_in_use(world: Callable[..., World], mode: Mode, face: str, hours: int) -> None:
    """After the last daily pass every row equals the truth, through additions, late ends, edits, renames and deletes."""
    w = world(mode)
    activity = Activity(w.workspace, seed=7)
    w.configure(PAGE_SIZE="50")
    while w.clock.now() < activity.end:
        w.sync(face)
        w.restart()
        w.clock.advance(hours=hours)
    w.clock.advance(DAY)
    w.sync(face)
    w.assert_complete(face, activity)
    assert [kind for kind in ALL_ACTIONS if not activity.happened[kind]] == []
