"""A list in order of (time, id), sliced by binary search. It is the simulator's only index by time.

It knows nothing of its items. Adding is cheap; the first read after an addition sorts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Generic, TypeVar

Item = TypeVar("Item")
Position = tuple[datetime, str]


class Timeline(Generic[Item]):
    """Items in order of time, then id."""

    __slots__ = ("_entries", "_in_order")

    def __init__(self) -> None:
        self._entries: list[tuple[datetime, str, Item]] = []
        self._in_order = True

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Item]:
        return (entry[2] for entry in self._sorted())

    def add(self, at: datetime, ident: str, item: Item) -> None:
        """Add one item."""
        entry = (at, ident, item)
        self._in_order = self._in_order and (not self._entries or self._entries[-1][:2] <= entry[:2])
        self._entries.append(entry)

    def keep(self, wanted: Callable[[Item], bool]) -> None:
        """Drop every item that is not wanted."""
        self._entries = [entry for entry in self._entries if wanted(entry[2])]

    def between(
        self, low: datetime | None, high: datetime | None, after: Position | None, *, newest_first: bool
    ) -> Iterator[Item]:
        """Items with low <= time < high that come after a position, in the direction of reading."""
        entries = self._sorted()
        start = 0 if low is None else bisect_left(entries, (low,))
        stop = len(entries) if high is None else bisect_left(entries, (high,))
        if after is not None and newest_first:
            stop = min(stop, bisect_left(entries, after))
        elif after is not None:
            start = max(start, bisect_left(entries, (after[0], after[1] + "\x00")))
        indexes = range(stop - 1, start - 1, -1) if newest_first else range(start, stop)
        return (entries[index][2] for index in indexes)

    def _sorted(self) -> list[tuple[datetime, str, Item]]:
        if not self._in_order:
            self._entries.sort(key=lambda entry: entry[:2])
            self._in_order = True
        return self._entries
