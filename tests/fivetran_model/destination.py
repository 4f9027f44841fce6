"""The destination: what an answer that passed the rules does to the tables.

Here: upsert, hard and soft delete, and the kinds that columns get. A null is the same as no value, so rows are stored without
nulls. Two destinations are then equal exactly when their dicts are. Not here: whether the answer was good (`rules`).
"""

from __future__ import annotations

from collections.abc import Mapping

from fivetran_model.exchange import KINDS, Exchange, Key, Row

DELETED = "_fivetran_deleted"
Tables = dict[str, dict[Key, Row]]


def apply(tables: Tables, exchange: Exchange) -> None:
    """Apply an answer's rows and deletes to the tables. Every declared table exists from the first answer on."""
    for table in exchange.root["schema"]:
        tables.setdefault(table, {})
    for table, row in exchange.rows("insert"):
        tables[table][exchange.key(table, row)] = without_nulls(row)
    for table, row in exchange.rows("delete"):
        _delete(tables[table], exchange.key(table, row), soft=table in exchange.root["softDelete"])


def kinds(exchange: Exchange) -> dict[tuple[str, str], str]:
    """Return the kind of each column that has a value in this answer."""
    return {(table, column): KINDS[type(value)] for table, _, column, value in exchange.cells()}


def without_nulls(row: Mapping[str, object]) -> Row:
    """Return a row as the destination stores it: a column without a value is absent."""
    return {column: value for column, value in row.items() if value is not None}


def live(table: Mapping[Key, Row]) -> dict[Key, Row]:
    """Return a table's rows that are not soft-deleted."""
    return {key: row for key, row in table.items() if DELETED not in row}


def _delete(table: dict[Key, Row], key: Key, *, soft: bool) -> None:
    row = table.pop(key, None)
    if soft and row is not None:
        table[key] = {**row, DELETED: True}
