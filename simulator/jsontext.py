"""Values to JSON bytes, with a way to serve bytes exactly as given.

`RawJson` stands anywhere a value may stand and is never parsed, checked or rewritten, so that tests can plant what a
JSON library would refuse or change: integers of any size, NaN, lone surrogates, depth.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

_MARK = "\ue000raw\ue001"  # private-use characters: no payload of the corpus or of a test holds them


@dataclass(frozen=True, slots=True)
class RawJson:
    """JSON text that is served verbatim."""

    data: bytes


class _HoldsRawError(TypeError):
    """The value holds a RawJson somewhere inside."""


def _refuse(item: object) -> object:
    if isinstance(item, RawJson):
        raise _HoldsRawError
    raise TypeError(f"{type(item).__name__} is not JSON")


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_refuse)


def encode(value: object) -> bytes:
    """Compact UTF-8 JSON; RawJson, wherever it stands, verbatim."""
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
    except UnicodeEncodeError:  # a lone surrogate, which UTF-8 cannot hold but an escape can
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
    """A JSON array of values that are encoded already."""
    return b"[" + b",".join(items) + b"]"
