"""Any state that the program may write, as Hypothesis strategies."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from msgspec.structs import replace

from core.samples import IDS, MOMENTS, NOW, encoded
from langsmith_core import ledger
from langsmith_core.records import rows
from langsmith_core.stages import PROJECTS, STAGES, UNFINISHED, Stage
from langsmith_core.sync.state import Cycle, History, Scope, Slice, State, Walk
from langsmith_core.streams.feedback import FEEDBACK
from langsmith_core.streams.run_columns import RUN

CURSORS = st.text(st.characters(codec="ascii"), min_size=1, max_size=40)
LEDGERS = st.lists(IDS, max_size=4, unique=True).map(ledger.packed)


def unfinished(count: int) -> str:
    """A ledger of so many unfinished runs."""
    records = [
        {"id": f"{n:08}-0000-4000-8000-{n:012}", "session_id": f"{n:08}-0000-4000-8000-000000000000"} for n in range(count)
    ]
    found = [rows.to_row(RUN, encoded({**record, "start_time": "2026-05-25T00:00:00"}), {}) for record in records]
    return ledger.noted("", found, NOW)[0]


UNFINISHED_RUNS = st.integers(0, 4).map(unfinished)


def ids(most: int = 4) -> st.SearchStrategy[tuple[str, ...]]:
    """Ids of projects or datasets."""
    return st.lists(IDS, max_size=most, unique=True).map(tuple)


def lists(table: str) -> st.SearchStrategy[Slice]:
    """A place in an offset list."""
    offset = st.integers(0, 10**6)
    return st.builds(Slice, st.just(table), parents=ids(), offset=offset, anchor=st.none() | IDS, limit=st.integers(0, 100))


@st.composite
def run_slices(draw: st.DrawFn) -> Slice:
    """A place in a run query."""
    lo, floor, hi, ceiling = sorted(draw(st.lists(MOMENTS, min_size=4, max_size=4)))
    parents = draw(ids().filter(bool))
    cursor, limit = draw(st.none() | CURSORS), draw(st.integers(0, 1000))
    piece = Slice(RUN.name, parents, lo=lo, hi=hi, floor=floor, ceiling=ceiling, cursor=cursor, limit=limit)
    return replace(piece, ids=draw(ids()), ended_since=draw(st.none() | MOMENTS))


def walks(stage: Stage) -> st.SearchStrategy[Walk]:
    """A place in the walk of a stage."""
    children = run_slices() if stage.child == RUN.name or stage is UNFINISHED else lists(stage.child or FEEDBACK.name)
    return st.builds(
        Walk,
        listing=st.none() | lists(stage.listing) if stage.listing else st.none(),
        pending=ids(),
        late=ids(),
        missing=LEDGERS,
        slices=st.lists(children, max_size=2).map(tuple),
        stats_seen=st.booleans(),
    )


CYCLES = st.integers(0, len(STAGES) - 1).flatmap(
    lambda stage: st.builds(
        Cycle,
        until=MOMENTS,
        walk=walks(STAGES[stage]),
        since=st.none() | MOMENTS,
        feedback_since=st.none() | MOMENTS,
        deep=st.booleans(),
        stage=st.just(stage),
        known=LEDGERS,
        listed=LEDGERS,
    )
)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A history at any place."""
    lo = draw(MOMENTS)
    hi = lo + timedelta(seconds=draw(st.integers(1, 10**7)))
    return History(lo=lo, hi=hi, walk=draw(walks(PROJECTS)), skip=draw(ids()))


SCOPES = st.builds(
    Scope,
    start_time=st.none() | MOMENTS,
    names=st.text("0123456789abcdef", max_size=16),
    runs=st.booleans(),
    examples=st.booleans(),
    feedback=st.booleans(),
)
STATES: st.SearchStrategy[State] = st.builds(
    State,
    source=st.just("0123456789abcdef"),
    api=st.sampled_from([None, "v1", "v2"]),
    done_to=st.none() | MOMENTS,
    begun=st.none() | MOMENTS,
    scope=st.none() | SCOPES,
    projects=st.none() | ids(),
    cycle=st.none() | CYCLES,
    history=st.none() | histories(),
    stats_served=st.booleans(),
    empties=st.integers(0, 9),
    row_bytes=st.integers(0, 10**7),
    known_projects=LEDGERS,
    known_datasets=LEDGERS,
    unfinished=UNFINISHED_RUNS,
    overflow=st.none() | MOMENTS,
    reconciled=st.none() | MOMENTS,
)
