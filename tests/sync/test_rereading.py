"""The look that reads again what a check found short."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace
from sync.full import A, B
from sync.states import SOURCE

from langsmith_core.completeness.position import Position, Short
from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.packed_marks import Mark, Marks
from langsmith_core.records.times import DAY
from langsmith_core.streams.example_versions import WholeVersion
from langsmith_core.streams.feedback import FeedbackWindow
from langsmith_core.streams.ledgers import Versions
from langsmith_core.streams.memory import Examples, Memory
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.sync import rereading
from langsmith_core.sync.state import State, Task
from samples import NOW, settings

FIRST, SECOND = NOW - 5 * DAY, NOW - 4 * DAY
SHORT = (
    Short("langsmith_run", B, 9, 8, SECOND),
    Short("langsmith_run", A, 9, 8, SECOND),
    Short("langsmith_run", A, 7, 0, FIRST),
    Short("langsmith_feedback", A, 3, 1),
    Short("langsmith_example", A, 3, 1),
    Short("langsmith_example", B, 3, 1),
)
STATE = State(
    source=SOURCE,
    done_to=NOW,
    delivered=Marks({b"\0\0\0\1": Mark(1_790_000_000, b"12345678")}),
    memory=Memory(examples=Examples(Versions({A: NOW - DAY}))),
    completeness=Position(short=SHORT, rereading=True),
)


def test_each_short_place_becomes_ordinary_work() -> None:
    """A day is read once for all its projects, feedback over all time, and examples at the version that was read.

    Marks of rows that went out today are dropped: such a row may be what is missing.
    """
    at = NOW + timedelta(minutes=1)
    opened = rereading.opened(STATE, settings(), at)
    assert opened.look is not None
    bounds = opened.look.bounds
    assert opened.look.agenda == (
        Task(RunWindow(lo=FIRST, hi=SECOND, waiting=Ids([A]))),
        Task(RunWindow(lo=SECOND, hi=SECOND + DAY, waiting=Ids([A, B]))),
        Task(FeedbackWindow(lo=bounds.oldest, hi=bounds.runs_to, parents=Ids([A]))),
        Task(WholeVersion(dataset=A, seen=at, version=NOW - DAY)),
        Task(WholeVersion(dataset=B, seen=at, version=at, unversioned=True)),
    )
    assert (opened.look.retrying, len(opened.delivered), opened.answered, bounds.until) == (True, 0, at, NOW)


def test_nothing_before_start_time_is_read_again() -> None:
    """Its rows are left out by the configuration."""
    start = f"{SECOND + timedelta(hours=6):%Y-%m-%dT%H:%M:%SZ}"
    opened = rereading.opened(STATE, settings(START_TIME=start), NOW)
    assert opened.look is not None
    windows = [task.work for task in opened.look.agenda if isinstance(task.work, RunWindow)]
    assert windows == [RunWindow(lo=SECOND + timedelta(hours=6), hi=SECOND + DAY, waiting=Ids([A, B]))]


def test_a_state_with_nothing_short_stays_as_it_is() -> None:
    """Nor does one change whose check has not ended."""
    for position in (Position(), Position(rereading=True), Position(short=SHORT)):
        state = replace(STATE, completeness=position)
        assert rereading.opened(state, settings(), NOW) is state
