"""Slices that were put aside: which are still to be read in a new cycle, and where they go back when one ends early.

Pure: values in, values out. Not here: why a slice is put aside (walks, unfilled), or when it is tried again (cycles).
"""

from __future__ import annotations

from msgspec.structs import replace

from langsmith_core.state import Scope, Slice, State
from langsmith_core.streams import FEEDBACK, RUN


def put_back(state: State, slices: tuple[Slice, ...]) -> State:
    """The state with slices of its last stage put back among those that failed, or wait for payloads."""
    owed = tuple(piece for piece in slices if not piece.unfilled_since)
    unfilled = tuple(piece for piece in slices if piece.unfilled_since)
    return replace(state, owed=(*owed, *state.owed), unfilled=(*unfilled, *state.unfilled))


def still(
    slices: tuple[Slice, ...], scope: Scope, projects: tuple[str, ...] | None, left_out: tuple[str, ...]
) -> tuple[Slice, ...]:
    """The slices that were put aside and are still to be read."""
    return tuple(part for piece in slices if _wanted(piece, scope, projects) for part in _without(piece, left_out))


def _wanted(piece: Slice, scope: Scope, projects: tuple[str, ...] | None) -> bool:
    """Whether a slice that was put aside is still to be read. Examples are not: the new cycle finds their datasets unread."""
    on = {RUN.table: scope.runs, FEEDBACK.table: scope.feedback}.get(piece.table, False)
    return on and (projects is None or not piece.parents or set(piece.parents) <= set(projects))


def _without(piece: Slice, left_out: tuple[str, ...]) -> tuple[Slice, ...]:
    """The slice without projects that are never read, if it then has any."""
    parents = tuple(one for one in piece.parents if one not in left_out)
    return (replace(piece, parents=parents),) if parents or not piece.parents else ()
