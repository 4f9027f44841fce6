"""Convert the JSON text of a value to its column's type: one function for each kind of column.

Each function raises ValueError, or an error of msgspec or decimal, for a value that its kind cannot hold.
Not here: finding a value in a record (records.rows).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from decimal import Context, Decimal
from typing import Any

import msgspec

from langsmith_core.records import json_text, times
from langsmith_core.records.columns import Kind
from langsmith_core.records.json_text import Text

DIGITS_MAX = 20
"""Digits before the point that DECIMAL(38, 18) holds. LangSmith's costs are dollars and fractions of a cent."""
PLACES_MAX = 18
"""Digits after the point."""
FIGURES_MAX = 1_000_000
"""The most bytes of an object of figures, which has one figure per kind of token."""
_TICK, _EXACT = Decimal(1).scaleb(-PLACES_MAX), Context(prec=60)
_INT64, _INT64_DIGITS = range(-(2**63), 2**63), 18
_BOOLEAN, _STRING = msgspec.json.Decoder(bool), msgspec.json.Decoder(str)
_QUOTED_NUMBER = re.compile(r'(?<=:)"(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"')


_PLAIN_NUMBER = re.compile(rb'"?(-?\d{1,%d}(?:\.\d{1,%d})?)"?' % (DIGITS_MAX, PLACES_MAX))
"""A number that the column holds as it is."""


def _stats(text: Text) -> str | None:
    """Return feedback statistics by key, reduced to what both APIs have; None if there are none.

    v2's samples of comments stay in `raw` only. v1 counts no `n` for categories (fixture 04, documented): there `n` becomes the
    sum of the counts by label.
    """
    if bytes(text) == b"{}":
        return None
    stats = {key: _STAT.decode(one) for key, one in json_text.members(text).items()}
    counted = {key: _counted(stat) for key, stat in stats.items() if stat}
    return json_text.dumps(counted) if counted else None


def _counted(stat: _FeedbackStats) -> dict[str, Any]:
    values = {label: int(count or 0) for label, count in (stat.values or {}).items()}
    return {"n": int(stat.n or sum(values.values())), "avg": stat.avg, "values": values}


def _figures(text: Text) -> str | None:
    """Return an object of numbers as JSON. v1 may write costs as text (its specification) or as numbers (its answers)."""
    whole = _json(text)
    if whole == '{"raw":null}':
        return None
    if len(text) > FIGURES_MAX:
        raise ValueError(whole[:0])  # without the text, which may be long
    return _QUOTED_NUMBER.sub(r"\1", whole) if ':"' in whole else whole


class _FeedbackStats(msgspec.Struct):
    """The statistics of one feedback key. Any of them may be null."""

    n: float | None = None
    avg: float | None = None
    values: dict[str, float | None] | None = None


_STAT = msgspec.json.Decoder(_FeedbackStats | None)


def _json(text: Text) -> str:
    """Return the text itself. The record was made shallow, so it is not too deep."""
    return str(text, "utf-8")


def _string(text: Text) -> str:
    """Return the value of a string, or another value's text, as `json_text.text` does."""
    try:
        return _STRING.decode(text)
    except msgspec.ValidationError:
        return _json(text)


def _lower(text: Text) -> str:
    return _string(text).lower()


def _number(text: Text) -> Decimal:
    """Parse a number, or a string of one, of at most 20 digits before the point."""
    number = Decimal(_string(text).strip())
    if not number.is_finite() or number.adjusted() >= DIGITS_MAX:
        raise ValueError(text)
    return number


def _numeric(text: Text) -> Decimal:
    """Parse a number of at most 20 digits before the point, and round it to 18 digits after it."""
    plain = _PLAIN_NUMBER.fullmatch(text)
    if plain:
        return Decimal(plain[1].decode())
    number = _number(text)
    if number.adjusted() < -PLACES_MAX - 1:
        return Decimal(0)
    rounded = number.quantize(_TICK, context=_EXACT)
    if rounded.adjusted() >= DIGITS_MAX:
        raise ValueError(text)
    return number if rounded == number else rounded


def _integer(text: Text) -> int:
    """Parse a whole number of 64 bits, however it is written: 7, 7.0 or "7"."""
    whole = bytes(text)
    if whole.isdigit() and len(whole) <= _INT64_DIGITS:
        return int(whole)
    number = _number(text)
    if number != number.to_integral_value() or int(number) not in _INT64:
        raise ValueError(text)
    return int(number)


def _boolean(text: Text) -> bool:
    """Read true or false. Numbers and texts are no booleans."""
    return _BOOLEAN.decode(text)


def _float(text: Text) -> float:
    """Parse a finite number. Booleans become 1.0 and 0.0: feedback scores may be either."""
    number = {b"true": 1.0, b"false": 0.0}.get(bytes(text))
    number = float(_string(text)) if number is None else number
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _timestamp(text: Text) -> str:
    return times.canonical(_string(text))


CONVERSIONS: Mapping[Kind, Callable[[Text], Any]] = {
    Kind.STRING: _string,
    Kind.LOWER: _lower,
    Kind.INTEGER: _integer,
    Kind.FLOAT: _float,
    Kind.NUMERIC: _numeric,
    Kind.TIMESTAMP: _timestamp,
    Kind.BOOLEAN: _boolean,
    Kind.JSON: _json,
    Kind.STATS: _stats,
    Kind.FIGURES: _figures,
}
