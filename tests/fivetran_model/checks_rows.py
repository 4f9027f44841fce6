"""Checks of rows: names, keys, and values as a warehouse has to store them.

A check takes an exchange and yields what breaks its rule, in words without payload. `rules` names and orders the checks. Each may
assume that those before it found nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import datetime

from fivetran_model import strictjson
from fivetran_model.exchange import KINDS, Exchange, Key, shown

_COLUMN = re.compile(r"(?!_fivetran_)(?!.*__)[a-z_][a-z0-9_]*")
_TABLE = re.compile(r"(?!_[a-z])(?!.*__)[a-z_][a-z0-9_]*")
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z")
INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1


def table_names(exchange: Exchange) -> Iterator[str]:
    for table in exchange.root["schema"]:
        if not _TABLE.fullmatch(table):
            yield f"table {shown(table)}"


def column_names(exchange: Exchange) -> Iterator[str]:
    columns = {(table, name) for table in exchange.root["schema"] for name in exchange.primary_key(table)}
    columns |= {(table, name) for part in ("insert", "delete") for table, row in exchange.rows(part) for name in row}
    for table, name in sorted(columns):
        if not _COLUMN.fullmatch(name):
            yield f"column {shown(name)} of {table}"


def scalars(exchange: Exchange) -> Iterator[str]:
    for part in ("insert", "delete"):
        for table, row in exchange.rows(part):
            for column, value in row.items():
                if isinstance(value, dict | list):
                    yield f"{exchange.where(table, row, column)} is a {type(value).__name__}"


def row_has_key(exchange: Exchange) -> Iterator[str]:
    for table, row in exchange.rows("insert"):
        if any(row.get(column) is None for column in exchange.primary_key(table)):
            yield exchange.where(table, row)


def delete_is_key(exchange: Exchange) -> Iterator[str]:
    for table, row in exchange.rows("delete"):
        if row.keys() != set(exchange.primary_key(table)) or None in row.values():
            yield exchange.where(table, row)


def key_once(exchange: Exchange) -> Iterator[str]:
    seen: set[tuple[str, Key]] = set()
    for table, row in exchange.rows("insert"):
        if (table, exchange.key(table, row)) in seen:
            yield exchange.where(table, row)
        seen.add((table, exchange.key(table, row)))


def insert_or_delete(exchange: Exchange) -> Iterator[str]:
    inserted = {(table, exchange.key(table, row)) for table, row in exchange.rows("insert")}
    for table, row in exchange.rows("delete"):
        if (table, exchange.key(table, row)) in inserted:
            yield exchange.where(table, row)


def number_range(exchange: Exchange) -> Iterator[str]:
    for table, row, column, value in exchange.cells():
        if isinstance(value, int) and not INTEGER_MIN <= value <= INTEGER_MAX:
            yield f"{exchange.where(table, row, column)} is an integer beyond 64 bits"
        elif isinstance(value, float) and not math.isfinite(value):
            yield f"{exchange.where(table, row, column)} is a number beyond a double"


def type_lock(exchange: Exchange) -> Iterator[str]:
    kinds = dict(exchange.memory.kinds)
    for table, row, column, value in exchange.cells():
        yield from _other_kind(exchange, table, row, column, kinds.setdefault((table, column), KINDS[type(value)]))
    for table, row in exchange.rows("delete"):
        for column in row:
            yield from _other_kind(exchange, table, row, column, kinds.get((table, column)))


def json_text(exchange: Exchange) -> Iterator[str]:
    for table, row, column, value in exchange.cells():
        if column in exchange.terms.json_columns.get(table, ()):
            fault = strictjson.fault(value) if isinstance(value, str) else f"a {KINDS[type(value)]}, no text"
            if fault:
                yield f"{exchange.where(table, row, column)}: {fault}"


def timestamp(exchange: Exchange) -> Iterator[str]:
    for table, row, column, value in exchange.cells():
        if column in exchange.terms.timestamp_columns.get(table, ()) and not _is_timestamp(value):
            yield exchange.where(table, row, column)


def _other_kind(exchange: Exchange, table: str, row: dict[str, object], column: str, locked: str | None) -> Iterator[str]:
    kind = KINDS[type(row[column])]
    if locked not in {None, kind}:
        yield f"{exchange.where(table, row, column)} is a {kind}, the column's first value was a {locked}"


def _is_timestamp(value: object) -> bool:
    if not isinstance(value, str) or not _TIMESTAMP.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value[:19])
    except ValueError:
        return False
    return True
