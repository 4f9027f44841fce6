"""Every part of a state at its bound at once: what yields, in which order, with which words, and that 64,000 bytes hold it.

Not here: how large a usual state is (test_state_bytes), what a sync with little room still reads (simulation/test_state_size).
"""

from __future__ import annotations

import json
import logging

import pytest
from msgspec.structs import replace
from sync.fullest import AGENDAS, ASIDE, MARKED, RUNS, fullest, ids, marks
from sync.states import SOURCE, unfinished

from langsmith_core.errors import StateError
from langsmith_core.streams.bounds import Bounds, Past
from langsmith_core.streams.feedback_edits import EditedRuns
from langsmith_core.streams.ledgers import Versions
from langsmith_core.streams.listing import ListAll
from langsmith_core.streams.look_up import LookUp
from langsmith_core.streams.memory import Examples, Memory, Runs
from langsmith_core.streams.run_queries import CURSOR_MAX
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.streams.runs_unfinished import UNFINISHED_MAX
from langsmith_core.streams.window_steps import REFUSED_MAX
from langsmith_core.sync import backfill, state_json, state_size
from langsmith_core.sync.failing import LATER_MAX
from langsmith_core.sync.project_names import found_before, found_so_far
from langsmith_core.sync.state import Backfill, Look, State, Task
from samples import NOW, settings

SKIPPED = "state: no room for the projects that the backfill skips; their runs are read again"
UNFINISHED = "state: no room for more than 100 unfinished runs; no action is needed, the others are looked for in every project"
KNOWN = "state: no room for all known projects and datasets; use `sync`: deletes and old runs of the others are missed"
PAYLOADS = "payloads are missing in more projects than a state remembers; those of "


def within(size: int, state: State) -> State:
    """The state as a store of so many bytes takes it."""
    return state_size.fitted(state, replace(settings(), state_bytes_max=size))


def put_aside(state: State, reason: str) -> list[Task]:
    """What was put aside for this reason, also where it is tried again."""
    return [task for task in (*state.later, *state.agenda) if task.reason == reason]


@pytest.mark.parametrize("moment", AGENDAS)
def test_a_state_with_everything_at_its_bound_fits(moment: str, caplog: pytest.LogCaptureFixture) -> None:
    """It is far above the bound, and below it once the rest has yielded to what failed; it is read again, and equal."""
    full = fullest(moment)
    assert len(state_json.dump(full)) > 150_000
    made = state_size.fitted(full, settings())
    text = state_json.dump(made)
    assert len(text) <= settings().state_bytes_max == 64_000
    assert state_json.load(json.loads(text), SOURCE) == made
    assert made.meant == backfill.meaning(full.projects, full.left_out)
    assert put_aside(made, "failed") == put_aside(full, "failed") == [Task(ASIDE, "failed")] * LATER_MAX
    assert caplog.messages[:1] == [SKIPPED]


@pytest.mark.parametrize("moment", AGENDAS)
def test_what_fits_stays_as_it_is(moment: str) -> None:
    """In a store of our own, which takes any state, nothing yields; and a state that has yielded yields no more."""
    full = fullest(moment)
    assert within(10**9, full) == full
    made = state_size.fitted(full, settings())
    assert state_size.fitted(made, settings()) == made


MIDDLING = State(
    source=SOURCE,
    projects=ids(100),
    backfill=Backfill(Past(RUNS.lo, NOW, ids(100))),
    later=(Task(MARKED, "payload", NOW),),
    memory=Memory({"langsmith_project": ids(50)}, examples=Examples(Versions({ids(1)[0]: NOW})), runs=Runs(unfinished(150))),
    delivered=marks(20),
)
"""Something of each part that may yield."""


def test_what_costs_requests_yields_before_what_costs_rows(caplog: pytest.LogCaptureFixture) -> None:
    """Marks, skipped projects, the configuration's lists, unfinished runs, known parents, payloads: in this order."""
    warned: list[str] = []
    order: list[int | str] = []
    for size in range(len(state_json.dump(MIDDLING)), 5_000, -100):
        caplog.clear()
        made = within(size, MIDDLING)
        yielded = (
            made.delivered != MIDDLING.delivered,
            made.backfill != MIDDLING.backfill,
            made.projects is None,
            made.memory.runs != MIDDLING.memory.runs,
            (made.memory.lists, made.memory.examples) != (MIDDLING.memory.lists, MIDDLING.memory.examples),
            made.later == (),
        )
        order += [sum(yielded)] if yielded == tuple(sorted(yielded, reverse=True)) else ["another order"]
        warned = [*warned, *(line for line in caplog.messages if line not in warned)]
    assert sorted(set(order)) == [0, 1, 2, 3, 4, 5, 6]
    assert order == sorted(order)
    assert warned == [
        SKIPPED,
        UNFINISHED,
        KNOWN,
        f"{PAYLOADS}[{tuple(MARKED.parents)}] stay marked: let this function reach the storage",
    ]


def test_what_stays_marked_is_an_error_and_the_rest_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody can do anything about a state's room but keep it elsewhere; a payload is lost until the daily pass."""
    within(5_000, MIDDLING)
    assert [record.levelno for record in caplog.records] == [*[logging.WARNING] * 3, logging.ERROR]


