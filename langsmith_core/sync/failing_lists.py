"""What a failing list means: break it off and return to it, or ask again without the dead cursor."""

from __future__ import annotations

from langsmith_core.remarks import Remarks
from langsmith_core.streams.context import Outcome
from langsmith_core.streams.queue_items import QueueItems
from langsmith_core.sync import agenda
from langsmith_core.sync.failing_runs import CURSOR_DIED
from langsmith_core.sync.state import State, Task


def broken_off(state: State, task: Task) -> State | None:
    """Leave a list of parents for the end of the look, once in a look; None where that was done before."""
    look = state.look
    if look is None or look.returned or state.waiting("broken"):
        return None
    return agenda.put_aside(agenda.applied(state, task, Outcome()), task.work, "broken")


def without_cursor(state: State, task: Task, work: QueueItems, remarks: Remarks) -> State | None:
    """Ask a section of a queue from its top where LangSmith refuses its cursor; None where that has not helped."""
    again = work.from_top()
    if again is None:
        return None
    remarks.add(CURSOR_DIED, work.table_name)
    return agenda.replaced(state, task, again)
