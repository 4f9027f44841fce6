"""What a listing means for the plan: projects and datasets that are new, late, missing or gone."""

from typing import Any, Literal

import pytest
from msgspec.structs import replace

from core.samples import NOW, settings
from core.walks import DAY, HOUR, MINUTE, SOURCE, A, B, C, D, at_stage, dataset, done, feedback, opened, project, run, uid, walked
from langsmith_core import ledger, plan
from langsmith_core.records.rows import Row
from langsmith_core.stages import DATASETS, FEEDBACKS
from langsmith_core.sync.state import Cycle, Slice, State, Walk
from langsmith_core.streams.datasets import DATASET
from langsmith_core.streams.examples import EXAMPLE
from langsmith_core.streams.projects import PROJECT
from langsmith_core.streams.run_columns import RUN
from langsmith_core.windows import begun

DONE = NOW - 2 * HOUR
SOON = NOW + 5 * MINUTE
YEAR_AGO = NOW - 400 * DAY
SINCE = DONE - DAY - 15 * MINUTE
ALL = settings()


def in_hand(state: State) -> Cycle:
    """The cycle in progress."""
    assert state.cycle
    return state.cycle


def knowing(*projects: str, datasets: tuple[str, ...] = ()) -> State:
    """A cycle begun after one that had listed these."""
    known = replace(done(DONE), known_projects=ledger.packed(projects), known_datasets=ledger.packed(datasets))
    return opened(known)


def listed(state: State, *pages: list[Row], **configuration: str) -> State:
    """The state once the listing was read in these pages."""
    for number, page in enumerate(pages, start=1):
        listing = in_hand(state).walk.listing
        assert listing
        after = replace(listing, offset=number) if number < len(pages) else None
        state = plan.absorbed(state, listing, after, page, settings(**configuration))
    return state


def test_a_project_that_no_listing_had_is_read_from_its_beginning() -> None:
    """It may have come with an old past; those known are read since the last cycle."""
    state = listed(knowing(A), [project(A, NOW), project(B, NOW - 30 * DAY)])
    assert (in_hand(state).walk.pending, in_hand(state).walk.late) == ((A,), (B,))
    asked = [piece for _, piece in walked(state, {}, ALL) if piece.table == RUN.name]
    assert asked == [begun(Slice(RUN.name, (A,), lo=SINCE, hi=SOON)), begun(Slice(RUN.name, (B,), lo=YEAR_AGO, hi=SOON))]


def test_a_new_project_on_any_page_is_known_once() -> None:
    """A row that two pages repeat is one project."""
    state = listed(knowing(A, B), [project(A, NOW), project(C, NOW)], [project(C, NOW), project(B, NOW)])
    assert in_hand(state).walk.late == (C,)
    assert sorted(ledger.ids(state.known_projects)) == [A, B, C]


def test_a_new_project_on_two_pages_is_asked_for_once() -> None:
    """Pages overlap by a row: a project that stands on both costs one request all the same."""
    state = listed(knowing(A, B), [project(A, NOW), project(C, NOW)], [project(C, NOW), project(B, NOW)])
    assert (in_hand(state).walk.pending, in_hand(state).walk.late) == ((A, B), (C,))


def test_in_a_first_cycle_no_project_is_late() -> None:
    """What a first cycle leaves, its history reads."""
    state = listed(opened(State(source=SOURCE)), [project(A, NOW), project(B, NOW - 30 * DAY)])
    assert (in_hand(state).walk.pending, in_hand(state).walk.late) == ((A,), ())
    assert ledger.ids(state.known_projects) == [A, B]


def test_a_project_of_others_or_without_runs_is_not_read_late() -> None:
    """PROJECTS limits it, and a project without runs costs no request."""
    named = {"PROJECTS": "a"}
    state = opened(replace(done(DONE, (A,), **named), known_projects=ledger.packed([A])), (A,), **named)
    assert in_hand(listed(state, [project(A, NOW), project(B, NOW)], **named)).walk.late == ()
    assert in_hand(listed(knowing(A), [project(A, NOW), project(B)])).walk.late == ()


def test_a_full_ledger_finds_nothing_late_and_misses_nothing() -> None:
    """Beyond two thousand ids a project may be new or merely not held: none is taken for late, none for missing."""
    known = [uid("e", number) for number in range(settings().known_max)]
    page = [project(one, NOW) for one in [*known, A]]
    state = listed(knowing(*known), page)
    assert (in_hand(state).walk.late, in_hand(state).walk.missing) == ((), "")
    assert len(ledger.ids(state.known_projects)) == settings().known_max


@pytest.mark.parametrize(
    ("state", "table", "found"),
    [
        (knowing(A, B), PROJECT.name, [project(A, NOW)]),
        (at_stage(knowing(datasets=(A, B)), DATASETS), DATASET.name, [dataset(A)]),
    ],
)
def test_what_was_known_and_is_listed_no_more_is_asked_for_by_its_id(state: State, table: str, found: list[Row]) -> None:
    """After the children of those listed; a 404 lets it go, and it is no longer known."""
    state = listed(state, found)
    assert ledger.ids(in_hand(state).walk.missing) == [B]
    asked = [(at, piece) for at, piece in walked(state, {}, ALL) if piece.table == table and piece.ids]
    assert [piece for _, piece in asked] == [Slice(table, ids=(B,))]
    after = plan.gone(*asked[0], settings())
    assert after
    assert in_hand(after).walk == replace(in_hand(asked[0][0]).walk, slices=())
    assert B not in ledger.ids(after.known_projects) + ledger.ids(after.known_datasets)


