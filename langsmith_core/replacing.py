"""Values inside JSON text, taken out or replaced: every value at the end of a way, whatever stands around it.

Here: the ways into JSON, and what becomes of a value. Not here: which values (privacy). JSON is cut and joined as text: numbers
outside the places named keep their digits.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from langsmith_core import jsontext, readers
from langsmith_core.privacy_paths import Steps

Act: TypeAlias = Callable[[bytes], bytes | None]
"""What becomes of a value's JSON text; None takes it out."""

_Way: TypeAlias = tuple[Steps, Steps]
"""What is left of a way, and the whole of it."""

MARKER = "[redacted]"
NESTED_MAX = 32
"""Lists within lists that a member's name is looked for in, and levels of what may be at any depth: each is another reading of
all that it holds."""


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


def changed(text: bytes, ways: Sequence[Steps], act: Act, found: set[Steps] | None = None) -> bytes | None:
    """The JSON text with the act done once to every value at the end of one of the ways; nulls stay.

    A member's name where a list stands means the member of each element. It is looked for through at most 32 lists on the way,
    and what may be at any depth through 32 levels: what lies deeper is treated as a whole. So is a text that holds JSON where a
    way goes on, since nobody can say what is in it, and a list or an object of over 250,000 parts, which would fill the memory if
    it were taken apart. The ways that led to a value, a null included, are added to `found`.
    """
    left = _changed(text, [(way, way) for way in ways], act, set() if found is None else found)
    return None if left is None else bytes(left)


def _changed(
    text: jsontext.Text, ways: Sequence[_Way], act: Act, found: set[Steps], nested: int = NESTED_MAX
) -> jsontext.Text | None:
    ends = [whole for rest, whole in ways if not rest]
    if ends:
        found.update(ends)
        return text if jsontext.begins(text, b"null") else act(bytes(text))
    if not ways:
        return text
    is_list = jsontext.begins(text, b"[")
    if not is_list and not jsontext.begins(text, b"{"):
        return _whole(text, ways, act, found) if _holds_json(text) else text
    named = [way for way in ways if is_list and isinstance(way[0][0], str)]
    deeper = nested - (bool(named) or any(rest[0] is ... for rest, _ in ways))
    if deeper < 0 or jsontext.is_wide(text):
        return _whole(text, ways, act, found)
    if not is_list:
        members = jsontext.member_views(text).items()
        return _object({name: _changed(one, _on(ways, name), act, found, deeper) for name, one in members})
    elements = enumerate(jsontext.element_views(text))
    return _list([_changed(one, [*_on(ways, i), *named], act, found, deeper) for i, one in elements])


def _whole(text: jsontext.Text, ways: Sequence[_Way], act: Act, found: set[Steps]) -> bytes | None:
    """The act done to a value that one of the ways may lead into."""
    found.update(whole for _, whole in ways)
    return act(bytes(text))


def _on(ways: Sequence[_Way], step: str | int) -> list[_Way]:
    """How the ways that take a step go on behind it."""
    taken = [(rest[1:], whole) for rest, whole in ways if rest[0] in (None, step)]
    deep = [(rest, whole) for rest, whole in ways if rest[0] is ...]
    if deep:
        taken = list(dict.fromkeys([*taken, *deep, *_on([(rest[1:], whole) for rest, whole in deep], step)]))
    return taken


def _holds_json(text: jsontext.Text) -> bool:
    """Whether a scalar is a string that a lenient reader takes for an object or a list, also one encoded twice."""
    return jsontext.begins(text, b'"') and readers.may_hold_json(jsontext.text(text))


def _object(members: Mapping[str, jsontext.Text | None]) -> bytes:
    return jsontext.joined({name: one for name, one in members.items() if one is not None})


def _list(elements: Sequence[jsontext.Text | None]) -> bytes:
    parts = [part for one in elements if one is not None for part in (b",", one)]
    return b"".join([b"[", *parts[1:], b"]"])
