"""A tiny imitation of a run query: newest first, pages by an opaque cursor; and the loop that reads a window from it.

It is not the simulator. It has what the law of windows needs, with every liberty that the real API was seen or feared to take.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.rows import Row
from langsmith_core.records.times import render
from langsmith_core.streams.context import Api
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.window_steps import TICK
from streams.contexts import A, context, page, uid

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


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
    api: Api = "v1"
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
        start, tick = self.starts[run], TICK[self.api]
        return render(start - (start - EPOCH) % tick)

    def _newest_first(self, run: int) -> tuple[timedelta, int]:
        return (EPOCH - self.starts[run], run)


def row(run: int, start: str) -> Row:
    """A run that has ended, as far as windows look at it."""
    return {"run_id": uid("e", run), "project_id": A, "start_time": start, "end_time": start}


def read(source: CursorApi, lo: datetime, hi: datetime, requests_max: int) -> list[int]:
    """Every run that the engine would deliver of the window `[lo, hi)`, in order, repetitions included."""
    delivered: list[int] = []
    asked = context(None, api=source.api)
    work: list[RunWindow] = [RunWindow(lo=lo, hi=hi, waiting=Ids([A]))]
    while work:
        assert len(source.requests) < requests_max, "the window does not come to its end"
        item = work.pop().begun(asked)
        try:
            found, cursor = source.query(item.question.lo, item.question.hi, item.cursor)
        except DeadCursorError:
            work.append(item.restarted())  # as the engine does
            continue
        delivered += found
        outcome = item.after(page(*(row(run, source.shown(run)) for run in found), cursor=cursor), asked)
        work += [one for one in outcome.rest if isinstance(one, RunWindow)]
    return delivered
