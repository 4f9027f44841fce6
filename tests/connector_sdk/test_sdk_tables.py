"""Under Fivetran's own SDK the connector's tables equal the DuckDB sink's, in every column, by either encoding of a row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from connector_sdk.comparing import differences
from connector_sdk.syncs import ROW_DATA, Destination, sync

from langsmith_core.faces import connector_schema
from product import World
from simulator import Activity

JSON, STRING = {"JSON_COLUMNS": "json"}, {"JSON_COLUMNS": "string"}


@pytest.mark.parametrize("more", [{}, ROW_DATA], ids=["values", "row_data"])
@pytest.mark.parametrize("choice", [JSON, STRING], ids=["json", "string"])
def test_every_table_is_the_one_of_duckdb(
    package: Path, world: World, configuration: dict[str, str], choice: dict[str, str], more: dict[str, str]
) -> None:
    """After a first sync, and after another that follows two days of changes and deletes. As STRING, JSON keeps each digit."""
    given, exact = {**configuration, **choice}, choice is STRING
    held = sync(package, Destination(), given, more=more)
    world.sync_locally()
    assert (held.message, differences(held, world, exact=exact)) == (None, [])

    Activity(world.workspace, seed=3, days=2)
    world.clock.advance(days=2)
    world.workspace.delete_project(next(iter(world.workspace.projects)))
    held = sync(package, held, given, more=more)
    world.sync_locally()
    assert (held.message, differences(held, world, exact=exact)) == (None, [])
    assert held.deletes > 0


def test_the_schema_is_declared_whole(package: Path, world: World, configuration: dict[str, str]) -> None:
    """The SDK takes every table and every type that the face declares."""
    del world
    held = sync(package, Destination(), {**configuration, "SYNC_RUNS": "false"})
    declared = {one["table"]: one["columns"] for one in connector_schema.declared("json")}
    assert held.schema == {table: {name: _name(kind) for name, kind in columns.items()} for table, columns in declared.items()}


def _name(declared: Any) -> str:
    return str(declared if isinstance(declared, str) else declared["type"])
