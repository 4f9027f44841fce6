"""States of layout 1 as values, for tests that carry them over. Ids are numbered, times are days of June 2026."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.times import render
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.sync import migrations, state_checks
from langsmith_core.sync.state import Look, State, Task

Json = dict[str, Any]
RUN, PROJECT, DATASET = "langsmith_run", "langsmith_project", "langsmith_dataset"
EXAMPLE, FEEDBACK = "langsmith_example", "langsmith_feedback"


def one(number: int) -> str:
    """An id."""
    return f"{number:08}-0000-4000-8000-{number:012}"


def ids(*numbers: int) -> Ids:
    """Some ids."""
    return Ids(map(one, numbers))


def packed(*numbers: int) -> str:
    """Some ids as a state keeps them."""
    return ids(*numbers).packed()


def day(number: int, hour: int = 0, minute: int = 0) -> datetime:
    """A time."""
    return datetime(2026, 6, number, hour, minute, tzinfo=UTC)


def at(number: int, hour: int = 0) -> str:
    """A time as a state keeps it."""
    return render(day(number, hour))


OLDEST = day(10) - timedelta(days=400)
RUNS_FROM, RUNS_TO = day(7, 23, 45), day(10, 0, 5)
ENDED: dict[str, Any] = {"lo": day(9) - timedelta(days=14), "hi": RUNS_FROM, "ended_since": RUNS_FROM}
"""The windows of runs that `cycle` reads: all there are, its own, and that of runs which had not ended."""


def window(lo: int, hi: int, *parents: int, **more: Any) -> Json:
    """A slice of runs that has not been asked for."""
    bounds = {"lo": at(lo), "hi": at(hi), "floor": at(lo), "ceiling": at(hi)}
    return {"table": RUN, "parents": packed(*parents), **bounds, **more}


def in_hand(lo: int, hi: int, *parents: int) -> RunWindow:
    """The work of such a slice."""
    return RunWindow(lo=day(lo), hi=day(hi), parents=ids(*parents), top=day(hi), floor=day(lo), ceiling=day(hi))


def cycle(stage: int, walk: Json | None = None, **more: Any) -> Json:
    """A cycle from the 9th to the 10th, at a stage."""
    bounds = {"until": at(10), "since": at(9), "feedback_since": at(9)}
    return {**bounds, "stage": stage, "walk": {"listing": None, **(walk or {})}, **more}


def carried(**fields: Any) -> State:
    """The state of today for one of layout 1. It holds only what may stand in a state."""
    state = migrations.from_version_1({"source": "here", "version": 1, **fields})
    state_checks.check(state)
    return state


def look(stage: int, walk: Json | None = None, **more: Any) -> Look:
    """The look for a cycle at a stage."""
    found = carried(api="v2", done_to=at(9), cycle=cycle(stage, walk, **more)).look
    assert found is not None
    return found


def works(tasks: tuple[Task, ...]) -> list[Any]:
    """The work of tasks that nothing has put aside."""
    assert all(task.reason is None for task in tasks)
    return [task.work for task in tasks]
