"""Any state that the program may write, as Hypothesis strategies."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from core.samples import IDS, MOMENTS
from langsmith_core.cycles import STAGES
from langsmith_core.state import Cycle, History, Scope, Slice, State, Walk
from langsmith_core.streams import FEEDBACK, PROJECT, RUN

CURSORS = st.text(st.characters(codec="ascii"), min_size=1, max_size=40)


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
    return Slice(RUN.table, parents, lo=lo, hi=hi, floor=floor, ceiling=ceiling, cursor=cursor, limit=limit)


def walks(listing: str, slices: st.SearchStrategy[Slice]) -> st.SearchStrategy[Walk]:
    """A place in a walk."""
    return st.builds(
        Walk,
        listing=st.none() | lists(listing),
        pending=ids(),
        slices=st.lists(slices, max_size=2).map(tuple),
        stats_seen=st.booleans(),
    )


@st.composite
def cycles(draw: st.DrawFn) -> Cycle:
    """A cycle in any stage."""
    stage = draw(st.integers(0, len(STAGES) - 1))
    listing, child = STAGES[stage].listing or RUN.table, STAGES[stage].child
    slices = run_slices() if child == RUN.table else lists(child or FEEDBACK.table)
    since, until = draw(st.none() | MOMENTS), draw(MOMENTS)
    return Cycle(
        until=until, walk=draw(walks(listing, slices)), since=since, feedback_since=draw(st.none() | MOMENTS), stage=stage
    )


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A history at any place."""
    lo = draw(MOMENTS)
    hi = lo + timedelta(seconds=draw(st.integers(1, 10**7)))
    return History(lo=lo, hi=hi, walk=draw(walks(PROJECT.table, run_slices())), skip=draw(ids()))


SCOPES = st.builds(
    Scope,
    start_time=st.none() | MOMENTS,
    names=st.lists(st.text(min_size=1, max_size=9), max_size=3).map(tuple),
    runs=st.booleans(),
    examples=st.booleans(),
    feedback=st.booleans(),
)
STATES: st.SearchStrategy[State] = st.builds(
    State,
    source=st.just("0123456789abcdef"),
    api=st.sampled_from([None, "v1", "v2"]),
    done_to=st.none() | MOMENTS,
    scope=st.none() | SCOPES,
    projects=st.none() | ids(),
    cycle=st.none() | cycles(),
    history=st.none() | histories(),
    stats_served=st.booleans(),
    empties=st.integers(0, 9),
    row_bytes=st.integers(0, 10**7),
)
