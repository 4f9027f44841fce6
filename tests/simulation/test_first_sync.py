"""Law 1 in its simplest form: a first sync delivers every row of the workspace, by each API and each face."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulation.face_calls import called

from langsmith_core.streams.registry import TABLES
from product import World

MODES = ("clickhouse", "dual", "smithdb")


@pytest.mark.every_combination
@pytest.mark.parametrize("face", ["fivetran", "duckdb", "connector"])
@pytest.mark.parametrize("mode", MODES)
def test_a_first_sync_is_complete(file_world: Callable[..., World], mode: str, face: str) -> None:
    """A first sync delivers every row of the workspace with its values, by each API and each face."""
    w = file_world(mode)
    w.sim.corpus(projects=4, runs=900, datasets=3, examples=150, feedback=0.3, days=60)
    while called(w, face).has_more:
        pass
    w.assert_complete(face)


def test_the_truth_has_every_table(world: Callable[..., World]) -> None:
    """The simulator's truth has every table of the registry, so comparisons leave none out."""
    assert world("smithdb").truth().keys() == {table.name for table in TABLES}