def test_what_is_there_all_the_same_is_known_again_and_read() -> None:
    """A listing that shifted hid it: its children are read like any other's."""
    state = listed(knowing(A, B), [project(A, NOW)])
    at, by_id = next((at, piece) for at, piece in walked(state, {}, ALL) if piece.ids)
    state = plan.absorbed(at, by_id, None, [project(B, NOW)], ALL)
    assert (in_hand(state).walk.pending, in_hand(state).walk.slices) == ((B,), ())
    assert ledger.ids(state.known_projects) == [A, B]
    _, piece = plan.next_slice(state, ALL, "v1")
    assert piece == begun(Slice(RUN.name, (B,), lo=SINCE, hi=SOON))


def test_a_dataset_that_is_there_all_the_same_is_known_again_and_read() -> None:
    """As a project."""
    state, piece = plan.next_slice(listed(at_stage(knowing(datasets=(A,)), DATASETS), []), ALL, "v1")
    assert piece == Slice(DATASET.name, ids=(A,))
    state = plan.absorbed(state, piece, None, [dataset(A)], ALL)
    _, children = plan.next_slice(state, ALL, "v1")
    assert children
    assert (ledger.ids(state.known_datasets), children.table, children.parents) == ([A], EXAMPLE.name, (A,))


def test_history_lists_projects_without_touching_the_ledger() -> None:
    """Only a cycle's own listing says what there is."""
    state = replace(opened(State(source=SOURCE)), cycle=None, done_to=NOW, known_projects=ledger.packed([A]))
    assert state.history
    after = plan.absorbed(state, state.history.walk.listing or Slice(PROJECT.name), None, [project(B, NOW - 9 * DAY)], ALL)
    assert after.history
    assert (ledger.ids(after.known_projects), after.history.walk) == ([A], Walk(None, pending=(B,), stats_seen=True))


def test_unfinished_runs_of_every_page_are_noted() -> None:
    """Whatever slice brings it, a run without an end is asked for again, and one with an end no longer."""
    state = replace(knowing(A), cycle=replace(in_hand(knowing(A)), walk=Walk(None, slices=(Slice(RUN.name, (A,)),))))
    piece = in_hand(state).walk.slices[0]
    state = plan.absorbed(state, piece, piece, [run(uid("e"), A, NOW - HOUR), run(uid("f"), A, NOW - HOUR, NOW - HOUR)], ALL)
    assert [one.run_id for one in ledger.unfinished(state.unfinished)] == [uid("e")]
    state = plan.absorbed(state, piece, piece, [run(uid("e"), A, NOW - HOUR, NOW - HOUR)], ALL)
    assert state.unfinished == ""


TOUCHED = [
    # feedback, whether its run is read again
    (feedback(uid("f"), uid("e"), NOW - MINUTE), True),
    (feedback(uid("f"), uid("e"), DONE - 15 * MINUTE), True),
    (feedback(uid("f"), uid("e"), DONE - HOUR), False),
    (feedback(uid("f"), uid("e"), DONE - HOUR, modified_at="2026-05-31T23:00:00"), True),
    (feedback(uid("f"), uid("e"), NOW - MINUTE, modified_at="2026-05-01T00:00:00"), False),
    (feedback(uid("f"), None, NOW - MINUTE), False),
]


def touched(state: State, *found: Row, **configuration: str) -> tuple[Slice, ...]:
    """The slices that wait once this feedback was read to its end."""
    state = at_stage(state, FEEDBACKS, **configuration)
    return in_hand(plan.absorbed(state, in_hand(state).walk.slices[0], None, found, settings(**configuration))).walk.slices


@pytest.mark.parametrize(("row", "read"), TOUCHED)
def test_runs_that_feedback_has_touched_are_read_again(row: Row, read: bool) -> None:
    """Their statistics have changed: whatever was given or edited since the last cycle, wherever the run lies."""
    expected = (begun(Slice(RUN.name, (A,), (uid("e"),), lo=YEAR_AGO, hi=SOON)),) if read else ()
    assert touched(knowing(A), row) == expected


@pytest.mark.parametrize(("api", "projects", "read"), [("v1", None, True), ("v2", None, False), ("v1", (A,), False)])
def test_feedback_that_names_no_project_touches_a_run_by_its_id_alone(
    api: Literal["v1", "v2"], projects: tuple[str, ...] | None, read: bool
) -> None:
    """On v1, which looks at ids alone, and where every project is read; v2 wants the project."""
    given = feedback(uid("f"), uid("e"), NOW - MINUTE, session_id=None)
    expected = (begun(Slice(RUN.name, (), (uid("e"),), lo=YEAR_AGO, hi=SOON)),) if read else ()
    found = touched(replace(knowing(A), api=api, projects=projects), given)
    assert found == expected


def test_touched_runs_are_asked_for_by_fifties_and_once() -> None:
    """Several scores of one run are one run; more than fifty ids are several requests."""
    found = [feedback(uid("f", number), uid("e", number % 60), NOW) for number in range(120)]
    assert [len(piece.ids) for piece in touched(knowing(A), *found)] == [50, 10]


def test_no_runs_are_touched_where_none_are_wanted() -> None:
    """Not in a first reading, which reads all runs anyway; not without SYNC_RUNS; not of other projects."""
    given: Any = feedback(uid("f"), uid("e"), NOW)
    assert touched(opened(State(source=SOURCE)), given) == ()
    assert touched(opened(done(DONE), SYNC_RUNS="false"), given, SYNC_RUNS="false") == ()
    assert touched(opened(done(DONE, (D,), PROJECTS="d"), (D,), PROJECTS="d"), given, PROJECTS="d") == ()


def test_feedback_without_a_time_does_not_break_the_page() -> None:
    """A row whose times are no times is a row like any other."""
    touched(knowing(A), feedback(uid("f"), uid("e"), None))