def test_unfinished_runs_that_yield_are_looked_for_in_every_project() -> None:
    """The oldest stay; the youngest of the others is remembered as what a full ledger could not hold."""
    runs = unfinished(UNFINISHED_MAX)
    made = within(10_000, State(source=SOURCE, memory=Memory(runs=Runs(runs))))
    assert made.memory.runs.unfinished.runs == runs.runs[:100]
    assert made.memory.runs.overflow == runs.runs[-1].start


def test_known_ids_yield_from_their_end_and_no_more_than_there_is_no_room_for() -> None:
    """The ids that a list had first stay known: one more than stays would not fit."""
    known = ids(1_000)
    for table in ("langsmith_project", "langsmith_dataset"):
        made = within(10_000, State(source=SOURCE, memory=Memory({table: known}))).memory.known(table)
        assert made == known[: len(made)]
        assert 470 < len(made) < 500


@pytest.mark.parametrize("size", [5_000, 600])
def test_a_lookup_keeps_the_record_that_it_asks_for(size: int) -> None:
    """The others that a list no longer has yield, and the task stays one."""
    bounds = Bounds(NOW, NOW, NOW, NOW)
    state = State(source=SOURCE, look=Look(bounds, (Task(LookUp("langsmith_dataset", ids(500))),)))
    (task,) = within(size, state).agenda
    assert isinstance(task.work, LookUp)
    assert task.work.ids == ids(500)[: len(task.work.ids)]
    assert (220 < len(task.work.ids) < 250) if size == 5_000 else (0 < len(task.work.ids) < 20)


def test_what_a_list_has_shown_yields_too() -> None:
    """Of a list in hand and of one that broke off: the rest stays the list that it was."""
    seen = ListAll(table="langsmith_dataset", seen=ids(200), unseen=ids(200, 200))
    empty = ListAll(table="langsmith_dataset")
    look = Look(Bounds(NOW, NOW, NOW, NOW), (Task(seen), Task(empty)))
    state = State(source=SOURCE, look=look, later=(Task(seen, "broken"),))
    made = within(7_000, state)
    shorter, untouched = (task.work for task in made.agenda)
    assert made.later == (Task(empty, "broken"),)
    assert isinstance(shorter, ListAll)
    assert (shorter.unseen, untouched) == (seen.unseen, empty)
    assert shorter.seen == seen.seen[: len(shorter.seen)]
    assert 6_900 < len(state_json.dump(made)) <= 7_000


@pytest.mark.parametrize("characters", [CURSOR_MAX, CURSOR_MAX + 1])
def test_no_state_keeps_a_cursor_longer_than_4000_characters(characters: int) -> None:
    """The next call asks the window again from the last run on, and that counts as a cursor that was refused."""
    cursor = "c" * characters
    by_id = RunsById(lo=NOW, hi=NOW, ids=ids(2), parents=ids(1), cursor=cursor)
    window = RunWindow(lo=RUNS.lo, hi=NOW, parents=ids(1), top=NOW, floor=NOW, ceiling=NOW, cursor=cursor)
    edited = EditedRuns(lo=RUNS.lo, hi=NOW, parents=ids(1), top=NOW, edited_since=NOW, cursor=cursor)
    look = Look(fullest("projects").look.bounds, tuple(Task(one) for one in (by_id, window, edited)))  # type: ignore[union-attr]
    past = Backfill(fullest("projects").backfill.past, (Task(replace(window, refused=REFUSED_MAX)),))  # type: ignore[union-attr]
    full = State(source=SOURCE, look=look, backfill=past)
    made = within(10**9, full)
    if characters == CURSOR_MAX:
        assert made == full
        return
    assert made.look is not None
    assert made.backfill is not None
    works = [task.work for task in (*made.look.agenda, *made.backfill.agenda)]
    assert [one.cursor for one in works if isinstance(one, (RunsById, RunWindow))] == [None] * 4
    windows = [one for one in works if isinstance(one, RunWindow)]
    assert [(one.floor, one.ceiling, one.refused) for one in windows] == [
        (RUNS.lo, NOW, 1),
        (RUNS.lo, NOW, 1),
        (RUNS.lo, NOW, REFUSED_MAX),
    ]


def test_names_that_were_looked_up_yield_last() -> None:
    """A long PROJECTS that one call cannot look up: as many ids as fit are kept with a proof that holds for them."""
    names = [f"p{number}" for number in range(1_000)]
    named = settings(PROJECTS=",".join(names))
    found = dict(zip(names, ([one] for one in ids(1_000)), strict=True))
    state = found_so_far(named, State(source=SOURCE), found, NOW)
    made = state_size.fitted(state, replace(named, state_bytes_max=10_000))
    kept = found_before(named, made, NOW)
    assert 470 < len(kept) < 500
    assert kept == dict(list(found.items())[: len(kept)])


def test_a_state_that_nothing_makes_small_is_refused() -> None:
    """None such is written here: whoever wrote it is told so, and gets no state that Fivetran may not carry."""
    forged = State(source=SOURCE, later=(Task(ASIDE, "failed"),) * 100)
    with pytest.raises(StateError, match=r"^state: it is larger than this program writes; begin anew") as refused:
        state_size.fitted(forged, settings())
    assert refused.value.status == 400
