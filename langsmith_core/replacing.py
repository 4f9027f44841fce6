"""Values inside JSON text, taken out or replaced: every value at the end of a way, whatever stands around it.

Here: the ways into JSON, and what becomes of a value. Not here: which values (privacy). JSON is cut and joined as text: numbers
outside the places named keep their digits.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from langsmith_core import jsontext
from langsmith_core.privacy_paths import Steps

Act: TypeAlias = Callable[[bytes], bytes | None]
"""What becomes of a value's JSON text; None takes it out."""

MARKER = "[redacted]"


def removed(_: bytes) -> None:
    """Take a value out."""


def redacted(_: bytes) -> bytes:
    """Replace a value by the marker."""
    return jsontext.quoted(MARKER)


def hashed(key: str) -> Act:
    """Replace a value by its HMAC-SHA-256 in hex: of a string its text, of anything else its JSON."""

    def act(text: bytes) -> bytes:
        return jsontext.quoted(hmac.new(key.encode(), jsontext.text(text).encode(), hashlib.sha256).hexdigest())

    return act


def changed(text: bytes, steps: Steps, act: Act) -> bytes | None:
    """The JSON text with the act done to every value at the end of the steps; nulls stay.

    A member's name where a list stands means the member of each element. A text that holds JSON where the steps go on is treated
    as a whole: nobody can say what is in it.
    """
    if not steps:
        return text if text == b"null" else act(text)
    step, rest = steps[0], steps[1:]
    if text.startswith(b"{") and not isinstance(step, int):
        return _object({name: _next(one, rest, act, on=step in (None, name)) for name, one in jsontext.members(text).items()})
    if text.startswith(b"[") and isinstance(step, str):
        return _list([changed(one, steps, act) for one in jsontext.elements(text)])
    if text.startswith(b"["):
        return _list([_next(one, rest, act, on=step in (None, i)) for i, one in enumerate(jsontext.elements(text))])
    return act(text) if text.startswith((b'"{', b'"[')) else text


def _next(text: bytes, rest: Steps, act: Act, *, on: bool) -> bytes | None:
    return changed(text, rest, act) if on else text


def _object(members: Mapping[str, bytes | None]) -> bytes:
    return b"{" + b",".join(jsontext.quoted(name) + b":" + one for name, one in members.items() if one is not None) + b"}"


def _list(elements: Sequence[bytes | None]) -> bytes:
    return b"[" + b",".join(one for one in elements if one is not None) + b"]"
