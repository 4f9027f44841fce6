"""How deep and how wide a strict JSON text is, found without taking it apart: piece by piece, in bounded memory.

Not here: what becomes of a value that is too deep (jsontext) or too wide (replacing).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import TypeAlias

import msgspec

Text: TypeAlias = bytes | msgspec.Raw
"""A strict JSON text: bytes of its own, or a view into a larger text."""
CHUNK = 1 << 18
"""Bytes looked at in one step where a whole text would be copied."""
COUNT_MAX = 250_000
"""Members of one object, or elements of one list, that are held apart: some 50 MB."""
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1, ord(","): 0}
_NO_STRUCTURE, _NO_BRACKETS = (bytes(set(range(256)) - set(kept)) for kept in (b'[]{},"', b'[]{}"'))


def is_wide(body: Text) -> bool:
    """Whether a strict JSON container has more elements or members than are held apart."""
    if len(memoryview(body)) <= COUNT_MAX:
        return False
    text = bytes(body)
    if text.count(b",") < COUNT_MAX:
        return False
    levels = found = 0
    for part in _structure(text, _NO_STRUCTURE):
        depths = list(accumulate(map(_STEP.__getitem__, part), initial=levels))
        levels = depths[-1]
        found += sum(1 for sign, depth in zip(part, depths, strict=False) if sign == ord(",") and depth == 1)
    return found >= COUNT_MAX


def depth(text: bytes) -> int:
    """How many containers the innermost value of a strict JSON text stands in."""
    levels = deepest = 0
    for part in _structure(text, _NO_BRACKETS):
        depths = list(accumulate(map(_STEP.__getitem__, part), initial=levels))
        levels, deepest = depths[-1], max(deepest, *depths)
    return deepest


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
