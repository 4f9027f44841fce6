"""Strict JSON: RFC 8259 as the strictest destination reads it.

Here: reading a body, and finding the fault of a JSON text within a string. A fault never quotes the text. Not here: what any
member means.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class NotStrictError(Exception):
    """The text is no strict JSON. The message says why, without any part of it."""


def loads(body: bytes) -> object:
    """Read a whole body: UTF-8, one JSON value, no name twice in one object. Raises NotStrictError."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise NotStrictError(f"byte {error.start} is no UTF-8") from None
    return _parsed(text, object_pairs_hook=_each_name_once)


def fault(text: str) -> str | None:
    """Return what keeps `text` from being compact valid JSON; None where nothing does. Numbers may have any length."""
    try:
        _parsed(text, parse_int=str, parse_float=str)
    except NotStrictError as error:
        return str(error)
    return "whitespace between tokens" if re.search(r"\s", _STRING.sub("", text)) else None


def compact(value: object) -> bytes:
    """Return a value as compact UTF-8, the same bytes for the same value."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _parsed(text: str, **hooks: Any) -> object:
    try:
        value: object = json.loads(text, parse_constant=_no_constant, **hooks)
        if _SURROGATE.search(text):
            compact(value)
    except UnicodeEncodeError:
        raise NotStrictError("a lone surrogate") from None
    except json.JSONDecodeError as error:
        raise NotStrictError(f"no JSON at character {error.pos}: {error.msg}") from None
    except ValueError:
        raise NotStrictError("an integer longer than a parser reads") from None
    except RecursionError:
        raise NotStrictError("nested deeper than a parser goes") from None
    return value


def _no_constant(token: str) -> NoReturn:
    raise NotStrictError(f"the token {token}")


def _each_name_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise NotStrictError("a name twice in one object")
    return members
