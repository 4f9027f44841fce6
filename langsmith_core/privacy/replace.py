"""Remove, redact or hash values inside JSON text: every value at the end of a path.

JSON is split and joined as text, so numbers outside the places named keep their digits.
Not here: which values (privacy.rules).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from langsmith_core.privacy import nested_json
from langsmith_core.privacy.places import Steps
from langsmith_core.records import json_text

Action: TypeAlias = Callable[[bytes], bytes | None]
"""Maps a value's JSON text to its replacement; None removes the value."""

_Path: TypeAlias = tuple[Steps, Steps]
"""The steps of a path that remain, and all of its steps."""

MARKER = "[redacted]"
NESTED_MAX = 32
"""Nested lists that the search for a name passes, and levels that `**` passes: each one reads all that lies below again."""


def removed(_: bytes) -> None:
    """Remove a value."""


def redacted(_: bytes) -> bytes:
    """Replace a value by the marker."""
    return json_text.dumps_bytes(MARKER)


def hashed(key: str) -> Action:
    """Return the action that replaces a value by its HMAC-SHA-256 in hex: of a string's text, of anything else's JSON."""

    def act(text: bytes) -> bytes:
        return json_text.dumps_bytes(hmac.new(key.encode(), json_text.text(text).encode(), hashlib.sha256).hexdigest())

    return act


def changed(text: bytes, paths: Sequence[Steps], act: Action, found: set[Steps] | None = None) -> bytes | None:
    """Return the JSON text with every value at the end of a path replaced, each once; nulls stay. None if all is removed.

    A member's name applied to a list means that member of each element. The search passes 32 nested lists, and `**` passes 32
    levels.
    The action replaces a value as a whole if a path continues inside it but cannot be followed:
    a value below that limit, a text that may hold JSON, and a list or an object of over 250,000 parts, which would fill the
    memory.
    `found` receives the paths that led to a value, also to a null.
    """
    left = _changed(text, [(path, path) for path in paths], act, set() if found is None else found)
    return None if left is None else bytes(left)


def _changed(
    text: json_text.Text, paths: Sequence[_Path], act: Action, found: set[Steps], nested: int = NESTED_MAX
) -> json_text.Text | None:
    ended = [whole for rest, whole in paths if not rest]
    if ended:
        found.update(ended)
        return text if json_text.begins(text, b"null") else act(bytes(text))
    if not paths:
        return text
    is_list = json_text.begins(text, b"[")
    if not is_list and not json_text.begins(text, b"{"):
        return _replace_whole(text, paths, act, found) if _holds_json(text) else text
    by_name = [path for path in paths if is_list and isinstance(path[0][0], str)]
    deeper = nested - (bool(by_name) or any(rest[0] is ... for rest, _ in paths))
    if deeper < 0 or json_text.is_wide(text):
        return _replace_whole(text, paths, act, found)
    if not is_list:
        steps = {rest[0] for rest, _ in paths}
        known = steps if steps.isdisjoint((None, ...)) else None  # names that a path leads to; None for any
        members = json_text.member_views(text).items()
        return _object(
            {
                name: _changed(one, _after_step(paths, name), act, found, deeper) if known is None or name in known else one
                for name, one in members
            }
        )
    by_place = [path for path in paths if not isinstance(path[0][0], str)]
    elements = enumerate(json_text.element_views(text))
    return _list([_changed(one, [*_after_step(by_place, i), *by_name], act, found, deeper) for i, one in elements])


def _replace_whole(text: json_text.Text, paths: Sequence[_Path], act: Action, found: set[Steps]) -> bytes | None:
    """Replace a value that the paths lead into but cannot be followed through."""
    found.update(whole for _, whole in paths)
    return act(bytes(text))


def _after_step(paths: Sequence[_Path], step: str | int) -> list[_Path]:
    """Return how the paths that match a step continue behind it."""
    taken = [(rest[1:], whole) for rest, whole in paths if rest[0] in (None, step)]
    deep = [(rest, whole) for rest, whole in paths if rest[0] is ...]
    if deep:
        taken = list(dict.fromkeys([*taken, *deep, *_after_step([(rest[1:], whole) for rest, whole in deep], step)]))
    return taken


def _holds_json(text: json_text.Text) -> bool:
    """Return whether a scalar is a string that a lenient reader takes for an object or a list, even if encoded twice."""
    return json_text.begins(text, b'"') and nested_json.may_hold_json(json_text.text(text))


def _object(members: Mapping[str, json_text.Text | None]) -> bytes:
    return json_text.object_of({name: one for name, one in members.items() if one is not None})


def _list(elements: Sequence[json_text.Text | None]) -> bytes:
    parts = [part for one in elements if one is not None for part in (b",", one)]
    return b"".join([b"[", *parts[1:], b"]"])
