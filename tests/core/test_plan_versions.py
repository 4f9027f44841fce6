"""Which examples are read, by the versions of their dataset."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from core.samples import NOW, settings
from core.walks import A, B, C, done, opened
from langsmith_core import ledger, plan, walks
from langsmith_core.sync.state import Cycle, Slice, State, Walk
from langsmith_core.streams.datasets import DATASET
from langsmith_core.streams.examples import EXAMPLE

ALL = settings()
OLD, NEW, SEEN = NOW - timedelta(days=3), NOW - timedelta(days=1), NOW + timedelta(seconds=2)
WAITING, NEXT = Slice(EXAMPLE.name, (A,)), Slice(EXAMPLE.name, (B,))


def in_hand(state: State) -> tuple[Slice, ...]:
    """The slices in progress."""
    assert state.cycle
    return state.cycle.walk.slices


def reading(*slices: Slice, known: datetime | None = None) -> State:
    """A cycle with these slices in progress, which knows the first dataset at that version."""
    versions = ledger.with_version("", A, known, 32_000)
    state = replace(opened(done(NOW - timedelta(hours=2))), versions=versions)
    assert state.cycle
    return replace(state, cycle=replace(state.cycle, walk=Walk(None, slices=slices)))


# The version known, the newest one, and what is read of the dataset.
NEWEST: list[tuple[datetime | None, datetime | None, tuple[Slice, ...]]] = [
    (None, NEW, (replace(WAITING, hi=NEW, seen=SEEN),)),
    (None, None, (replace(WAITING, hi=NOW, floor=NOW, seen=SEEN),)),
    (OLD, None, (replace(WAITING, hi=NOW, floor=NOW, seen=SEEN),)),
    (OLD, NEW, (replace(WAITING, lo=OLD, hi=NEW, seen=SEEN),)),
    (NEW, OLD, (replace(WAITING, lo=NEW, hi=OLD, seen=SEEN),)),
    (NEW, NEW, ()),
]


@pytest.mark.parametrize(("known", "newest", "read"), NEWEST)
def test_what_is_read_follows_the_newest_version(
    known: datetime | None, newest: datetime | None, read: tuple[Slice, ...]
) -> None:
    """A dataset at the version it was read at costs nothing more; another one is read by the difference, a new one whole."""
    assert in_hand(plan.versioned(reading(WAITING, NEXT, known=known), WAITING, newest, SEEN)) == (*read, NEXT)


def test_a_version_is_noted_once_it_was_read_to_its_end() -> None:
    """Not before: an interrupted reading is gone on with, and a difference begins where the last whole reading ended."""
    whole = replace(WAITING, hi=NEW)
    state = reading(whole, known=OLD)
    half = plan.absorbed(state, whole, replace(whole, offset=99), [], ALL)
    assert ledger.versions(half.versions) == {A: OLD}
    assert ledger.versions(plan.absorbed(half, in_hand(half)[0], None, [], ALL).versions) == {A: NEW}


def test_a_dataset_without_a_version_is_read_anew_each_time() -> None:
    """Our clock stands for its version and is no version: what is added a moment later may be older by LangSmith's."""
    whole = replace(WAITING, hi=NOW, floor=NOW)
    assert plan.absorbed(reading(whole), whole, None, [], ALL).versions == ""


def test_the_version_of_a_dataset_that_is_gone_is_forgotten() -> None:
    """It would take room for ever; and if the dataset comes back, all its examples are read again."""
    piece = Slice(DATASET.name, ids=(A,))
    after = plan.gone(reading(piece, known=OLD), piece, ALL)
    assert after is not None
    assert after.versions == ""


def test_a_dataset_that_is_gone_meanwhile_is_passed_over() -> None:
    """Its version stays as it was, and the next dataset follows."""
    state = reading(replace(WAITING, hi=NEW), NEXT, known=OLD)
    after = plan.gone(state, in_hand(state)[0], ALL)
    assert after
    assert (in_hand(after), ledger.versions(after.versions)) == ((NEXT,), {A: OLD})


def test_names_of_all_that_waits_are_asked_for_together() -> None:
    """Parents whose children come next, late ones last."""
    state = opened(done(NOW - timedelta(hours=2)))
    assert state.cycle
    cycle: Cycle = replace(state.cycle, walk=Walk(None, pending=(A, B), late=(C,)))
    assert walks.waiting(replace(state, cycle=cycle)) == (A, B, C)
    assert walks.waiting(state) == ()
