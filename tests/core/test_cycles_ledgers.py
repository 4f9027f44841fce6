"""What a cycle looks for by id: unfinished runs, missing and late projects, and what outlives a cycle that is given up."""

import pytest
from msgspec.structs import replace

from core.samples import NOW, settings
from core.walks import DAY, HOUR, MINUTE, A, B, C, D, at_stage, done, opened, project, run, uid
from langsmith_core import followups, ledger, plan, spans, stages
from langsmith_core.records import times
from langsmith_core.stages import DATASETS, ENDED, PROJECTS, UNFINISHED
from langsmith_core.sync.state import Cycle, Slice, State
from langsmith_core.streams.run_columns import RUN

DONE = NOW - 2 * HOUR
SOON = NOW + 5 * MINUTE
SINCE = DONE - DAY - 15 * MINUTE


def in_hand(state: State) -> Cycle:
    """The cycle in progress."""
    assert state.cycle
    return state.cycle


def with_unfinished(*entries: tuple[str, float, str]) -> State:
    """A finished sync whose ledger has these runs: id, days since its start, project."""
    text, _ = ledger.noted("", [run(ident, of, NOW - days * DAY) for ident, days, of in entries], DONE)
    return replace(done(DONE), unfinished=text)


def test_what_was_known_is_what_a_cycle_looks_for() -> None:
    """The ledgers move into the cycle, and back once the listing has been read."""
    state = opened(replace(done(DONE), known_projects=ledger.packed([A, B]), known_datasets=ledger.packed([C])))
    assert (state.known_projects, ledger.ids(in_hand(state).known)) == ("", [A, B])
    datasets = at_stage(state, DATASETS)
    assert (datasets.known_datasets, ledger.ids(in_hand(datasets).known)) == ("", [C])


@pytest.mark.parametrize("stage", [PROJECTS, DATASETS])
def test_a_listing_that_is_begun_again_forgets_nothing(stage: stages.Stage) -> None:
    """A cycle given up in the middle of a listing: all that was known, seen again or not, is known to the next."""
    state = at_stage(opened(replace(done(DONE), known_projects=ledger.packed([A]), known_datasets=ledger.packed([B]))), stage)
    both = replace(in_hand(state), known=ledger.packed([C]), listed=ledger.packed([D]))
    again = opened(replace(state, cycle=both), SYNC_RUNS="false")
    known = in_hand(again).known if stage is PROJECTS else again.known_datasets
    assert set(ledger.ids(known)) == {C, D}


def test_what_is_missing_outlives_a_change_of_configuration() -> None:
    """A project that was found missing, but not asked for yet when the cycle was given up, is missing in the next cycle too."""
    state = opened(replace(done(DONE), known_projects=ledger.packed([A, B])))
    state = plan.absorbed(state, in_hand(state).walk.listing or Slice(""), None, [project(A, NOW)], settings())
    assert ledger.ids(in_hand(state).walk.missing) == [B]
    assert B in ledger.ids(in_hand(opened(state, SYNC_EXAMPLES="false")).known)


def test_what_appeared_late_outlives_a_change_of_configuration() -> None:
    """A project found with an old past, not read yet when the cycle was given up, is found late by the next cycle too."""
    state = opened(replace(done(DONE), known_projects=ledger.packed([A])))
    state = plan.absorbed(state, in_hand(state).walk.listing or Slice(""), None, [project(A, NOW), project(B, NOW)], settings())
    assert in_hand(state).walk.late == (B,)
    assert B not in ledger.ids(in_hand(opened(state, SYNC_EXAMPLES="false")).known)


def test_unfinished_runs_are_asked_for_by_fifties_oldest_first() -> None:
    """Those that the cycle's window does not read anyway, of any project, with the bounds that find them."""
    entries = [(uid("e", number), 10 - number / 100, A if number % 2 else B) for number in range(120)]
    state = at_stage(opened(with_unfinished(*entries, (uid("f"), 0.5, A))), UNFINISHED)
    seen: list[str] = []
    piece = in_hand(state).walk.slices[0]
    first = Slice(
        RUN.name,
        (B, A),
        ids=tuple(ident for ident, *_ in entries[:50]),
        lo=NOW - 10 * DAY,
        hi=SOON,
        floor=NOW - 10 * DAY,
        ceiling=SOON,
        offset=piece.offset,
        anchor=entries[49][0],
    )
    assert piece == first
    step: Slice | None = piece
    while step:
        seen += step.ids
        step = followups.unfinished(state, settings(), (step.offset, step.anchor or ""))
    assert seen == [ident for ident, *_ in entries]


def test_unfinished_runs_of_other_projects_are_left_alone() -> None:
    """PROJECTS limits what is asked for; without runs nothing is."""
    state = with_unfinished((uid("e", 1), 5, A), (uid("e", 2), 5, B))
    of_a = at_stage(opened(state, (A,), PROJECTS="a"), UNFINISHED, PROJECTS="a")
    assert [piece.ids for piece in in_hand(of_a).walk.slices] == [(uid("e", 1),)]
    without = at_stage(opened(state, SYNC_RUNS="false"), UNFINISHED, SYNC_RUNS="false")
    assert in_hand(without).walk.slices == ()


@pytest.mark.parametrize(("days", "asked"), [(None, False), (1, True), (13, True), (14, True), (15, False)])
def test_a_ledger_that_overflowed_asks_for_what_has_ended(days: int | None, asked: bool) -> None:
    """While runs may be unfinished that it could not hold, projects are asked for what has ended since the last cycle."""
    state = at_stage(opened(replace(done(DONE), overflow=days and NOW - days * DAY)), ENDED)
    assert (in_hand(state).walk.listing is not None) == asked
    assert spans.window(state, settings()) == (DONE - 14 * DAY, SINCE)


def test_what_has_ended_is_not_asked_for_before_start_time() -> None:
    """START_TIME is the oldest start to sync, in every stage."""
    start = {"START_TIME": times.render(NOW - 3 * DAY)}
    state = at_stage(opened(replace(done(DONE, **start), overflow=NOW - DAY), **start), ENDED, **start)
    assert spans.window(state, settings(**start))[0] >= NOW - 3 * DAY
