"""A record of the API becomes a row, and a row becomes bytes.

Here: reading each declared column out of a record, converting it to its kind, encoding. Values in, values out.
Not here: which columns there are (streams), what JSON text may look like (jsontext), rows too large for a sink (cutting).
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable, Mapping
from decimal import Context, Decimal, InvalidOperation
from typing import Any, TypeAlias

import msgspec

from langsmith_core.records import json_text, times
from langsmith_core.records.columns import Column, Kind, Table

Row: TypeAlias = dict[str, Any]
"""One row by column name: str, int, float, Decimal or None; a JSON column holds JSON text, a timestamp canonical text."""

DIGITS_MAX = 20
"""Digits before the point: what DECIMAL(38, 18) holds. LangSmith's costs are dollars and fractions of a cent."""

PLACES_MAX = 18
NOTHING: Mapping[str, Any] = {}
_TICK, _EXACT = Decimal(1).scaleb(-PLACES_MAX), Context(prec=60)
_INT64 = range(-(2**63), 2**63)
_NUMBERS = msgspec.json.Encoder(decimal_format="number")
_STRINGS = msgspec.json.Encoder(decimal_format="string")
_log = logging.getLogger(__name__)
_QUOTED_NUMBER = re.compile(r'(?<=:)"(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"')


def to_row(stream: Table, record: bytes, names: Mapping[str, str | None], given: Mapping[str, Any] = NOTHING) -> Row:
    """Map one strict JSON record; `names` gives the joined parent names by id, `given` values of columns that the record
    does not say.

    A value that cannot be converted becomes null and is logged by place, never by content; `raw` keeps it.
    Raises MalformedError for a record that is no object or has no key.
    """
    record, raw = json_text.shallow(record)
    fields = json_text.members(record)
    row: Row = {column.name: _value(column, fields) for column in stream.columns}
    row["raw"] = raw
    row |= given
    row |= {column.name: _made_of(column, row) for column in stream.columns if column.made_of}
    if not row[stream.key]:
        raise json_text.MalformedError(f"a record of {stream.name} has no id")
    if stream.parent and stream.name_of_parent:
        row[stream.name_of_parent] = names.get(row[stream.parent] or "")
    return row


def _made_of(column: Column, row: Row) -> str | None:
    """A key that joins other columns; null where one of them is."""
    parts = [row[name] for name in column.made_of]
    return "@".join(parts) if all(parts) else None


def offloaded(stream: Table, record: bytes, row: Row) -> dict[str, str]:
    """Columns that are null, or `{}`, because LangSmith keeps their value elsewhere, and the addresses the record gives."""
    empty = [column for column in stream.columns if column.offloaded and row[column.name] in (None, "{}")]
    if not empty or b"_s3_urls" not in record:
        return {}
    fields = json_text.members(record)
    found = {column.name: _found(column.offloaded or "", fields) for column in empty}
    return {name: json_text.text(text) for name, text in found.items() if text is not None and text.startswith(b'"')}


def encode(row: Row, *, exact: bool = False) -> bytes:
    """The row as one line of JSON; `exact` writes NUMERIC values as strings, for readers that parse numbers as doubles."""
    return (_STRINGS if exact else _NUMBERS).encode(row)


def _value(column: Column, fields: Mapping[str, bytes]) -> Any:
    for source in column.sources:
        text = _found(source, fields)
        if text is not None and text != b"null":
            return _converted(column, text, fields)
    return column.absent


def _found(source: str, fields: Mapping[str, bytes]) -> bytes | None:
    """The text at a dotted path, or None where the path ends early."""
    if source in fields:
        return fields[source]
    if source.endswith("[-1]"):
        listed = fields.get(source[:-4], b"")
        return next(reversed(json_text.elements(listed)), None) if listed.startswith(b"[") else None
    head, _, tail = source.partition(".")
    text = fields.get(head)
    if text is None or not tail:
        return text
    return _found(tail, json_text.members(text)) if text.startswith(b"{") else None


def _converted(column: Column, text: bytes, fields: Mapping[str, bytes]) -> Any:
    try:
        return CONVERSIONS[column.kind](text)
    except (ValueError, OverflowError, InvalidOperation, msgspec.MsgspecError):
        _log.warning(
            "%s is no %s in record %.40s; null in its column, kept in raw", column.name, column.kind.value, fields.get("id")
        )
        return None


def _stats(text: bytes) -> str | None:
    """Feedback statistics, cut to what both APIs have; None where there are none. v2's samples of comments stay in `raw`.

    v1 counts no `n` for categories (fixture 04, documented): there `n` is the sum of the counts by label.
    """
    stats = {key: _STAT.decode(one) for key, one in json_text.members(text).items()}
    counted = {key: _counted(stat) for key, stat in stats.items() if stat}
    return json_text.dumps(counted) if counted else None


def _counted(stat: _Told) -> dict[str, Any]:
    values = {label: int(count or 0) for label, count in (stat.values or {}).items()}
    return {"n": int(stat.n or sum(values.values())), "avg": stat.avg, "values": values}


def _figures(text: bytes) -> str | None:
    """An object of numbers: v1 may write costs as text (its specification) or as numbers (its answers)."""
    if text == b'{"raw":null}':
        return None
    return _QUOTED_NUMBER.sub(r"\1", text.decode())


class _Told(msgspec.Struct):
    """What is told of one feedback key; any of it may be null."""

    n: float | None = None
    avg: float | None = None
    values: dict[str, float | None] | None = None


_STAT = msgspec.json.Decoder(_Told | None)


def _lower(text: bytes) -> str:
    return json_text.text(text).lower()


def _number(text: bytes) -> Decimal:
    number = Decimal(json_text.text(text).strip())
    if not number.is_finite() or number.adjusted() >= DIGITS_MAX:
        raise ValueError(text)
    return number


def _numeric(text: bytes) -> Decimal:
    """A figure of at most 20 digits before the point and 18 behind it, to which longer ones are rounded."""
    number = _number(text)
    if number.adjusted() < -PLACES_MAX - 1:
        return Decimal(0)
    rounded = number.quantize(_TICK, context=_EXACT)
    if rounded.adjusted() >= DIGITS_MAX:
        raise ValueError(text)
    return number if rounded == number else rounded


def _boolean(text: bytes) -> bool:
    if text not in (b"true", b"false"):
        raise ValueError(text)
    return text == b"true"


def _integer(text: bytes) -> int:
    number = _number(text)
    if number != number.to_integral_value() or int(number) not in _INT64:
        raise ValueError(text)
    return int(number)


def _float(text: bytes) -> float:
    number = {b"true": 1.0, b"false": 0.0}.get(text)
    number = float(json_text.text(text)) if number is None else number
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _timestamp(text: bytes) -> str:
    return times.canonical(json_text.text(text))


CONVERSIONS: Mapping[Kind, Callable[[bytes], Any]] = {
    Kind.STRING: json_text.text,
    Kind.LOWER: _lower,
    Kind.BOOLEAN: _boolean,
    Kind.INTEGER: _integer,
    Kind.FLOAT: _float,
    Kind.NUMERIC: _numeric,
    Kind.TIMESTAMP: _timestamp,
    Kind.JSON: bytes.decode,  # of a shallow record, so no deeper than a column may be
    Kind.STATS: _stats,
    Kind.FIGURES: _figures,
}
