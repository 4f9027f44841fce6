"""What a batch has gained for its call.

Pure: a batch, its failure and the state before in. Not here: the loop that makes batches (engine).
"""

from __future__ import annotations

from msgspec.structs import replace

from langsmith_core.batch import Batch
from langsmith_core.errors import OutOfTimeError, SyncError
from langsmith_core.state import State


def gained(batch: Batch, failure: SyncError | None, begun: State) -> bool:
    """Whether a batch has read something, or its call has got on as far as its time went: the next one goes on from there."""
    return (batch.pages > 0 or isinstance(failure, OutOfTimeError)) and not (failure and _same(batch.state, begun))


def _same(state: State, other: State) -> bool:
    """Whether two states stand at one place: what was read between them was for nothing."""
    return _place(state) == _place(other)


def _place(state: State) -> State:
    cycle = replace(state.cycle, calls=0) if state.cycle else None
    return replace(state, cycle=cycle, empties=0, row_bytes=0, weights={}, newest={}, answered=None)
