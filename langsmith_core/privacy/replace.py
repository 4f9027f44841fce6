"""Values inside JSON text, taken out or replaced: every value at the end of a way, whatever stands around it.

Here: the ways into JSON, and what becomes of a value. Not here: which values (privacy). JSON is cut and joined as text: numbers
outside the places named keep their digits.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from langsmith_core.privacy.places import Steps
from langsmith_core.records import json_text

Act: TypeAlias = Callable[[bytes], bytes | None]
"""What becomes of a value's JSON text; None takes it out."""

MARKER = "[redacted]"


def removed(_: bytes) -> None:
    """Take a value out."""


def redacted(_: bytes) -> bytes:
    """Replace a value by the marker."""
    return json_text.quoted(MARKER)


def hashed(key: str) -> Act:
    """Replace a value by its HMAC-SHA-256 in hex: of a string its text, of anything else its JSON."""

    def act(text: bytes) -> bytes:
        return json_text.quoted(hmac.new(key.encode(), json_text.text(text).encode(), hashlib.sha256).hexdigest())

    return act


def changed(text: bytes, ways: Sequence[Steps], act: Act) -> bytes | None:
    """The JSON text with the act done once to every value at the end of one of the ways; nulls stay.

    A member's name where a list stands means the member of each element. A text that holds JSON where a way goes on is treated
    as a whole: nobody can say what is in it.
    """
    if () in ways:
        return text if text == b"null" else act(text)
    if not ways:
        return text
    if text.startswith(b"{"):
        return _object({name: changed(one, _on(ways, name), act) for name, one in json_text.members(text).items()})
    if text.startswith(b"["):
        named = [way for way in ways if isinstance(way[0], str)]
        return _list([changed(one, [*_on(ways, i), *named], act) for i, one in enumerate(json_text.elements(text))])
    return act(text) if _holds_json(text) else text


def _on(ways: Sequence[Steps], step: str | int) -> list[Steps]:
    """How the ways that take a step go on behind it."""
    return [way[1:] for way in ways if way[0] in (None, step)]


def _holds_json(text: bytes) -> bool:
    """Whether a scalar is a string that reads as an object or a list: with blanks before it, or its brace escaped, too."""
    return text.startswith(b'"') and json_text.text(text).lstrip().startswith(("{", "["))


def _object(members: Mapping[str, bytes | None]) -> bytes:
    return b"{" + b",".join(json_text.quoted(name) + b":" + one for name, one in members.items() if one is not None) + b"}"


def _list(elements: Sequence[bytes | None]) -> bytes:
    return b"[" + b",".join(one for one in elements if one is not None) + b"]"
