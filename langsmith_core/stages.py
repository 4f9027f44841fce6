"""The stages of a cycle, as data: what each lists and what it reads for each parent listed.

Here: the table, and where in a state the walk in hand is. Not here: the walk's bounds (spans) or its order (plan).
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from langsmith_core.state import State, Walk
from langsmith_core.streams import DATASET, EXAMPLE, PROJECT, RUN

IDS_MAX = 50
"""Ids in one request: what lists are known to take (langsmith-sdk #859)."""
BATCH = {"v1": 1, "v2": IDS_MAX}
"""Projects in one run query: v1 honours only the first."""


class Stage(Struct, frozen=True):
    """One walk of a cycle: the table whose pages are listed, if any, and the table read for each parent on them."""

    name: str
    listing: str | None = None
    child: str | None = None


PROJECTS, UNFINISHED, ENDED, DATASETS, FEEDBACKS, EDITED, OWED = STAGES = (
    Stage("projects", PROJECT.table, RUN.table),
    Stage("unfinished"),  # runs that had not ended, by id
    Stage("ended", PROJECT.table, RUN.table),  # what has ended since, where more were unfinished than the ledger holds
    Stage("datasets", DATASET.table, EXAMPLE.table),
    Stage("feedback"),  # and the runs that it touches, by id
    Stage("edited"),  # runs whose feedback was edited, and that feedback: v2 only
    Stage("owed"),  # slices that failed before and were put aside
)


def in_hand(state: State) -> tuple[Walk, Stage]:
    """The walk that is read now, and its stage: the cycle's, else the history's, which walks like the first stage."""
    if state.cycle:
        return state.cycle.walk, STAGES[state.cycle.stage]
    assert state.history  # noqa: S101  the engine asks only while there is work
    return state.history.walk, PROJECTS


def with_walk(state: State, walk: Walk) -> State:
    """The state with the walk in hand replaced."""
    if state.cycle:
        return replace(state, cycle=replace(state.cycle, walk=walk))
    assert state.history  # noqa: S101  as above
    return replace(state, history=replace(state.history, walk=walk))


def stage_of(state: State) -> Stage | None:
    """The cycle's stage; None while history drains."""
    return STAGES[state.cycle.stage] if state.cycle else None
