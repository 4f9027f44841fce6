"""Measure how deep and how wide a strict JSON text is, piece by piece and in bounded memory.

Not here: what happens to a value that is too deep (records.json_text) or too wide (privacy.replace).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

import msgspec

Text: TypeAlias = bytes | msgspec.Raw
"""A strict JSON text: bytes of its own, or a view into a larger text."""
DEPTH_MAX = 500
"""Levels of nesting that a column may have. BigQuery refuses deeper JSON; other parsers' limits lie above it."""
CHUNK = 1 << 18
"""Bytes that one step looks at, where a whole text would have to be copied."""
PARTS_MAX = 250_000
"""Members of one object, or elements of one list, that may be held as separate values: about 50 MB."""
_NO_STRUCTURE, _NO_BRACKETS = (bytes(set(range(256)) - set(kept)) for kept in (b'[]{},"', b'[]{}"'))
_RUN = re.compile(rb"(,++)|([\[{]++)|[\]}]++")


def is_wide(body: Text) -> bool:
    """Return whether a strict JSON container has more than PARTS_MAX elements or members."""
    if len(memoryview(body)) <= PARTS_MAX:
        return False
    text = bytes(body)
    if text.count(b",") < PARTS_MAX:
        return False
    levels = found = 0
    for commas, opening, closing in _runs(text, _NO_STRUCTURE):
        found += commas if levels == 1 else 0
        levels += opening - closing
    return found >= PARTS_MAX


def depth(text: bytes) -> int:
    """Return how many containers enclose the innermost value of a strict JSON text."""
    levels = deepest = 0
    for _, opening, closing in _runs(text, _NO_BRACKETS):
        levels += opening - closing
        deepest = max(deepest, levels)
    return deepest


def has_few_containers(text: bytes) -> bool:
    """Return whether a text has at most DEPTH_MAX containers. Then it cannot be too deep.

    Replacing finds a byte much faster than counting does, but copies the text, so a long text is counted.
    """
    if len(text) > CHUNK:
        return text.count(b"[") + text.count(b"{") <= DEPTH_MAX
    left = len(text.replace(b"[", b"", DEPTH_MAX + 1)) + len(text.replace(b"{", b"", DEPTH_MAX + 1))
    return 2 * len(text) - left <= DEPTH_MAX


def _runs(text: bytes, dropped: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield each run of equal signs in order as (commas, opening brackets, closing brackets); one of the three is not 0."""
    for part in _structure(text, dropped):
        for run in _RUN.finditer(part):
            count = run.end() - run.start()
            yield (count, 0, 0) if run[1] else (0, count, 0) if run[2] else (0, 0, count)


def _structure(text: bytes, dropped: bytes) -> Iterator[bytes]:
    """Yield what lies outside the strings of a strict JSON text, without the bytes `dropped`, piece by piece."""
    inside = at = 0
    while at < len(text):
        part = text[at : at + CHUNK]
        if (len(part) - len(part.rstrip(b"\\"))) % 2:  # never split an escape
            part = text[at : at + CHUNK + 1]
        at += len(part)
        pieces = part.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, dropped).replace(b'""', b"").split(b'"')
        yield b"".join(pieces[inside::2])
        inside = (inside + len(pieces) - 1) % 2
