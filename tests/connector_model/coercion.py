"""What the SDK makes of a value, by the declared type of its column, and what it raises for.

JSON is kept as the text that goes out, times as canonical text, decimals as the text given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NoReturn

_LONG = range(-(2**63), 2**63)
_WITH_OFFSET = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:?\d\d)")


class Refused(Exception):  # noqa: N818  what the SDK raises
    """The SDK raises for the value, or would send what no destination takes."""


def coerced(declared: Any, value: Any) -> Any:
    """Return what a destination gets of a value that is not null. Raises Refused."""
    if isinstance(declared, Mapping):
        return _decimal(declared["precision"], declared["scale"], value)
    return _RULES[declared](value)


def _boolean(value: Any) -> bool:
    return value if isinstance(value, bool) else _refuse("BOOLEAN", value)


def _long(value: Any) -> int:
    return value if type(value) is int and value in _LONG else _refuse("LONG", value)


def _double(value: Any) -> float:
    return float(value) if type(value) in (int, float) and abs(value) < float("inf") else _refuse("DOUBLE", value)


def _string(value: Any) -> str:
    """Take a text that UTF-8 can encode. The SDK would turn any other value into a text of Python's."""
    if not isinstance(value, str):
        _refuse("STRING", value)
    try:
        value.encode()
    except UnicodeEncodeError:
        _refuse("STRING", value)
    return value


def _datetime(value: Any) -> str:
    if isinstance(value, str) and _WITH_OFFSET.fullmatch(value):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime) or value.tzinfo is None:  # protobuf would take a naive one for UTC
        _refuse("UTC_DATETIME", value)
    return value.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def _json(value: Any) -> str:
    """Encode the value, as the SDK does. What comes out must be JSON: its encoder writes Infinity, too."""
    try:
        text = json.dumps(value)
        json.loads(text, parse_constant=_refuse_constant)
    except (TypeError, ValueError, RecursionError) as error:
        raise Refused(f"JSON does not take a {type(value).__name__}") from error
    return text


def _decimal(precision: int, scale: int, value: Any) -> str:
    if not isinstance(value, str):
        _refuse("DECIMAL", value)
    number = Decimal(value)
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or number.adjusted() >= precision - scale or -exponent > scale:
        _refuse("DECIMAL", value)
    return value


def _refuse(declared: str, value: Any) -> NoReturn:
    raise Refused(f"{declared} does not take this {type(value).__name__}")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


_RULES: Mapping[str, Callable[[Any], Any]] = {
    "BOOLEAN": _boolean,
    "LONG": _long,
    "DOUBLE": _double,
    "STRING": _string,
    "UTC_DATETIME": _datetime,
    "JSON": _json,
}
