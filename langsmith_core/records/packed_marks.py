"""Packed marks of delivered rows: four bytes for a row's start in seconds, four for its key, eight for its look.

Pure. Not here: what the mark of a look is made of (sync.payloads_delivered).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import NamedTuple

from langsmith_core.records.packed_ids import unpacked

MARK_BYTES, ENTRY_CHARACTERS = 8, 20
_KEY_BYTES, _ENTRY_BYTES = 4, 16


class Mark(NamedTuple):
    """When a row began, in seconds since 1970, and the mark of its look."""

    start: int
    look: bytes


class Marks:
    """The last mark of each row, newest start first. Of two keys that hash alike one is forgotten."""

    __slots__ = ("_of",)

    def __init__(self, of: Mapping[bytes, Mark] | None = None) -> None:
        self._of = dict(sorted((of or {}).items(), key=lambda one: (-one[1].start, one[0])))

    def __len__(self) -> int:
        return len(self._of)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Marks) and self._of == other._of

    def __hash__(self) -> int:
        return hash(tuple(self._of.items()))

    def has(self, key: str, look: bytes) -> bool:
        """Return whether the row of this key looked so when it went out last."""
        known = self._of.get(_hashed(key))
        return known is not None and known.look == look

    def noted(self, shown: Iterable[str], marked: Mapping[str, Mark], oldest: int, count_max: int) -> Marks:
        """Return the marks after rows went out: all of `shown` have another look now, those `marked` have this one.

        Rows that began before `oldest` are forgotten; of too many the newest are kept.
        """
        gone = {_hashed(key) for key in shown}
        kept = {key: mark for key, mark in self._of.items() if key not in gone}
        of = {**kept, **{_hashed(key): mark for key, mark in marked.items()}}
        return Marks({key: mark for key, mark in of.items() if mark.start >= oldest}).first(count_max)

    def first(self, count: int) -> Marks:
        """Return the `count` newest."""
        return Marks(dict(list(self._of.items())[: max(0, count)]))

    def packed(self) -> str:
        """Return the text that a state keeps."""
        return base64.b85encode(b"".join(at.to_bytes(4, "big") + key + look for key, (at, look) in self._of.items())).decode()

    @classmethod
    def unpacked(cls, text: str) -> Marks:
        """Invert `packed`. Raises ValueError."""
        raw = unpacked(text, ENTRY_CHARACTERS)
        entries = (raw[at : at + _ENTRY_BYTES] for at in range(0, len(raw), _ENTRY_BYTES))
        return cls({one[4:8]: Mark(int.from_bytes(one[:4], "big"), one[8:]) for one in entries})


def _hashed(key: str) -> bytes:
    return blake2b(key.encode(), digest_size=_KEY_BYTES).digest()


NO_MARKS = Marks()
