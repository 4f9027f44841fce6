"""What a batch has gained for its call. Pure: a batch, its failure and the state before in."""

from __future__ import annotations

from msgspec.structs import replace

from langsmith_core.errors import OutOfTimeError, SyncError
from langsmith_core.sync.batch import Batch
from langsmith_core.sync.state import State


def gained(batch: Batch, failure: SyncError | None, begun: State) -> bool:
    """Tell whether a batch has read something, or its call moved the position before its time ended."""
    return (batch.pages > 0 or isinstance(failure, OutOfTimeError)) and not (failure and _same(batch.state, begun))


def _same(state: State, other: State) -> bool:
    """Tell whether two states stand at one place: then what was read between them was for nothing."""
    return _place(state) == _place(other)


def _place(state: State) -> State:
    look = replace(state.look, calls=0) if state.look else None
    return replace(state, look=look, empties=0, weights={}, newest={}, answered=None)
