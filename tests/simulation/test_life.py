"""Law 1 over a workspace in use: two weeks of what people and programs do, and a sync every few hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from simulation.calling import kept_open

from product import World
from simulator import Life
from simulator.life import PER_DAY
from simulator.settings import Mode

DAY = timedelta(days=1)


@pytest.mark.parametrize(("face", "hours"), [("fivetran", 7), ("duckdb", 13)])
@pytest.mark.parametrize("mode", ["clickhouse", "smithdb"])
def test_two_weeks_of_a_workspace_in_use(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch, mode: Mode, face: str, hours: int
) -> None:
    """Whatever ended, arrived, was edited, judged, renamed or removed at whatever time: after a daily pass it is there."""
    w = world(mode)
    life = Life(w.workspace, seed=7)
    kept_open(w, monkeypatch)
    w.configure(PAGE_SIZE="50")
    sync = w.fivetran.sync if face == "fivetran" else w.sync_locally
    while w.clock.now() < life.end:
        sync()
        w.clock.advance(hours=hours)
    w.clock.advance(DAY)
    sync()
    w.assert_complete(face, life)
    assert [kind for kind in PER_DAY if not life.happened[kind]] == []
