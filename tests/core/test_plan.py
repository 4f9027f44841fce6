"""Which slice comes next. Not here: projects that come and go (test_plan_parents), dataset versions (test_plan_versions)."""

from typing import Any

import pytest
from msgspec.structs import replace

from core.samples import NOW, settings
from core.walks import DAY, HOUR, MINUTE, SOURCE, A, B, C, D, at_stage, dataset, done, feedback, opened, project, run, uid, walked
from langsmith_core import followups, ledger, listing, plan, walks
from langsmith_core.stages import FEEDBACKS, STAGES, UNFINISHED
from langsmith_core.sync.state import Cycle, Slice, State, Walk
from langsmith_core.streams.datasets import DATASET
from langsmith_core.streams.examples import EXAMPLE
from langsmith_core.streams.feedback import FEEDBACK
from langsmith_core.streams.projects import PROJECT
from langsmith_core.streams.run_columns import RUN
from langsmith_core.windows import begun

DONE = NOW - 2 * HOUR
SOON = NOW + 5 * MINUTE
WEEK_AGO, YEAR_AGO = SOON - 7 * DAY, NOW - 400 * DAY
ALL = settings()
LISTING = Slice(PROJECT.name)


def runs(parents: tuple[str, ...], lo: Any, hi: Any) -> Slice:
    """A slice of runs at its beginning."""
    return begun(Slice(RUN.name, parents, lo=lo, hi=hi))


def asked(state: State, found: Any, chosen: Any, api: str = "v1") -> list[Slice]:
    """The slices of a sync in order; of examples only whose they are, since what of them is read is another matter."""
    pieces = [piece for _, piece in walked(state, found, chosen, api=api)]
    return [Slice(EXAMPLE.name, piece.parents) if piece.table == EXAMPLE.name else piece for piece in pieces]


def in_hand(state: State) -> Cycle:
    """The cycle in progress."""
    assert state.cycle
    return state.cycle


def listed(state: State, *found: Any, **configuration: str) -> Walk:
    """The walk once a listing of these projects has been read to its end."""
    return in_hand(page_of(state, *found, configuration=configuration)).walk


def page_of(state: State, *found: Any, configuration: Any = None, after: Slice | None = None) -> State:
    """The state once a page of the listing in hand was read."""
    listing = in_hand(state).walk.listing
    assert listing
    return plan.absorbed(state, listing, after, found, settings(**configuration or {}))


@pytest.mark.parametrize(("api", "batches"), [("v1", [(A,), (B,)]), ("v2", [(A, B)])])
def test_the_order_of_a_first_sync(api: str, batches: list[tuple[str, ...]]) -> None:
    """The newest week of active projects, datasets with their examples, feedback; then the history of runs."""
    found = {
        PROJECT.name: [project(A, NOW - DAY), project(B, NOW - 2 * DAY), project(C, NOW - 30 * DAY), project(D)],
        DATASET.name: [dataset(A), dataset(B)],
    }
    state = replace(opened(State(source=SOURCE)), api=api)
    late = [(A,), (B,), (C,)] if api == "v1" else [(A, B, C)]
    assert asked(state, found, ALL, api) == [
        LISTING,
        *[runs(batch, WEEK_AGO, SOON) for batch in batches],
        Slice(DATASET.name),
        Slice(EXAMPLE.name, (A,)),
        Slice(EXAMPLE.name, (B,)),
        Slice(FEEDBACK.name, lo=YEAR_AGO, hi=NOW),
        LISTING,
        *[runs(batch, YEAR_AGO, WEEK_AGO) for batch in late],
    ]


def test_the_order_of_a_later_sync() -> None:
    """Active projects since the last cycle, unfinished runs by id, datasets, feedback and the runs it touches; no history."""
    ledger_text, _ = ledger.noted("", [run(uid("e"), B, NOW - 5 * DAY)], DONE)
    state = opened(replace(done(DONE), unfinished=ledger_text, known_projects=ledger.packed([A, B])))
    found = {
        PROJECT.name: [project(A, NOW - HOUR), project(B, NOW - 5 * DAY)],
        FEEDBACK.name: [feedback(uid("f"), uid("e", 7), NOW - HOUR)],
    }
    since, unfinished = DONE - DAY - 15 * MINUTE, followups.unfinished(state, ALL)
    assert unfinished
    assert asked(state, found, ALL) == [
        LISTING,
        runs((A,), since, SOON),
        unfinished,
        Slice(DATASET.name),
        Slice(FEEDBACK.name, lo=since, hi=NOW),
        begun(Slice(RUN.name, (A,), (uid("e", 7),), lo=YEAR_AGO, hi=SOON)),
    ]


