"""What a failing list means: broken off and come back to."""

from __future__ import annotations

from langsmith_core.streams.context import Outcome
from langsmith_core.sync import agenda
from langsmith_core.sync.state import State, Task


def broken_off(state: State, task: Task) -> State | None:
    """Leave a list of parents for the end of the look, once in a look; None where that was done before."""
    look = state.look
    if look is None or look.returned or state.waiting("broken"):
        return None
    return agenda.put_aside(agenda.applied(state, task, Outcome()), task.work, "broken")
