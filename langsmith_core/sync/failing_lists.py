"""What a failing list means: broken off and come back to, or left out where an older LangSmith may lack it."""

from __future__ import annotations

from langsmith_core.streams.context import Outcome
from langsmith_core.streams.registry import BY_TABLE
from langsmith_core.sync import agenda
from langsmith_core.sync.state import State, Task


def is_optional(task: Task) -> bool:
    """Tell whether a list is one that an older LangSmith may lack."""
    listing = BY_TABLE[task.work.table_name].listing
    return task.work.is_list and listing is not None and listing.optional


def broken_off(state: State, task: Task) -> State | None:
    """Leave a list of parents for the end of the look, once in a look; None where that was done before."""
    look = state.look
    if look is None or look.returned or state.waiting("broken"):
        return None
    return agenda.put_aside(agenda.applied(state, task, Outcome()), task.work, "broken")
