"""BigQuery's statements that fill the rows of an earlier version give what a sync would give them."""

from __future__ import annotations

import pytest
from emulators.warehouse import Row, Warehouse

from destinations.files import batch
from destinations.taken_out import KEYS, RECORDS
from langsmith_core.destinations.bigquery.fill import fill
from langsmith_core.records import json_text, rows
from langsmith_core.records.columns import Keys
from langsmith_core.streams.registry import TABLES
from samples import encoded

LATE = [table for table in TABLES if table.late]


def held(warehouse: Warehouse) -> list[list[Row]]:
    """Return all that the tables with late columns hold."""
    return [warehouse.rows(table) for table in LATE]


@pytest.mark.parametrize("keys", [(), KEYS])
def test_rows_of_an_earlier_version_are_filled(warehouse: Warehouse, keys: Keys) -> None:
    """Rows of v1 and v2 whose late columns are null are whole again, also where a team has chosen other keys of the metadata."""
    for table in LATE:
        sent = [json_text.strict(encoded(record), 1) for of, record in RECORDS if of is table]
        warehouse.write(batch(table, *(rows.to_row(table, record, {}, keys=keys) for record in sent)))
    before = held(warehouse)
    for table in LATE:
        nulls = ", ".join(f"{column.name} = NULL" for column in table.late)
        warehouse.ask(f"UPDATE `{{}}.{table.name}` SET {nulls} WHERE TRUE")  # noqa: S608  declared names
    assert held(warehouse) != before
    for table in LATE:
        warehouse.ask(fill(table, warehouse.dataset, keys))
    assert held(warehouse) == before
