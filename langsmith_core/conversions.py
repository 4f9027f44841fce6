"""The JSON text of a value becomes what its column holds, by the column's kind.

Here: one function for each kind. Each raises ValueError, or an error of msgspec's or of decimals, for what its kind cannot hold.
Not here: where a value stands in a record (rows).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from decimal import Context, Decimal
from typing import Any

import msgspec

from langsmith_core import jsontext, times
from langsmith_core.streams import Kind

DIGITS_MAX = 20
"""Digits before the point: what DECIMAL(38, 18) holds. LangSmith's costs are dollars and fractions of a cent."""

PLACES_MAX = 18
FIGURES_MAX = 1_000_000
"""Bytes of an object of figures: it has one for each kind of token."""
_TICK, _EXACT = Decimal(1).scaleb(-PLACES_MAX), Context(prec=60)
_INT64 = range(-(2**63), 2**63)
_QUOTED_NUMBER = re.compile(r'(?<=:)"(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"')


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
    if len(text) > FIGURES_MAX:
        raise ValueError(text[:0])  # it is told as a value that its column cannot hold
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
