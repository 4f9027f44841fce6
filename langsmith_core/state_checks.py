"""What may stand in a state that somebody hands in: whoever keeps it can change it.

Here: what this program writes, as rules about each part. What breaks one is refused before any request. Not here: types and
unknown fields (state_json), or what the settings allow of it (confine).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct, structs

from langsmith_core import ledger
from langsmith_core.parsers import is_id
from langsmith_core.stages import BATCH, DATASETS, EDITED, ENDED, FEEDBACKS, IDS_MAX, OWED, PROJECTS, STAGES, UNFINISHED, Stage
from langsmith_core.state import Left, Slice, State, Walk
from langsmith_core.streams import BY_TABLE, DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN
from langsmith_core.times import is_sane

SLICES_MAX = 2_500
"""Slices of one list: forty that were put aside, each of fifty projects, one by one."""
TEXT_MAX = 20_000
NUMBER_MAX = 2**60
CURSOR_MAX = 1_000_000
"""A longer cursor than this program keeps now may stand in a state of an older version; it is dropped (confine)."""
NEVER = "it holds what this program never writes"

READ: dict[Stage, tuple[str, ...]] = {
    PROJECTS: (RUN.table, PROJECT.table),
    UNFINISHED: (RUN.table,),
    ENDED: (RUN.table,),
    DATASETS: (EXAMPLE.table, DATASET.table),
    FEEDBACKS: (FEEDBACK.table, RUN.table),
    EDITED: (RUN.table, FEEDBACK.table),
    OWED: tuple(BY_TABLE),
}
"""The tables that a stage's slices read."""


def check(state: State) -> None:
    """Raises ValueError, saying which part it is, for a state that this program has not written."""
    for name, text in _ledgers(state):
        _ledger(name, text)
    for value in _values(state):
        _hold("a time", not isinstance(value, datetime) or is_sane(value))
        _hold("a number", not isinstance(value, int | float) or abs(value) <= NUMBER_MAX)  # which NaN is not
    _hold("newest", set(state.newest) <= set(BY_TABLE))
    _hold("passes", len(state.passes) <= 10 and all(len(one.rows) <= 100 for one in state.passes))
    _hold("a text", all(len(text) <= TEXT_MAX for text in _texts(state)))
    _ids("projects", (*(state.projects or ()), *state.left_out, *(state.looked_up.ids if state.looked_up else ())))
    if state.cycle:
        _walk("cycle", state.cycle.walk, STAGES[state.cycle.stage])
        if state.cycle.left:
            _left(state.cycle.left)
    if state.history:
        _ids("history", state.history.skip)
        _walk("history", state.history.walk, PROJECTS)
    _hold("history", not state.history or not any(piece.edited_since for piece in state.history.walk.slices))
    for place, slices in (("owed", state.owed), ("unfilled", state.unfilled)):
        _slices(place, slices, OWED)
    _hold("unfilled", all(piece.table == RUN.table and piece.unfilled_since for piece in state.unfilled))


def _hold(place: str, kept: bool) -> None:
    if not kept:
        raise ValueError(f"{place}: {NEVER}")


def _ids(place: str, ids: tuple[str, ...]) -> None:
    _hold(place, all(map(is_id, ids)))


def _left(left: Left) -> None:
    """A stage whose list failed: one that lists."""
    _hold("left", STAGES[left.stage].listing is not None)
    _walk("left", left.walk, STAGES[left.stage])


def _walk(place: str, walk: Walk, stage: Stage) -> None:
    listing = walk.listing
    _hold(place, listing is None or (listing.table == stage.listing and not listing.ids and not listing.parents))
    _hold(place, stage.child is not None or not (walk.pending or walk.late or walk.missing))
    _ids(place, (*walk.pending, *walk.late, *((listing.anchor,) if listing and listing.anchor else ())))
    _slices(place, walk.slices, stage)


def _slices(place: str, slices: tuple[Slice, ...], stage: Stage) -> None:
    _hold(place, len(slices) <= SLICES_MAX)
    for piece in slices:
        _hold(place, piece.table in READ[stage] and RULES[piece.table](piece))
        _hold(place, len(piece.parents) <= BATCH["v2"] and len(piece.ids) <= IDS_MAX)
        _hold(place, piece.cursor is None or len(piece.cursor) <= CURSOR_MAX)
        _ids(place, (*piece.parents, *piece.ids, *((piece.anchor,) if piece.anchor else ())))


def _is_of_runs(piece: Slice) -> bool:
    """A window, and the bounds of a query within it."""
    if not (piece.lo and piece.hi and piece.floor and piece.ceiling):
        return False
    return piece.lo <= piece.hi and piece.floor <= piece.ceiling and (bool(piece.parents) or bool(piece.ids))


def _is_of_feedback(piece: Slice) -> bool:
    """A window, or the feedback of a few runs."""
    return bool(piece.ids) != (piece.lo is not None and piece.hi is not None) and not _is_special(piece)


def _is_of_examples(piece: Slice) -> bool:
    """One dataset: its versions are asked for, or one is read, alone or against another."""
    compared = piece.hi is not None or (piece.lo is None and piece.ceiling is None)
    return len(piece.parents) == 1 and not piece.ids and compared and not _is_special(piece)


def _is_of_parent(piece: Slice) -> bool:
    """One parent by its id."""
    return len(piece.ids) == 1 and not piece.parents and not _is_special(piece)


def _is_special(piece: Slice) -> bool:
    """What only runs are asked for."""
    return bool(piece.ended_since or piece.edited_since or piece.unfilled_since or piece.cursor)


RULES: dict[str, Callable[[Slice], bool]] = {
    RUN.table: _is_of_runs,
    FEEDBACK.table: _is_of_feedback,
    EXAMPLE.table: _is_of_examples,
    PROJECT.table: _is_of_parent,
    DATASET.table: _is_of_parent,
}


def _ledgers(state: State) -> Iterator[tuple[str, str]]:
    """Every ledger and the name of its kind."""
    cycle, walks = state.cycle, [part.walk for part in (state.cycle, state.history) if part]
    parts = [one for one in (cycle, cycle.left if cycle else None) if one]
    yield from (("versions", state.versions), ("unfinished", state.unfinished), ("judged", cycle.judged if cycle else ""))
    for text in (state.known_projects, state.known_datasets, *(text for part in parts for text in (part.known, part.listed))):
        yield "known", text
    for walk in (*walks, *(part.walk for part in parts if isinstance(part, Left))):
        yield "missing", walk.missing


def _ledger(name: str, text: str) -> None:
    """A ledger can be read, to its end."""
    _hold(name, len(text) % ledger.CHARACTERS[name] == 0)
    try:
        ledger.READ[name](text)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{name}: {NEVER}") from error
    _hold(name, name != "versions" or all(map(is_sane, ledger.versions(text).values())))


def _values(value: Any) -> Iterator[Any]:
    """Every value in it, however deep."""
    if isinstance(value, Struct):
        value = tuple(structs.asdict(value).values())
    elif isinstance(value, dict):
        value = tuple(value.values())
    if not isinstance(value, tuple):
        yield value
        return
    for inner in value:
        yield from _values(inner)


def _texts(state: State) -> Iterator[str]:
    """Every text in it that is no ledger, list of ids or cursor."""
    yield from (state.source, state.meant)
    yield from ((state.scope.names,) if state.scope else ())
    yield from ((state.trouble.message,) if state.trouble else ())
    yield from ((state.looked_up.proof,) if state.looked_up else ())
