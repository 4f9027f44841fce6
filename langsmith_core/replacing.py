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
NESTED_MAX = 32
"""Lists within lists that a member's name is looked for in: each is another reading of all that it holds."""


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


def changed(text: bytes, ways: Sequence[Steps], act: Act, nested: int = NESTED_MAX) -> bytes | None:
    """The JSON text with the act done once to every value at the end of one of the ways; nulls stay.

    A member's name where a list stands means the member of each element, through at most `nested` lists on the way. What lies
    deeper is treated as a whole. So is a text that holds JSON where a way goes on: nobody can say what is in it.
    """
    if () in ways:
        return text if text == b"null" else act(text)
    if not ways:
        return text
    if text.startswith(b"{"):
        return _object({name: changed(one, _on(ways, name), act, nested) for name, one in jsontext.members(text).items()})
    if text.startswith(b"["):
        named = [way for way in ways if isinstance(way[0], str)]
        if named and not nested:
            return act(text)
        deeper = nested - bool(named)
        return _list([changed(one, [*_on(ways, i), *named], act, deeper) for i, one in enumerate(jsontext.elements(text))])
    return act(text) if _holds_json(text) else text


def _on(ways: Sequence[Steps], step: str | int) -> list[Steps]:
    """How the ways that take a step go on behind it."""
    return [way[1:] for way in ways if way[0] in (None, step)]


def _holds_json(text: bytes) -> bool:
    """Whether a scalar is a string that reads as an object or a list: with blanks before it, or its brace escaped, too."""
    return text.startswith(b'"') and jsontext.text(text).lstrip().startswith(("{", "["))


def _object(members: Mapping[str, bytes | None]) -> bytes:
    return b"{" + b",".join(jsontext.quoted(name) + b":" + one for name, one in members.items() if one is not None) + b"}"


def _list(elements: Sequence[bytes | None]) -> bytes:
    return b"[" + b",".join(one for one in elements if one is not None) + b"]"
