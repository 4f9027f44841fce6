"""Check a state that somebody hands in, because whoever keeps it can change it.

Here: what this program writes, as rules about each part. What breaks one is refused before any request. Not here: types and
unknown fields (state_json), rules of one kind of work (its `is_sound`), or what the settings allow of it (confine).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct, structs

from langsmith_core.completeness.places import GAPS_MAX
from langsmith_core.completeness.position import SHORT_MAX, Position
from langsmith_core.masking import has_halves
from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.times import is_sane
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.ledgers import OpenRuns
from langsmith_core.streams.listing import ListAll
from langsmith_core.streams.look_up import LookUp
from langsmith_core.streams.projects import FindProjects
from langsmith_core.streams.registry import BY_TABLE, listing
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.sync.state import SHARDS_MAX, Backfill, State, Task

TASKS_MAX = 2_500
"""Tasks of one list: forty that were put aside, each of fifty projects, one by one."""
TEXT_MAX = 20_000
NUMBER_MAX = 2**60
CURSOR_MAX = 1_000_000
"""A longer cursor than this program keeps now may stand in a state of an older version; it is dropped (confine)."""
BACKFILLED = (FindProjects, RunWindow)
"""Kinds of work that a backfill has."""
NEVER = "it holds what this program never writes"


def check(state: State) -> None:
    """Raises ValueError, saying which part it is, for a state that this program has not written."""
    for field, value in _values("", state):
        _hold("a time", not isinstance(value, datetime) or is_sane(value))
        _hold("a number", not isinstance(value, int | float) or abs(value) <= NUMBER_MAX)  # which NaN is not
        _hold("a text", not isinstance(value, str) or _is_text(value, CURSOR_MAX if field == "cursor" else TEXT_MAX))
    _hold("newest", set(state.newest) <= set(BY_TABLE))
    _hold("weights", set(state.weights) <= set(BY_TABLE))
    _hold("lists", all(_is_known(table) for table in state.memory.lists))
    _hold("passes", len(state.passes) <= 10 and all(len(one.rows) <= 100 for one in state.passes))
    _hold("running", state.running is None or len(state.running.rows) <= 100)
    _hold("not_offered", _are_streams(state.not_offered) and all(BY_TABLE[name].optional for name in state.not_offered))
    _hold("completeness", _is_position(state.completeness))
    _hold("look", state.look is None or _are_streams(state.look.to_open))
    for place, tasks in (
        ("look", state.look.agenda if state.look else ()),
        ("backfill", state.backfill.agenda if state.backfill else ()),
        ("later", state.later),
    ):
        _hold(place, len(tasks) <= TASKS_MAX)
        for task in tasks:
            _task(place, task)
    _hold("backfill", state.backfill is None or all(type(task.work) in BACKFILLED for task in state.backfill.agenda))
    _hold("backfill", state.backfill is None or not state.backfill.given or _is_given(state.backfill))
    _hold("later", all(task.reason is not None for task in state.later))


def _task(place: str, task: Task) -> None:
    work = task.work
    _hold(place, work.is_sound and _is_listed(work))
    _hold(place, task.reason != "payload" or (task.since is not None and isinstance(work, RunsById | RunWindow)))
    _hold(place, task.reason != "broken" or work.is_list)


def _is_given(backfill: Backfill) -> bool:
    """Whether a backfill that is given out has no work in hand, and no more shards than there are."""
    return not backfill.agenda and backfill.given <= SHARDS_MAX


def _is_position(position: Position) -> bool:
    """Tell whether a check's position has bounded lists, of tables that are counted."""
    known = all(one.table in BY_TABLE for one in (*position.short, *position.gaps))
    return known and len(position.short) <= SHORT_MAX and len(position.gaps) <= GAPS_MAX


def _hold(place: str, kept: bool) -> None:
    if not kept:
        raise ValueError(f"{place}: {NEVER}")


def _is_listed(work: Item) -> bool:
    """Whether work on a list is of a listed table. What LangSmith's users cannot delete is never looked up."""
    if isinstance(work, LookUp):
        return _is_known(work.table) and listing(work.table).is_plain
    if not isinstance(work, ListAll):
        return True
    stream = BY_TABLE.get(work.table)
    return (
        stream is not None
        and stream.listing is not None
        and stream.listing.is_plain
        and (stream.deleted or not (work.seen or work.unseen))
    )


def _is_known(table: str) -> bool:
    """Whether the ids of a table are remembered: what is listed no more is looked up."""
    stream = BY_TABLE.get(table)
    return stream is not None and stream.listing is not None and stream.deleted


def _are_streams(names: tuple[str, ...]) -> bool:
    """Whether each is a stream, and none comes twice."""
    return set(names) <= set(BY_TABLE) and len(set(names)) == len(names)


def _is_text(text: str, characters: int) -> bool:
    """Whether a text is so short, and one that JSON can hold: a lone half of a character cannot be written again."""
    return len(text) <= characters and not has_halves(text)


def _values(field: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every value in it, however deep, with its field. What packed lists hold was checked as they were unpacked."""
    if isinstance(value, Struct):
        for name, inner in structs.asdict(value).items():
            yield from _values(name, inner)
        return
    if isinstance(value, dict):
        value = (*value.keys(), *value.values())
    elif isinstance(value, OpenRuns):
        value = tuple(one.start for one in value.runs)
    if not isinstance(value, tuple):
        if not isinstance(value, Ids):
            yield field, value
        return
    for inner in value:
        yield from _values(field, inner)
