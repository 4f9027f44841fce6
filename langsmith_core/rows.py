"""A record of the API becomes a row, and a row becomes bytes.

Here: reading each declared column out of a record, converting it to its kind, encoding. Values in, values out.
Not here: which columns there are (streams), what JSON text may look like (jsontext), rows too large for a sink (cutting).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from decimal import Context, Decimal, InvalidOperation
from typing import Any, TypeAlias

import msgspec

from langsmith_core import addresses, jsontext, times
from langsmith_core.remarks import Remark, Remarks
from langsmith_core.streams import Column, Kind, Stream

Row: TypeAlias = dict[str, Any]
"""One row by column name: str, int, float, Decimal or None; a JSON column holds JSON text, a timestamp canonical text."""

EMPTY = (None, "{}")
"""What a record holds in the place of a value that LangSmith keeps elsewhere."""

DIGITS_MAX = 20
"""Digits before the point: what DECIMAL(38, 18) holds. LangSmith's costs are dollars and fractions of a cent."""

PLACES_MAX = 18
_TICK, _EXACT = Decimal(1).scaleb(-PLACES_MAX), Context(prec=60)
_INT64 = range(-(2**63), 2**63)
_NUMBERS = msgspec.json.Encoder(decimal_format="number")
_STRINGS = msgspec.json.Encoder(decimal_format="string")
_QUOTED_NUMBER = re.compile(r'(?<=:)"(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"')

KEY_MAX = 200
"""Characters of a record's id. LangSmith's have 36; what is much longer is none, and could not be cut."""
ODD_VALUE = Remark("%s: %s is no %s; null in its column, read it from raw")


def to_row(stream: Stream, record: bytes, names: Mapping[str, str | None], remarks: Remarks | None = None) -> Row:
    """Map one strict JSON record; `names` gives the joined parent names by id.

    A value that cannot be converted becomes null and is remarked on by place, never by content; `raw` keeps it, but for addresses
    that open what they lead to.
    Raises MalformedError for a record that is no object or has no key.
    """
    record, raw = jsontext.shallow(record)
    fields = jsontext.members(record)
    odd: list[Column] = []
    row: Row = {column.name: _value(column, fields, odd) for column in stream.columns}
    row["raw"] = addresses.without(fields) or raw
    if not _is_key(fields.get("id", b""), row[stream.key]):
        raise jsontext.MalformedError(f"a record of {stream.table} has no id")
    if stream.parent and stream.name_of_parent:
        row[stream.name_of_parent] = names.get(row[stream.parent] or "")
    if remarks:
        for column in odd:
            remarks.add(ODD_VALUE, stream.table, column.name, column.kind.value, of=row[stream.key])
    return row


def readable(stream: Stream, records: Iterable[bytes]) -> Iterator[Row]:
    """The rows of those records that have one."""
    for record in records:
        with suppress(jsontext.MalformedError):
            yield to_row(stream, record, {})


def label(record: bytes) -> str | None:
    """What a record that has no row is called in the log: its id as far as it is a text or a number, else None."""
    try:
        text = jsontext.members(record).get("id", b"")
    except jsontext.MalformedError:
        return None
    return None if text.startswith((b"{", b"[")) else jsontext.text(text)


def is_odd(stream: Stream, row: Row, name: str) -> bool:
    """Whether a column is null though its record has a value for it, which the column could not hold."""
    column = next(one for one in stream.columns if one.name == name)
    found = _first(column, jsontext.members(jsontext.object_in(row["raw"])))
    return row[name] is None and found is not None


def _is_key(text: bytes, key: str | None) -> bool:
    """Whether an id can tell records apart: a text or number of some length. An object is none, and what it holds is content."""
    return bool(key) and not text.startswith((b"{", b"[")) and len(key or "") <= KEY_MAX


def offloaded(stream: Stream, record: bytes, row: Row) -> dict[str, str]:
    """Columns that are null, or `{}`, because LangSmith keeps their value elsewhere, and the addresses the record gives."""
    empty = [column for column in stream.columns if column.offloaded and row[column.name] in EMPTY]
    if not empty or b"_s3_urls" not in record:
        return {}
    fields = jsontext.members(record)
    found = {column.name: _found(column.offloaded or "", fields) for column in empty}
    return {name: jsontext.text(text) for name, text in found.items() if text is not None and text.startswith(b'"')}


def encode(row: Row, *, exact: bool = False) -> bytes:
    """The row as one line of JSON; `exact` writes NUMERIC values as strings, for readers that parse numbers as doubles."""
    return (_STRINGS if exact else _NUMBERS).encode(row)


def _value(column: Column, fields: Mapping[str, bytes], odd: list[Column]) -> Any:
    text = _first(column, fields)
    if text is None:
        return column.absent
    try:
        return CONVERSIONS[column.kind](text)
    except (ValueError, OverflowError, InvalidOperation, msgspec.MsgspecError):
        odd.append(column)
        return None


def _first(column: Column, fields: Mapping[str, bytes]) -> bytes | None:
    """The text of the first source that is not null."""
    found = (_found(source, fields) for source in column.sources)
    return next((text for text in found if text is not None and text != b"null"), None)


def _found(source: str, fields: Mapping[str, bytes]) -> bytes | None:
    """The text at a dotted path, or None where the path ends early. A member whose name has the dots in it is another one."""
    head, _, tail = source.partition(".")
    if tail:
        text = fields.get(head, b"")
        return _found(tail, jsontext.members(text)) if text.startswith(b"{") else None
    if source.endswith("[-1]"):
        listed = fields.get(source[:-4], b"")
        return next(reversed(jsontext.elements(listed)), None) if listed.startswith(b"[") else None
    return fields.get(source)


def _stats(text: bytes) -> str | None:
    """Feedback statistics, cut to what both APIs have; None where there are none. v2's samples of comments stay in `raw`.

    v1 counts no `n` for categories (fixture 04, documented): there `n` is the sum of the counts by label.
    """
    stats = {key: _STAT.decode(one) for key, one in jsontext.members(text).items()}
    counted = {key: _counted(stat) for key, stat in stats.items() if stat}
    return jsontext.dumps(counted) if counted else None


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
    return jsontext.text(text).lower()


def _number(text: bytes) -> Decimal:
    number = Decimal(jsontext.text(text).strip())
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


def _integer(text: bytes) -> int:
    number = _number(text)
    if number != number.to_integral_value() or int(number) not in _INT64:
        raise ValueError(text)
    return int(number)


def _float(text: bytes) -> float:
    number = {b"true": 1.0, b"false": 0.0}.get(text)
    number = float(jsontext.text(text)) if number is None else number
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _timestamp(text: bytes) -> str:
    return times.canonical(jsontext.text(text))


CONVERSIONS: Mapping[Kind, Callable[[bytes], Any]] = {
    Kind.STRING: jsontext.text,
    Kind.LOWER: _lower,
    Kind.INTEGER: _integer,
    Kind.FLOAT: _float,
    Kind.NUMERIC: _numeric,
    Kind.TIMESTAMP: _timestamp,
    Kind.JSON: bytes.decode,  # of a shallow record, so no deeper than a column may be
    Kind.STATS: _stats,
    Kind.FIGURES: _figures,
}
