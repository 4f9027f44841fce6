"""Compare what the connector brought with what the DuckDB sink holds: every table, every column, every row."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from connector_sdk.syncs import Destination, Table

from langsmith_core.destinations.duckdb import file as local
from langsmith_core.records import times
from langsmith_core.records.columns import JSON_KINDS, Kind
from langsmith_core.records.columns import Table as Declared
from langsmith_core.streams.registry import CHILDREN, TABLES
from product import World

COMPARABLE: Mapping[Kind, Callable[[Any], Any]] = {Kind.TIMESTAMP: times.canonical, Kind.NUMERIC: Decimal}
"""How a value is compared of each kind that both sides write in another way."""


def differences(destination: Destination, world: World, *, exact: bool) -> list[str]:
    """Name each table whose rows differ. `exact`: JSON must be the same text, not only the same value."""
    tables = _without_orphans({table.name: destination.tables.get(table.name, {}) for table in TABLES})
    found = {table.name: _comparable(table, tables[table.name], exact=exact) for table in TABLES}
    held = {table.name: _comparable(table, _rows(world.database, table), exact=exact) for table in TABLES}
    assert all(held.values()), {name: len(rows) for name, rows in held.items()}
    return [f"{name}: {_first(found[name], held[name])}" for name in held if found[name] != held[name]]


def _without_orphans(tables: Mapping[str, Table]) -> dict[str, Table]:
    """Leave out rows of deleted parents: Fivetran deletes by key only, and DuckDB deletes them with their parent."""
    kept = dict(tables)
    for parent, children in CHILDREN.items():
        for child in children:
            rows = tables[child.name].items()
            kept[child.name] = {key: row for key, row in rows if row[str(child.parent)] in tables[parent]}
    return kept


def _first(found: Table, held: Table) -> Any:
    """Return the first row in which they differ, by what differs."""
    for key in found.keys() | held.keys():
        one, other = found.get(key), held.get(key)
        if one != other:
            names = {*(one or {}), *(other or {})}
            return key, {name: (one.get(name), other.get(name)) for name in names} if one and other else (one, other)
    return None


def _rows(database: str, table: Declared) -> Table:
    columns = ", ".join(_selected(one.name, one.kind) for one in table.columns)
    with local.opened(database) as file:
        rows = file._connection.execute(f"SELECT {columns} FROM {table.name} WHERE _deleted_at IS NULL").fetchall()  # noqa: S608, SLF001
    names = [one.name for one in table.columns]
    return {row[0]: {name: value for name, value in zip(names, row, strict=True) if value is not None} for row in rows}


def _selected(name: str, kind: Kind) -> str:
    if kind is Kind.TIMESTAMP:
        return f"strftime({name} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')"
    return f"CAST({name} AS VARCHAR)" if kind in (Kind.NUMERIC, *JSON_KINDS) else name


def _comparable(table: Declared, rows: Table, *, exact: bool) -> Table:
    kinds = {one.name: one.kind for one in table.columns}
    return {key: {name: _value(kinds, name, value, exact=exact) for name, value in row.items()} for key, row in rows.items()}


def _value(kinds: Mapping[str, Kind], name: str, value: Any, *, exact: bool) -> Any:
    if kinds[name] in JSON_KINDS:
        return value if exact else json.loads(value)
    return COMPARABLE.get(kinds[name], lambda same: same)(value)
