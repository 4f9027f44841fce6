"""Decode a row's line into the values that the Connector SDK takes, without loss where its types allow.

The SDK encodes the value of a JSON column itself, so such a value goes out parsed. Two kinds of number could not: one past a
double's range would come out as `Infinity`, which is no JSON, and one of thousands of digits would raise. They go out as text.

Not here: the types of the columns (connector_schema).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeAlias, TypedDict

import msgspec

from langsmith_core.records.columns import JSON_KINDS, Kind, Table

INTEGER_DIGITS_MAX = 4_000
"""Characters of an integer that Python reads and writes without complaint: it refuses those of more than 4,300 digits."""
Decode: TypeAlias = Callable[[bytes], dict[str, Any]]
_TYPES: Mapping[Kind, Any] = {
    Kind.INTEGER: int | None,
    Kind.FLOAT: float | None,
    Kind.TIMESTAMP: datetime | None,  # the SDK takes 31 microseconds longer for a text
    Kind.BOOLEAN: bool | None,
}
"""What is made of a value in a line. Of any other kind it is text, decimals included: the SDK takes no Decimal."""


@lru_cache(maxsize=64)
def decoder(table: Table, json_columns: str) -> Decode:
    """Return what makes a dict of a line of the table. `json_columns`: `json`, or `string` for their text, digit for digit."""
    kinds = {column.name: _TYPES.get(column.kind, str | None) for column in table.columns}
    row_type: Any = TypedDict  # a name, so that the fields may be those of a table
    decode: Decode = msgspec.json.Decoder(row_type("Row", kinds, total=False)).decode
    if json_columns == "string":
        return decode
    names = [column.name for column in table.columns if column.kind in JSON_KINDS]

    def parsing(line: bytes) -> dict[str, Any]:
        row = decode(line)
        for name in names:
            text = row[name]
            if text is not None:
                row[name] = parsed(text)
        return row

    return parsing


def parsed(text: str) -> Any:
    """Parse a JSON column's text. Never raises: text that is no JSON comes back as it is, and so becomes a JSON string."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError):  # it refuses the numbers that cannot go out
        return _guarded(text)


def _guarded(text: str) -> Any:
    try:
        return json.loads(text, parse_float=_float, parse_int=_integer, parse_constant=str)
    except (ValueError, RecursionError):
        return text


def _float(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) else digits


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= INTEGER_DIGITS_MAX else digits
