"""Shards: a backfill cut into windows of time. Each has a state of its own, so that several instances read it at once.

Pure: states in, states out. The state that gives a backfill out keeps its bounds, and looks go on in it. A shard's state has
nothing but its window, and no look. Once all shards are done, what they could not finish goes back (`absorbed`).

Here: the windows, and what goes from one state to the other. Not here: where states are kept (destinations), or who runs a
shard (faces.sharded).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from langsmith_core.settings.config import fingerprint
from langsmith_core.streams.bounds import Past
from langsmith_core.streams.ledgers import EPOCH
from langsmith_core.streams.memory import Memory, Runs
from langsmith_core.streams.registry import PROJECT
from langsmith_core.streams.run_queries import PROJECTS_A_QUERY
from langsmith_core.streams.runs_unfinished import UNFINISHED_MAX
from langsmith_core.sync import backfill
from langsmith_core.sync.state import SHARDS_MAX, Backfill, State

SHARDS_AN_INSTANCE = 4
"""Windows for each instance at least, so that none is left with one long window in the end."""
QUERIES_MAX = 2_000
"""What all windows together may cost where they are empty: each asks once for every fifty projects. That is a minute of v2's
limit."""
SHORTEST = timedelta(hours=1)


class Standing(Struct, frozen=True):
    """Where a shard stands: the turns made, whether it is done, and the seconds since its document last changed."""

    turn: int
    done: bool
    still_seconds: float


def given_out(state: State, instances: int) -> State:
    """Give the backfill out where it is this state's turn and `instances` may read it; the same state elsewhere."""
    past = state.backfill
    if not instances or state.look or past is None or past.given or state.turn is not None or not _may(state):
        return state
    return replace(state, backfill=Backfill(past.past, given=count(past.past, instances, len(state.memory.known(PROJECT.name)))))


def taken_back(state: State, instances: int) -> State:
    """Take the backfill back, to its beginning, where shards may not read it any more; the same state elsewhere."""
    if state.backfill is None or not state.backfill.given or (instances and _may(state)):
        return state
    past = state.backfill.past
    return replace(state, backfill=backfill.over(past.lo, past.hi, past.skip))


def _may(state: State) -> bool:
    """Tell whether the past is asked for by v2 alone. One instance uses up v1's limit, and v1 asks for one project at a time."""
    return state.api == "v2" and state.memory.runs.v1_before is None


def count(past: Past, instances: int, projects: int) -> int:
    """Choose the number of windows. Many share the work evenly; empty ones cost queries, more where there are many projects."""
    queries = -(-max(1, projects) // PROJECTS_A_QUERY["v2"])
    wanted = max(instances * SHARDS_AN_INSTANCE, min(SHARDS_MAX, QUERIES_MAX // queries))
    return max(1, min(wanted, SHARDS_MAX, (past.hi - past.lo) // SHORTEST))


def begun(state: State) -> Mapping[str, State]:
    """Return the first state of every shard by its id, oldest first; empty where no backfill is given out.

    The same backfill always has the same ids. Another, or one of another configuration, has others.
    """
    if state.backfill is None or not state.backfill.given:
        return {}
    past, mark = state.backfill.past, fingerprint(msgspec.json.encode((_bounds(state.backfill), state.scope)).decode())
    edges = [past.lo + (past.hi - past.lo) * i / state.backfill.given for i in range(state.backfill.given)]
    pairs = zip(edges, [*edges[1:], past.hi], strict=True)
    return {f"{mark}-{i}": _of_window(state, lo, hi) for i, (lo, hi) in enumerate(pairs)}


def _bounds(given: Backfill) -> tuple[datetime, datetime, int, str]:
    return given.past.lo, given.past.hi, given.given, given.past.skip.packed()


def _of_window(state: State, lo: datetime, hi: datetime) -> State:
    """Make a shard's first state: the window, and what the looks have learned of the instance and its projects."""
    runs, known = state.memory.runs, state.memory.known(PROJECT.name)
    learned = Runs(plain=runs.plain, own_usage=runs.own_usage, page_rows=runs.page_rows, pages_fail=runs.pages_fail)
    memory = Memory(projects=state.memory.projects, runs=learned).with_known(PROJECT.name, known)
    skip = state.backfill.past.skip if state.backfill else None
    return State(
        source=state.source,
        api=state.api,
        done_to=state.done_to,
        scope=state.scope,
        projects=state.projects,
        left_out=state.left_out,
        meant=state.meant,
        backfill=backfill.over(lo, hi, skip) if skip else backfill.over(lo, hi),
        memory=memory,
        weights=state.weights,
        turn=0,
    )


def is_done(shard: State) -> bool:
    """Tell whether a shard has read its window, all but what it has put aside."""
    return shard.turn is not None and shard.backfill is None


def absorbed(state: State, done: Sequence[State]) -> State:
    """End the backfill, and take over what its shards leave: work put aside, unfinished runs, the newest times."""
    runs = state.memory.runs
    still_open = [one for shard in done for one in shard.memory.runs.unfinished.runs]
    ledger, dropped = runs.unfinished.noted((), still_open, UNFINISHED_MAX, EPOCH)
    overflows = (runs.overflow, dropped, *(shard.memory.runs.overflow for shard in done))
    runs = replace(runs, unfinished=ledger, overflow=max(filter(None, overflows), default=None))
    later = (*state.later, *(task for shard in done for task in shard.later))
    memory = state.memory.with_runs(runs)
    return replace(state, backfill=None, later=later, memory=memory, newest=_newest([state, *done]))


def _newest(states: Sequence[State]) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for state in states:
        found |= {table: max(time, found.get(table, time)) for table, time in state.newest.items()}
    return found