OFF = [
    # what is switched off, the tables that are asked for
    ({"SYNC_RUNS": "false"}, [PROJECT, DATASET, EXAMPLE, FEEDBACK]),
    ({"SYNC_EXAMPLES": "false"}, [PROJECT, RUN, DATASET, FEEDBACK, PROJECT, RUN]),
    ({"SYNC_FEEDBACK": "false"}, [PROJECT, RUN, DATASET, EXAMPLE, PROJECT, RUN]),
]


@pytest.mark.parametrize(("off", "tables"), OFF)
def test_what_is_switched_off_is_not_asked_for(off: dict[str, str], tables: list[Any]) -> None:
    """No requests for it; projects and datasets are always listed."""
    found = {PROJECT.name: [project(A, NOW)], DATASET.name: [dataset(A)]}
    state = opened(State(source=SOURCE), **off)
    assert [piece.table for piece in asked(state, found, settings(**off))] == [stream.name for stream in tables]


def test_children_begin_when_a_batch_waits_and_before_the_next_page_of_parents() -> None:
    """A long listing is not read to its end first: at fifty parents their children are read, so that the state stays small."""
    page = [project(uid("e", number), NOW) for number in range(100)]
    state = page_of(opened(State(source=SOURCE)), *page, after=replace(LISTING, offset=99))
    for left in range(99, 48, -1):
        state, piece = plan.next_slice(state, ALL, "v1")
        assert piece
        assert (piece.table, len(in_hand(state).walk.pending)) == (RUN.name, left)
        state = plan.absorbed(state, piece, None, [], ALL)
    assert plan.next_slice(state, ALL, "v1")[1] == replace(LISTING, offset=99)


ACTIVE = [
    # the newest run of a project; whether it is asked for runs since WEEK_AGO
    (NOW, True),
    (WEEK_AGO, True),
    (WEEK_AGO - MINUTE, False),
    (None, False),
]


@pytest.mark.parametrize(("last_run", "asked"), ACTIVE)
def test_only_active_projects_are_asked(last_run: Any, asked: bool) -> None:
    """A project without runs in the window costs no request, as long as LangSmith serves its newest run."""
    walk = listed(opened(State(source=SOURCE)), project(A, NOW), project(B, last_run))
    assert walk.pending == ((A, B) if asked else (A,))


def test_statistics_that_are_null_everywhere_mean_that_every_project_is_asked() -> None:
    """One value in the whole listing means that they are served; none at all, that it is listed again and all are asked."""
    none = [project(A), project(B)]
    state = page_of(opened(State(source=SOURCE)), *none, after=replace(LISTING, offset=2))
    on_the_last_page = listed(state, project(C, NOW))
    assert on_the_last_page.pending == (C,)
    state = page_of(state, project(C))
    assert (in_hand(state).walk, state.stats_served) == (Walk(LISTING), False)
    state = page_of(state, *none, project(C))
    assert (in_hand(state).walk.pending, in_hand(state).walk.listing) == ((A, B, C), None)
    later = opened(replace(state, cycle=None, done_to=DONE))
    assert listed(later, *none).pending == (A, B)
    back = page_of(later, project(A, NOW), project(B))
    assert back.stats_served
    assert listed(opened(State(source=SOURCE))).pending == ()


def test_projects_limits_whose_runs_are_read() -> None:
    """All projects are rows; only those that PROJECTS means are asked for runs, and history leaves out those it had."""
    named = {"PROJECTS": "a,b"}
    walk = listed(opened(State(source=SOURCE), (A, B), **named), project(A, NOW), project(C, NOW), **named)
    assert walk.pending == (A,)
    state = replace(opened(done(DONE, (A,), PROJECTS="a"), (A, B), **named), cycle=None)
    found = {PROJECT.name: [project(A, NOW), project(B, NOW), project(C, NOW)]}
    assert asked(state, found, settings(**named)) == [LISTING, runs((B,), YEAR_AGO, DONE)]


