"""Query parameters, read as FastAPI reads them: repeated names are lists, a bad value is a 422 that names the parameter."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from simulator.messages import ApiError, invalid
from simulator.times import parse_time

TRUE = {"true", "1", "on", "yes", "t", "y"}
FALSE = {"false", "0", "off", "no", "f", "n"}


class Query:
    """The parameters of one request."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def many(self, name: str) -> list[str]:
        """Every value of a repeated parameter."""
        return [value for key, value in self._pairs if key == name]

    def text(self, name: str) -> str | None:
        """The last value, as servers take it; None if there is none."""
        values = self.many(name)
        return values[-1] if values else None

    def flag(self, name: str) -> bool | None:
        """A boolean; None if it is not given."""
        value = self.text(name)
        if value is None:
            return None
        if value.lower() not in TRUE | FALSE:
            raise invalid("query", name, "value could not be parsed to a boolean", "type_error.bool")
        return value.lower() in TRUE

    def number(self, name: str, default: int, low: int, high: int | None = None) -> int:
        """An integer within bounds."""
        value = self.text(name)
        if value is None:
            return default
        if not value.lstrip("-").isdigit():
            raise invalid("query", name, "value is not a valid integer", "type_error.integer")
        if int(value) < low:
            raise _bound(name, "greater", low)
        if high is not None and int(value) > high:
            raise _bound(name, "less", high)
        return int(value)

    def page(self) -> tuple[int, int]:
        """Offset and limit of a list: 100 by default and at most."""
        return self.number("offset", 0, 0), self.number("limit", 100, 1, 100)

    def moment(self, name: str) -> datetime | None:
        """A moment; None if it is not given. An unescaped `+` has become a space and is refused."""
        value = self.text(name)
        return None if value is None else moment_of("query", name, value)

    def ids(self, name: str) -> list[str]:
        """Every value of a repeated parameter of ids."""
        return [uuid_of("query", name, value) for value in self.many(name)]

    def choice(self, name: str, allowed: Collection[str], default: str) -> str:
        """One of the allowed values."""
        value = self.text(name) or default
        if value not in allowed:
            raise invalid("query", name, f"value is not one of {sorted(allowed)}", "type_error.enum")
        return value

    def mapping(self, name: str) -> dict[str, Any]:
        """A JSON object inside a parameter; empty if it is not given."""
        value = self.text(name)
        try:
            parsed = json.loads(value) if value else {}
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict):
            raise invalid("query", name, "value is not a JSON object")
        return parsed


def _bound(name: str, side: str, value: int) -> ApiError:
    message = f"ensure this value is {side} than or equal to {value}"
    kind = f"value_error.number.not_{side[0]}e"
    return ApiError(422, [{"loc": ["query", name], "msg": message, "type": kind, "ctx": {"limit_value": value}}])


def moment_of(place: str, name: str, value: object) -> datetime:
    """Read a moment from a parameter or a body. Raises ApiError 422."""
    try:
        return parse_time(str(value))
    except ValueError:
        raise invalid(place, name, "invalid datetime format", "value_error.datetime") from None


def uuid_of(place: str, name: str, value: object) -> str:
    """An id in its canonical spelling. Raises ApiError 422 if it is no UUID."""
    try:
        return str(uuid.UUID(str(value)))
    except ValueError:
        raise invalid(place, name, "value is not a valid uuid", "type_error.uuid") from None
