"""Check rows before they are loaded into BigQuery: one bad row would fail a whole load.

Here: checking a row's line against the table's declaration, and making numbers fit. Values in, values out. A line is sent as it
came, except for numbers that BigQuery would change. Not here: where rejected rows go (rejected).

| in the line | in BigQuery |
|---|---|
| JSON text | JSON |
| a number in JSON that is neither a 64-bit integer nor exactly what its nearest double prints | a string of its digits |
| an integer column past 53 bits | the same; sent as text, as BigQuery's documents ask |
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from langsmith_core.records import json_text
from langsmith_core.records.columns import JSON_KINDS, Kind, Table
from langsmith_core.records.conversions import DIGITS_MAX, PLACES_MAX
from langsmith_core.records.json_shape import DEPTH_MAX
from langsmith_core.records.json_tokens import STRING

ROW_BYTES_MAX = 100_000_000
"""The largest row of a JSON load (BigQuery's quotas)."""
VERSION = "_synced_at"
SAFE_INTEGER = 2**53
INT64, UINT64_MAX = range(-(2**63), 2**63), 2**64 - 1
_TIME = Annotated[datetime, Meta(tz=True)] | None
FIELD_TYPES: Mapping[Kind, Any] = {
    Kind.STRING: str | None,
    Kind.LOWER: str | None,
    Kind.BOOLEAN: bool | None,
    Kind.INTEGER: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | None,
    Kind.FLOAT: float | None,
    Kind.NUMERIC: Decimal | None,
    Kind.TIMESTAMP: _TIME,
    **dict.fromkeys(JSON_KINDS, str | None),
}
_STAMP = re.compile(rb'"_synced_at":"[^"]*",?')
# Only a number of so many digits, or with an exponent, may be more than a double holds. All others are not looked at.
_LONG = re.compile(r"(?:^|[:,\[])\s*-?(?:[0-9.]{17}|[0-9.]+[eE])")
_TOKEN = re.compile(rf"{STRING}?|(?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)", re.DOTALL)
_RAW = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ANY = msgspec.json.Decoder(msgspec.Raw)


class BadRowError(ValueError):
    """BigQuery could not take the row. The message names the column and holds no payload."""


class Checked(Struct, frozen=True):
    """A row fit to load: its key, its version, a hash of its values, its partitioning time, and its line."""

    key: str
    version: datetime
    hash: int
    at: datetime | None
    line: bytes


def checked(stream: Table, partition: str, line: bytes) -> Checked:
    """Check the row in this line of JSON, as `rows.encode(exact=True)` writes it. Raises BadRowError."""
    if len(line) > ROW_BYTES_MAX:
        raise BadRowError(f"the row has {len(line)} bytes, more than {ROW_BYTES_MAX}")
    row = _decoded(stream, line)
    fit = {column.name: _FIT[column.kind](column.name, getattr(row, column.name)) for column in stream.columns}
    changed = {name: text for name, text in fit.items() if text is not None}
    if changed:
        line = msgspec.json.encode({**_RAW.decode(line), **changed})
    at = getattr(row, partition) if partition else None
    return Checked(getattr(row, stream.key), getattr(row, VERSION), hash_of(line), at, line)


def hash_of(line: bytes) -> int:
    """Return 64 bits that stand for a row's values, whenever they were read."""
    digest = hashlib.blake2b(_STAMP.sub(b"", line, count=1), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _decoded(stream: Table, line: bytes) -> Any:
    try:
        return _decoder(stream).decode(line)
    except RecursionError as error:
        raise BadRowError("the row is nested too deep") from error
    except UnicodeDecodeError as error:
        raise BadRowError("the row is not UTF-8 text") from error
    except msgspec.DecodeError as error:
        raise BadRowError(str(error)) from error


@cache
def _decoder(stream: Table) -> msgspec.json.Decoder[Any]:
    """Return a decoder that holds each column to its kind. It refuses unknown columns, as BigQuery would."""
    key: tuple[str, Any] = (stream.key, Annotated[str, Meta(min_length=1)])
    version: tuple[str, Any] = (VERSION, Annotated[datetime, Meta(tz=True)])
    others = [(column.name, FIELD_TYPES[column.kind], None) for column in stream.columns[1:]]
    made = msgspec.defstruct(stream.name, [key, version, *others], kw_only=True, forbid_unknown_fields=True)
    return msgspec.json.Decoder(made)


def _as_is(name: str, value: Any) -> str | None:  # noqa: ARG001  other functions of the table need the name
    """Change nothing."""
    return None


def _integer(name: str, value: int | None) -> str | None:  # noqa: ARG001  as above
    return str(value) if value is not None and abs(value) >= SAFE_INTEGER else None


def _float(name: str, value: float | None) -> None:
    if value is not None and not math.isfinite(value):
        raise BadRowError(f"{name} is not a finite number")


def _numeric(name: str, value: Decimal | None) -> None:
    if value is None:
        return
    exponent = value.normalize().as_tuple().exponent if value.is_finite() else None
    if not isinstance(exponent, int) or exponent < -PLACES_MAX or value.adjusted() >= DIGITS_MAX:
        raise BadRowError(f"{name} is not a number of {DIGITS_MAX} digits and {PLACES_MAX} places")


def _json(name: str, value: str | None) -> str | None:
    """Return the text with numbers that fit; None where it fits as it is."""
    if value is None:
        return None
    text = value.encode()
    if text.count(b"[") + text.count(b"{") > DEPTH_MAX and json_text.depth(text) > DEPTH_MAX:
        raise BadRowError(f"{name} is nested deeper than {DEPTH_MAX} levels")
    try:
        _ANY.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadRowError(f"{name} is not JSON") from error
    if not _LONG.search(value):
        return None
    fit = _TOKEN.sub(_held_or_quoted, value)
    return fit if fit != value else None


def _held_or_quoted(token: re.Match[str]) -> str:
    number = token["number"]
    return token[0] if number is None or is_held(number) else f'"{number}"'


def is_held(number: str) -> bool:
    """Whether BigQuery's JSON gives this number back: a 64-bit integer, signed or not, or what its nearest double prints."""
    if number.lstrip("-").isdecimal():
        return len(number) <= 20 and INT64.start <= int(number) <= UINT64_MAX
    nearest = float(number)
    try:
        return math.isfinite(nearest) and (repr(nearest) == number or Decimal(number) == Decimal(repr(nearest)))
    except InvalidOperation:
        return False


_FIT: Mapping[Kind, Callable[[str, Any], str | None]] = {
    Kind.STRING: _as_is,
    Kind.LOWER: _as_is,
    Kind.BOOLEAN: _as_is,
    Kind.INTEGER: _integer,
    Kind.FLOAT: _float,
    Kind.NUMERIC: _numeric,
    Kind.TIMESTAMP: _as_is,
    **dict.fromkeys(JSON_KINDS, _json),
}
