"""Encode values as JSON bytes, with a way to serve bytes exactly as given.

A `RawJson` may stand wherever a value may. It is never parsed, checked or rewritten. Tests use it to serve what a JSON library
would refuse or change: integers of any size, NaN, lone surrogates, deep nesting.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

_MARK = "\ue000raw\ue001"  # private-use characters, which no payload contains


@dataclass(frozen=True, slots=True)
class RawJson:
    """JSON text that is served verbatim."""

    data: bytes


class _HoldsRawError(TypeError):
    """The value contains a RawJson."""


def _refuse(item: object) -> object:
    if isinstance(item, RawJson):
        raise _HoldsRawError
    raise TypeError(f"{type(item).__name__} is not JSON")


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_refuse)


def encode(value: object) -> bytes:
    """Encode a value as compact UTF-8 JSON, with every RawJson verbatim."""
    if isinstance(value, RawJson):
        return value.data
    try:
        text = _ENCODER.encode(value)
    except _HoldsRawError:
        return _encode_around_raw(value)
    return _utf8(text)


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # a lone surrogate: UTF-8 cannot encode it, a JSON escape can
        return text.encode("utf-8", "backslashreplace")


def _encode_around_raw(value: object) -> bytes:
    held: list[bytes] = []

    def hold(item: object) -> str:
        if not isinstance(item, RawJson):
            _refuse(item)
            return ""
        held.append(item.data)
        return f"{_MARK}{len(held) - 1}"

    text = _utf8(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=hold))
    for position, data in enumerate(held):
        text = text.replace(f'"{_MARK}{position}"'.encode(), data, 1)
    return text


def splice(head: bytes, parts: list[tuple[str, bytes]]) -> bytes:
    """Append encoded members to an encoded object without decoding either."""
    tail = b",".join(b'"' + name.encode() + b'":' + data for name, data in parts)
    if not tail:
        return head
    body = head[1:-1]
    return b"{" + (body + b"," if body else b"") + tail + b"}"


def array(items: list[bytes]) -> bytes:
    """A JSON array of encoded values."""
    return b"[" + b",".join(items) + b"]"
