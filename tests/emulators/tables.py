"""A dataset's tables in the form in which tests compare all faces: live rows by key, JSON as text, times as text.

warehouse.py reads the rows. product.py and the simulations say what they must be.
"""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from emulators.warehouse import Warehouse

from langsmith_core.records.columns import JSON_KINDS, Column
from langsmith_core.streams.registry import TABLE_OF, TABLES
from product import Table


def live(warehouse: Warehouse) -> dict[str, Table]:
    """Return the rows that are not deleted, by table and key. Fail where a key stands twice, deleted or not."""
    return {stream.name: _live(warehouse, stream.name) for stream in TABLES}


def _live(warehouse: Warehouse, table: str) -> Table:
    stream = TABLE_OF[table]
    rows = [dict(zip([*(c.name for c in stream.columns), "deleted"], row, strict=True)) for row in warehouse.rows(stream)]
    keys = [row[stream.key] for row in rows]
    assert len(keys) == len(set(keys)), f"{table}: keys stand twice"
    return {
        row[stream.key]: {column.name: _plain(column, row[column.name]) for column in stream.columns}
        for row in rows
        if row["deleted"] is None
    }


def _plain(column: Column, value: Any) -> Any:
    if column.kind in JSON_KINDS and value is not None:
        return json.dumps(value[0])
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return float(value) if isinstance(value, Decimal) else value
