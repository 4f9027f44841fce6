"""The tables of a Fivetran destination, as a DuckDB file: made of what the product's own Fivetran face delivered.

JSON is text. A deleted row stays, marked `_fivetran_deleted`. A column without a value in any row is not there, nor is a table
without a row. Types follow the values, so costs are floating-point numbers.
"""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from fivetran_model.destination import DELETED, Tables
from product import TIMESTAMP_COLUMNS

TYPES: dict[type, str] = {str: "VARCHAR", int: "BIGINT", float: "DOUBLE", bool: "BOOLEAN"}
SYNCED = "_fivetran_synced"


def write(path: Path, tables: Tables) -> None:
    """Write the tables into a new file."""
    with closing(duckdb.connect(str(path))) as file:
        file.execute("SET TimeZone = 'UTC'")
        for table, rows in tables.items():
            if rows:
                _write(file, table, [{DELETED: False, **row} for row in rows.values()])


def _write(file: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    kinds = {name: _type(table, name, value) for row in rows for name, value in row.items()}
    kinds |= {name: "DOUBLE" for row in rows for name, value in row.items() if isinstance(value, float)}
    declared = ", ".join(f'"{name}" {kind}' for name, kind in kinds.items())
    file.execute(f"CREATE TABLE {table} ({declared}, {SYNCED} TIMESTAMPTZ)")
    now = datetime.now(UTC)
    values = [[*(row.get(name) for name in kinds), now] for row in rows]
    file.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * (len(kinds) + 1))})", values)


def _type(table: str, name: str, value: Any) -> str:
    return "TIMESTAMPTZ" if name in TIMESTAMP_COLUMNS.get(table, ()) else TYPES[type(value)]
