"""Repair the escapes in one JSON string: join surrogate pairs, and replace lone surrogates and NUL by U+FFFD."""

from __future__ import annotations

import json
import re

import msgspec

from langsmith_core.records.json_tokens import RUN_MAX

REPLACEMENT = "\ufffd"
_CHARACTERS = re.compile(rb"(?:[^\\]|\\u[0-9a-fA-F]{4}|\\[^u]){1,%d}+" % RUN_MAX)
_ENDS_IN_HIGH_SURROGATE = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\Z")
_LOW_SURROGATE = re.compile(rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_NUL_OR_SURROGATE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


def append_repaired(out: bytearray, text: memoryview, start: int, end: int) -> None:
    """Append the JSON string at `text[start:end]`, quotes included, to `out`, with its escapes repaired.

    Works in bounded parts, so a long string is never copied as a whole.
    """
    out += b'"'
    at, end = start + 1, end - 1
    while at < end:
        part = _CHARACTERS.match(text, at, end)
        assert part  # noqa: S101  the string's own pattern matched these characters
        # A part may end inside a surrogate pair: then the pair's second half belongs to it.
        other = _LOW_SURROGATE.match(text, part.end(), end) if _ENDS_IN_HIGH_SURROGATE.search(part[0]) else None
        past = other.end() if other else part.end()
        out += _repaired(bytes(text[at:past]))
        at = past
    out += b'"'


def _repaired(part: bytes) -> bytes:
    """Return a part of a string with its escapes repaired. It changes only if it has a NUL or a surrogate."""
    if not _NUL_OR_SURROGATE.search(part):
        return part
    value: str = json.loads(b'"%b"' % part).replace("\0", REPLACEMENT)
    return msgspec.json.encode(value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))[1:-1]
