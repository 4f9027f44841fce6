"""The tables as the Connector SDK declares them, derived from the streams' declaration.

Not here: decoding a row into values of these types (connector_values).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langsmith_core.records.columns import JSON_KINDS, Kind, Table
from langsmith_core.records.conversions import DIGITS_MAX, PLACES_MAX
from langsmith_core.streams.registry import TABLES

TYPES: Mapping[Kind, Any] = {
    Kind.STRING: "STRING",
    Kind.LOWER: "STRING",
    Kind.INTEGER: "LONG",
    Kind.FLOAT: "DOUBLE",  # the SDK's FLOAT has 32 bits
    Kind.NUMERIC: {"type": "DECIMAL", "precision": DIGITS_MAX + PLACES_MAX, "scale": PLACES_MAX},
    Kind.TIMESTAMP: "UTC_DATETIME",
    Kind.BOOLEAN: "BOOLEAN",
}
"""The SDK's type of each kind but the JSON ones."""


def declared(json_columns: str) -> list[dict[str, Any]]:
    """Return all tables with their keys and columns, whatever is synced. `json_columns` as in the configuration."""
    types = {**TYPES, **dict.fromkeys(JSON_KINDS, json_columns.upper())}
    return [_table(table, types) for table in TABLES]


def _table(table: Table, types: Mapping[Kind, Any]) -> dict[str, Any]:
    columns = {column.name: types[column.kind] for column in table.columns}
    return {"table": table.name, "primary_key": [table.key], "columns": columns}
