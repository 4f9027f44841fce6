"""A tiny imitation of an offset list that changes between two requests, and the loop that reads it.

The lists here are lists of ids; through the targets they are read in simulation/test_shifting.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from langsmith_core.streams.listing import ListAll
from langsmith_core.streams.offset_list import REPEATS_MAX, Offset, after_list, broken_off
from langsmith_core.streams.registry import DATASET
from streams.contexts import uid

LIST: Offset = ListAll(table=DATASET.name)
Change = tuple[int, int, int]


def row_id(number: int) -> str:
    """The id of a row that a list has from the beginning."""
    return uid("1", number)


@dataclass
class OffsetApi:
    """A list that changes between two requests: at a place so many rows go, and so many new ones come.

    It may go on so `for_ever`. A `full` list does not grow.
    """

    rows: list[str]
    changes: list[Change] = field(default_factory=list)
    for_ever: bool = False
    full: bool = False
    requests: int = 0
    made: int = 0

    def page(self, offset: int, limit: int) -> list[str]:
        """One page, then the next change."""
        found = self.rows[offset : offset + limit]
        turn = self.requests % max(1, len(self.changes)) if self.for_ever else self.requests
        if turn < len(self.changes):
            place, gone, come = self.changes[turn]
            place = min(place, len(self.rows))
            come = min(come, len(self.rows[place : place + gone])) if self.full else come
            self.rows[place : place + gone] = [uid("2", self.made + number) for number in range(come)]
            self.made += come
        self.requests += 1
        return found


@dataclass
class Reading:
    """What was delivered of a list, in order, repetitions included, and whether it was broken off."""

    delivered: list[str]
    broken: bool


def read(source: OffsetApi, limit: int, item: Offset | None = LIST) -> Reading:
    """Read a list to its end."""
    delivered: list[str] = []
    size = len(source.rows) + sum(come for _, _, come in source.changes)
    requests_max = (REPEATS_MAX + 2) * (size // max(1, limit - 1) + 3)
    while item and not broken_off(item):
        assert source.for_ever or source.requests < requests_max, "the list does not come to its end"
        found = source.page(item.offset, limit)
        delivered += found
        item = after_list(item, found, limit)
    return Reading(delivered, item is not None)
