"""Read again what a check found short: a look of that work alone.

Pure: state in, state out. Not here: finding what is short (completeness), or an ordinary look (look).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from msgspec.structs import replace

from langsmith_core.completeness.position import Short
from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.packed_marks import NO_MARKS
from langsmith_core.records.times import DAY
from langsmith_core.settings.config import Settings
from langsmith_core.streams import bounds
from langsmith_core.streams.example_versions import WholeVersion
from langsmith_core.streams.feedback import FeedbackWindow
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.limits import IDS_MAX
from langsmith_core.streams.registry import EXAMPLE, FEEDBACK, RUN
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.sync.state import Look, State, Task


def opened(state: State, settings: Settings, now: datetime) -> State:
    """Open a look that reads the short places again, and nothing else. A state without any comes back as it is.

    Rows that went out today go out again: they are what is missing, perhaps.
    """
    short = state.completeness.short
    if not state.completeness.rereading or not short or not state.drained or state.done_to is None:
        return state
    before = bounds.Before(state.done_to, state.done_to, state.overlapped_to, state.reconciled)
    frozen = bounds.of_look(before, settings.start_time, state.done_to, deep=False, light=True)
    work = (*_runs(short, frozen.oldest), *_feedback(short, frozen), *_examples(state, short, now))
    if not work:
        return state
    tasks = tuple(map(Task, work))
    return replace(state, delivered=NO_MARKS, answered=now, look=Look(frozen, agenda=tasks, retrying=True))


def _runs(short: Iterable[Short], oldest: datetime) -> list[Item]:
    """Read the days again, each of all its projects."""
    wanted = sorted((one.day, one.parent_id) for one in short if one.table == RUN.name and one.day)
    days = {day: [parent for _, parent in group] for day, group in groupby(wanted, key=lambda one: one[0])}
    return [RunWindow(lo=max(day, oldest), hi=day + DAY, waiting=Ids(days[day])) for day in days if day + DAY > oldest]


def _feedback(short: Iterable[Short], frozen: bounds.Bounds) -> list[Item]:
    """Read all feedback of the projects again: nobody knows when the missing one was given."""
    parents = [one.parent_id for one in short if one.table == FEEDBACK.name]
    parts = [parents[at : at + IDS_MAX] for at in range(0, len(parents), IDS_MAX)]
    return [FeedbackWindow(lo=frozen.oldest, hi=frozen.runs_to, parents=Ids(part)) for part in parts]


def _examples(state: State, short: Iterable[Short], now: datetime) -> list[Item]:
    """Read the versions again, whole."""
    read = state.memory.examples.versions
    datasets = [one.parent_id for one in short if one.table == EXAMPLE.name]
    return [WholeVersion(dataset=one, seen=now, version=read.of(one) or now, unversioned=not read.of(one)) for one in datasets]
