"""A tiny imitation of a run query: newest first, pages by an opaque cursor; and the loop that reads a slice from it.

Not the simulator: only what a window's law needs, with every liberty that the real API has been seen or feared to take.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from langsmith_core.sync.state import Slice
from langsmith_core.streams.run_columns import RUN
from langsmith_core.records.times import render
from langsmith_core.windows import after_runs, begun

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
PRECISION = {"v1": timedelta(microseconds=1), "v2": timedelta(milliseconds=1)}


def at(microseconds: int) -> datetime:
    """A moment so long after the epoch."""
    return EPOCH + timedelta(microseconds=microseconds)


class DeadCursorError(Exception):
    """The API no longer knows this cursor."""


@dataclass
class CursorApi:
    """Runs by id with their start, and the API's moods: how many rows a page is short of, which requests find a dead cursor."""

    starts: dict[int, datetime]
    page_rows: int
    api: str = "v1"
    short_by: list[int] = field(default_factory=list)
    dies_at: set[int] = field(default_factory=set)
    requests: list[tuple[datetime, datetime]] = field(default_factory=list)
    _cursors: dict[str, int] = field(default_factory=dict)

    def query(self, floor: datetime, ceiling: datetime, cursor: str | None) -> tuple[list[int], str | None]:
        """The ids of one page of `[floor, ceiling)` and the cursor behind it."""
        number = len(self.requests)
        self.requests.append((floor, ceiling))
        if cursor and number in self.dies_at:
            raise DeadCursorError
        found = sorted((run for run, start in self.starts.items() if floor <= start < ceiling), key=self._newest_first)
        begin = self._cursors[cursor] if cursor else 0
        short = self.short_by[number] if number < len(self.short_by) else 0
        end = begin + max(0, self.page_rows - short)
        following = f"{number}" if end < len(found) else None
        if following:
            self._cursors[following] = end
        return found[begin:end], following

    def shown(self, run: int) -> str:
        """The start as the API writes it, cut to its precision."""
        start, tick = self.starts[run], PRECISION[self.api]
        return render(start - (start - EPOCH) % tick)

    def _newest_first(self, run: int) -> tuple[timedelta, int]:
        return (EPOCH - self.starts[run], run)


def read(source: CursorApi, lo: datetime, hi: datetime, requests_max: int) -> list[int]:
    """Every id that the engine would deliver of a slice `[lo, hi)`, in order, repetitions included."""
    delivered: list[int] = []
    piece: Slice | None = begun(Slice(RUN.name, ("project",), lo=lo, hi=hi))
    while piece:
        assert len(source.requests) < requests_max, "the slice does not come to its end"
        assert piece.floor
        assert piece.ceiling
        try:
            page, cursor = source.query(piece.floor, piece.ceiling, piece.cursor)
        except DeadCursorError:
            piece = begun(piece)  # as the engine does
            continue
        delivered += page
        piece = after_runs(piece, [source.shown(run) for run in page], cursor, source.api)
    return delivered
