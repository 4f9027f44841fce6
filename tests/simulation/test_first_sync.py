"""Law 1 at its plainest: a first sync, by each API and each face, holds every row the workspace has."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from product import World

MODES = ("clickhouse", "dual", "smithdb")


@pytest.mark.parametrize("face", ["fivetran", "duckdb"])
@pytest.mark.parametrize("mode", MODES)
def test_a_first_sync_is_complete(world: Callable[..., World], mode: str, face: str) -> None:
    """Whatever API answers and wherever rows go, every row of the workspace arrives with its values."""
    w = world(mode)
    w.sim.corpus(projects=4, runs=1500, datasets=3, examples=250, feedback=0.3, days=60)
    w.fivetran.sync() if face == "fivetran" else w.sync_locally()
    w.assert_complete(face)
