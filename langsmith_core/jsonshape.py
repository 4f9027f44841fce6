"""How deep and how wide a strict JSON text is, found without taking it apart: piece by piece, in bounded memory.

Not here: what becomes of a value that is too deep (jsontext) or too wide (replacing).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

import msgspec

Text: TypeAlias = bytes | msgspec.Raw
"""A strict JSON text: bytes of its own, or a view into a larger text."""
CHUNK = 1 << 18
"""Bytes looked at in one step where a whole text would be copied."""
COUNT_MAX = 250_000
"""Members of one object, or elements of one list, that are held apart: some 50 MB."""
_NO_STRUCTURE, _NO_BRACKETS = (bytes(set(range(256)) - set(kept)) for kept in (b'[]{},"', b'[]{}"'))
_RUN = re.compile(rb"(,++)|([\[{]++)|[\]}]++")


def is_wide(body: Text) -> bool:
    """Whether a strict JSON container has more elements or members than are held apart."""
    if len(memoryview(body)) <= COUNT_MAX:
        return False
    text = bytes(body)
    if text.count(b",") < COUNT_MAX:
        return False
    levels = found = 0
    for commas, opening, closing in _runs(text, _NO_STRUCTURE):
        found += commas if levels == 1 else 0
        levels += opening - closing
    return found >= COUNT_MAX


def depth(text: bytes) -> int:
    """How many containers the innermost value of a strict JSON text stands in."""
    levels = deepest = 0
    for _, opening, closing in _runs(text, _NO_BRACKETS):
        levels += opening - closing
        deepest = max(deepest, levels)
    return deepest


def _runs(text: bytes, dropped: bytes) -> Iterator[tuple[int, int, int]]:
    """How many commas, opening or closing brackets stand next to each other, in their order; one of the three is not 0."""
    for part in _structure(text, dropped):
        for run in _RUN.finditer(part):
            count = run.end() - run.start()
            yield (count, 0, 0) if run[1] else (0, count, 0) if run[2] else (0, 0, count)


def _structure(text: bytes, dropped: bytes) -> Iterator[bytes]:
    """What stands outside the strings of a strict JSON text, without the characters `dropped`, piece by piece."""
    inside = at = 0
    while at < len(text):
        part = text[at : at + CHUNK]
        if (len(part) - len(part.rstrip(b"\\"))) % 2:  # an escape is not cut in two
            part = text[at : at + CHUNK + 1]
        at += len(part)
        pieces = part.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, dropped).replace(b'""', b"").split(b'"')
        yield b"".join(pieces[inside::2])
        inside = (inside + len(pieces) - 1) % 2
