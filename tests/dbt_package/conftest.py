"""What the tests of the dbt package share: sources read by the product, and one build of them all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dbt_package import fivetran_tables, odd_workspace
from dbt_package.running import Outcome, Target, dbt
from product import World
from simulator.settings import Mode

PLACES = ("v1", "v2", "fivetran")
ORPHANS = {"langsmith_runs_without_root": len(PLACES)}  # the odd workspace has one, which each place has
SOURCES: Mapping[str, Any] = {"langsmith_sources": [{"database": place, "schema": "main", "name": place} for place in PLACES]}


class Built(NamedTuple):
    """The odd workspace, read in three ways, and its reports: `source_relation` tells the three apart."""

    folder: Path
    files: Mapping[str, Path]
    target: Target
    outcome: Outcome


@pytest.fixture(scope="package")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The odd workspace as files: read by v1 and by v2 into DuckDB, and by v2 into a Fivetran destination."""
    folder = tmp_path_factory.mktemp("odd")
    files = {place: folder / f"{place}.duckdb" for place in PLACES}
    modes: Mapping[str, Mode] = {"v1": "clickhouse", "v2": "smithdb"}
    for place, mode in modes.items():
        with pytest.MonkeyPatch.context() as patch:
            world = World(patch, folder, mode)
            world.configure(LOCAL_DB=str(files[place]), CHECK_COMPLETENESS="false")  # its verdicts have times of their own
            odd_workspace.fill(world.workspace)
            _sync(world)
            world.clock.advance(hours=2)
            odd_workspace.change(world.workspace)
            _sync(world)
            if place == "v2":
                fivetran_tables.write(files["fivetran"], world.fivetran.tables)
    return files


@pytest.fixture(scope="package")
def built(odd: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Built:
    """All three built at once, in a session whose time zone is not UTC."""
    folder = tmp_path_factory.mktemp("built")
    target = Target(folder / "reports.duckdb", odd, timezone="Asia/Kolkata")
    (outcome,) = dbt(folder, {"odd": target}, [("build", "odd", {**SOURCES, **ORPHANS})])
    return Built(folder, odd, target, outcome)


def _sync(world: World) -> None:
    world.sync_locally()
    world.fivetran.sync()