def test_a_page_moves_the_slice_in_hand_or_ends_it() -> None:
    """What comes after a page takes its place, before everything that waits."""
    state, piece = plan.next_slice(replace(opened(State(source=SOURCE)), cycle=WITH_TWO), ALL, "v1")
    assert piece == WITH_TWO.walk.slices[0]
    after = replace(piece, cursor="c")
    assert in_hand(plan.absorbed(state, piece, after, [], ALL)).walk.slices == (after, WITH_TWO.walk.slices[1])
    assert in_hand(plan.absorbed(state, piece, None, [], ALL)).walk.slices == (WITH_TWO.walk.slices[1],)
    assert in_hand(walks.moved(state, after)).walk.slices == (after, WITH_TWO.walk.slices[1])
    assert in_hand(walks.moved(opened(State(source=SOURCE)), replace(LISTING, limit=5))).walk.listing == replace(LISTING, limit=5)


WITH_TWO = Cycle(until=NOW, walk=Walk(None, slices=(runs((A,), WEEK_AGO, NOW), runs((B,), WEEK_AGO, NOW))))
BATCH = replace(runs((A, B, C), WEEK_AGO, NOW), hi=NOW - DAY, floor=NOW - 2 * DAY, cursor="v2's", limit=500)
BY_ID = replace(BATCH, ids=(uid("e"), uid("f")))
EXAMPLES = Slice(EXAMPLE.name, (A,), hi=NOW, offset=99, limit=50)


@pytest.mark.parametrize("where", ["cycle", "history"])
def test_the_other_api_gets_batches_of_its_own(where: str) -> None:
    """v1 asks one project at a time, from the window and not from v2's cursor; runs by id and other tables stay."""
    walk = Walk(LISTING, pending=(D,), slices=(BATCH, BY_ID, EXAMPLES))
    state = opened(State(source=SOURCE, api="v2"))
    assert state.history
    both = replace(state, cycle=replace(in_hand(state), walk=walk), history=replace(state.history, walk=walk))
    after = walks.switched(both, "v1")
    assert after.api == "v1"
    assert getattr(after, where).walk == replace(
        walk,
        slices=(
            *[replace(runs((one,), WEEK_AGO, NOW - DAY)) for one in (A, B, C)],
            replace(BY_ID, cursor=None, limit=0),
            EXAMPLES,
        ),
    )


def test_switching_to_v2_keeps_the_slices_in_progress() -> None:
    """A slice of one project goes on as it is, from its window."""
    state = replace(opened(State(source=SOURCE, api="v1")), cycle=WITH_TWO)
    assert in_hand(walks.switched(state, "v2")).walk.slices == WITH_TWO.walk.slices


def test_a_batch_with_a_project_that_is_gone_is_asked_one_by_one() -> None:
    """A 404 on a batch says that one of it is gone; on one parent it is passed over; on a listing it has no meaning."""
    state = replace(opened(State(source=SOURCE)), cycle=replace(WITH_TWO, walk=Walk(None, slices=(BATCH, EXAMPLES))))
    after = plan.gone(state, BATCH, settings())
    assert after
    singles = tuple(replace(BATCH, parents=(one,), cursor=None) for one in (A, B, C))
    assert in_hand(after).walk.slices == (*singles, EXAMPLES)
    alone = plan.gone(after, singles[0], settings())
    assert alone
    assert in_hand(alone).walk.slices == (*singles[1:], EXAMPLES)
    assert plan.gone(opened(State(source=SOURCE)), LISTING, settings()) is None


def test_unfinished_runs_of_a_project_that_is_gone_hide_no_others() -> None:
    """Fifty runs of a deleted project are passed over; those behind them are asked for."""
    entries = [run(uid("e", number), A if number < 50 else B, NOW - 10 * DAY + number * MINUTE) for number in range(60)]
    text, _ = ledger.noted("", entries, DONE)
    state = at_stage(opened(replace(done(DONE), unfinished=text)), UNFINISHED)
    after = plan.gone(state, in_hand(state).walk.slices[0], settings())
    assert after
    assert [piece.parents for piece in in_hand(after).walk.slices] == [(B,)]


def test_stages_are_those_of_cycles() -> None:
    """The walk in hand is that of the cycle's stage."""
    state = at_stage(opened(State(source=SOURCE)), FEEDBACKS)
    assert STAGES[in_hand(state).stage] is FEEDBACKS
    assert not listing.is_first(state)
    assert listing.is_first(opened(State(source=SOURCE)))
