"""The figures of a sync as a terminal shows them: values, and the texts made of them.

Here: values in, texts out. Not here: where the figures come from (watch, held), or drawing them (display).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from langsmith_core.settings.config import Settings
from langsmith_core.streams.projects import ListProjects
from langsmith_core.streams.registry import RUN
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.sync.state import State

SHOWN = 3
"""Tables in a line; the others are one sum."""


class Expected(Struct, frozen=True):
    """How many runs a first sync brings, by the run counts of LangSmith's list of projects.

    `count` is None where nobody knows it, and `why` says so. `is_whole`: every project is listed, so no run is missing in it.
    """

    count: int | None = None
    is_whole: bool = False
    why: str = ""


class Figures(Struct, frozen=True):
    """What a sync has done so far.

    `rows` were read by this command, by table; one that is read again counts again. `held`: rows of each table in the
    destination, where it tells. `place`: what is being read. `in_flight`: requests under way, None where nobody counts them.
    `waiting`: why the sync stands still, if it does. `seconds` have passed since the command began.
    """

    calls: int = 0
    rows: Mapping[str, int] = {}
    held: Mapping[str, int] = {}
    expected: Expected = Expected()
    place: str = ""
    requests: int = 0
    in_flight: int | None = None
    waiting: str = ""
    seconds: float = 0.0

    @property
    def runs(self) -> int:
        """The runs of which `expected` is the total: those in the destination, else those that were read."""
        return self.held.get(RUN.name, self.rows.get(RUN.name, 0))

    @property
    def per_second(self) -> float:
        """The rows that were read in a second."""
        return sum(self.rows.values()) / self.seconds if self.seconds else 0.0


def rows(of: Mapping[str, int], most: int = SHOWN) -> str:
    """Return the rows by table, the `most` largest by name: `run 2,511, feedback 752, example 44, others 98`."""
    counts = Counter(of)
    named = [f"{table.removeprefix('langsmith_')} {count:,}" for table, count in counts.most_common(most) if count]
    others = sum(count for _, count in counts.most_common()[most:])
    return ", ".join([*named, *([f"others {others:,}"] if others else [])]) or "no row"


def runs(figures: Figures) -> str:
    """Return how many runs are there, of how many where that is known."""
    expected = figures.expected
    if expected.count is None:
        return f"{figures.runs:,} runs ({expected.why})" if expected.why else f"{figures.runs:,} runs"
    if figures.runs > expected.count:
        return f"{figures.runs:,} runs, more than the {expected.count:,} that LangSmith counts"
    return f"{figures.runs:,} of {'' if expected.is_whole else 'at least '}{expected.count:,} runs"


def share(figures: Figures) -> float | None:
    """Return the part of the expected runs that is there, from 0 to 1; None where nobody knows it."""
    expected = figures.expected
    known = expected.count and expected.is_whole and figures.runs <= expected.count
    return figures.runs / (expected.count or 1) if known else None


def speed(figures: Figures) -> str:
    """Return the speed, and how LangSmith is asked: `1,204 rows/s, 46 requests, 3 in flight`."""
    flight = [f"{figures.in_flight} in flight"] if figures.in_flight is not None else []
    return ", ".join([f"{figures.per_second:,.0f} rows/s", f"{figures.requests:,} requests", *flight])


def call(figures: Figures) -> str:
    """Return the line of a call that has ended: `call 2: 2,967 of 2,967 runs, feedback 752, project 8; 47 requests, 1.2 s`."""
    others = {table: count for table, count in figures.rows.items() if table != RUN.name}
    read = f"{runs(figures)}, {rows(others, SHOWN - 1)}" if figures.expected.count else rows(figures.rows)
    return f"call {figures.calls}: {read}; {figures.requests:,} requests, {figures.seconds:.1f} s"


def place(state: State) -> str:
    """Say what a state goes on with: the day of the runs, or the table."""
    if not state.agenda:
        return f"complete up to {_minute(state.done_to)}" if state.done_to else ""
    window = next((task.work for task in state.agenda if isinstance(task.work, RunWindow)), None)
    if window:
        part = "the history" if state.look is None else "recent runs"
        return f"reads {part} back from {_minute(window.top or window.hi)}"
    return f"reads {state.agenda[0].work.table_name}"


def is_complete(state: State) -> bool:
    """Tell whether the whole past was read once: then LangSmith may have fewer runs than the destination keeps."""
    return state.done_to is not None and state.backfill is None


def expected(state: State, counts: Mapping[str, int | None], settings: Settings) -> Expected:
    """Return how many runs a first sync brings. `counts`: LangSmith's count of each listed project, None where it gives none."""
    if RUN.name in settings.off:
        return Expected(why="SYNC_RUNS is off")
    if settings.start_time:
        return Expected(why="LangSmith's counts know no START_TIME")
    wanted = set(counts if state.projects is None else state.projects) - set(state.left_out)
    known = [count for project, count in counts.items() if project in wanted and count is not None]
    if not known:
        return Expected(why="LangSmith has given no count yet")
    listing = any(isinstance(task.work, ListProjects) for task in state.agenda)
    return Expected(sum(known), is_whole=not listing and len(known) == len(wanted))


def _minute(at: datetime | None) -> str:
    return f"{at:%d %b %Y %H:%M}" if at else ""
