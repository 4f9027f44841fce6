"""The agenda: which task comes next, and what a page, a failure or another run API makes of it."""

from typing import Any

import pytest
from msgspec.structs import replace
from sync.looks import (
    DAY,
    HOUR,
    SOON,
    WEEK_AGO,
    YEAR_AGO,
    A,
    B,
    C,
    answered,
    done,
    opened,
    project,
    uid,
    waits,
    with_tasks,
    works,
)

from langsmith_core.records.packed_ids import Ids
from langsmith_core.streams.bounds import Past
from langsmith_core.streams.context import Outcome
from langsmith_core.streams.dataset_versions import NewestVersion
from langsmith_core.streams.feedback import FeedbackWindow
from langsmith_core.streams.feedback_edits import EditedRuns
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.limits import GATHERED
from langsmith_core.streams.listing import ListAll
from langsmith_core.streams.look_up import LookUp
from langsmith_core.streams.projects import FindProjects, ListProjects
from langsmith_core.streams.registry import DATASET
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.sync import agenda
from langsmith_core.sync.state import Backfill, State, Task
from samples import NOW, settings

IDS = tuple(uid("e", number) for number in range(3 * GATHERED))
LIST = ListProjects(offset=100)


def recent(*waiting: str, parents: tuple[str, ...] = ()) -> RunWindow:
    """Runs of a look's window: of projects that wait, and of those in hand."""
    return RunWindow(lo=WEEK_AGO, hi=SOON, waiting=Ids(waiting), parents=Ids(parents))


def past(*waiting: str) -> RunWindow:
    """The whole past of projects that wait."""
    return RunWindow(lo=YEAR_AGO, hi=SOON, waiting=Ids(waiting))


def of(*items: Item | Task) -> State:
    """A look with this work in hand."""
    return with_tasks(opened(done(NOW - HOUR)), *(one if isinstance(one, Task) else Task(one) for one in items))


NEXT: list[tuple[tuple[Item, ...], int | None]] = [
    # what is in hand, in its order; the place of what is asked for next
    ((), None),
    ((LIST,), 0),
    ((recent(A), LIST), 1),  # a list goes on until a full query of parents is gathered
    ((recent(*IDS[: GATHERED - 1]), LIST), 1),
    ((recent(*IDS[:GATHERED]), LIST), 0),
    ((recent(*IDS[:20]), past(*IDS[20:49]), LIST), 2),  # those of all windows count together
    ((recent(*IDS[:20]), past(*IDS[20:50]), LIST), 0),
    ((recent(A),), 0),  # no list is left that could bring more
    ((recent(A), LookUp(DATASET.name, Ids((B,)))), 0),
    ((recent(B, parents=(A,)), LIST), 0),  # under way
    ((recent(A), recent(C, parents=(B,)), LIST), 1),
    ((RunsById(lo=YEAR_AGO, hi=SOON, ids=Ids((A,))), LIST), 0),  # nothing gathers there
    ((recent(A), FindProjects(lo=YEAR_AGO, hi=WEEK_AGO)), 1),
    ((NewestVersion(Ids(IDS[:49])), ListAll(table=DATASET.name)), 1),
    ((NewestVersion(Ids(IDS[:50])), ListAll(table=DATASET.name)), 0),
    ((EditedRuns(lo=YEAR_AGO, hi=SOON, edited_since=NOW, waiting=Ids((A,))), LIST), 0),  # it has all its projects
]


@pytest.mark.parametrize(("items", "place"), NEXT)
def test_a_list_goes_on_until_a_full_query_is_gathered(items: tuple[Item, ...], place: int | None) -> None:
    """Fifty parents are one query: fewer wait while their list is read. All else comes in the agenda's order."""
    task = agenda.next_task(of(*items))
    assert task == (None if place is None else Task(items[place]))


def test_what_a_stalled_list_had_gathered_is_read_first() -> None:
    """No more comes of it: its few parents are asked for, then the list itself is next. Another list is waited for."""
    state = of(recent(A), past(B), LIST)
    assert agenda.next_task(state, LIST) == Task(recent(A))
    assert agenda.next_task(of(LIST), LIST) == Task(LIST)
    assert agenda.next_task(state, replace(LIST, offset=0)) == Task(LIST)


def test_without_anything_in_hand_nothing_is_next() -> None:
    """Neither a finished sync nor the beginning of a look has a task."""
    for state in (done(NOW), opened(done(NOW))):
        assert agenda.next_task(state) is None


@pytest.mark.parametrize(("api", "count"), [("v1", 1), ("v2", 50)])
def test_a_query_takes_as_many_projects_in_hand_as_its_api_has(api: Any, count: int) -> None:
    """v1 honours only the first project, v2 fifty; the others wait in the same task, which is ready to be asked."""
    state, task = agenda.begun(replace(of(recent(*IDS[:60])), api=api), settings(), Task(recent(*IDS[:60])))
    assert isinstance(task.work, RunWindow)
    assert (list(task.work.parents), list(task.work.waiting)) == (list(IDS[:count]), list(IDS[count:60]))
    assert (task.work.floor, task.work.ceiling, state.agenda) == (WEEK_AGO, SOON, (task,))
    assert agenda.begun(state, settings(), task) == (state, task)


def test_what_a_page_leads_to_comes_first_and_the_rest_takes_its_place() -> None:
    """Other tasks stay where they are; what is left keeps why it was put aside, what it leads to has no such reason."""
    failed, other = waits(recent(A, B)), Task(LookUp(DATASET.name, Ids((C,))))
    by_id = RunsById(lo=YEAR_AGO, hi=SOON, ids=Ids((C,)))
    outcome = Outcome(first=(by_id,), rest=(recent(B),))
    assert agenda.applied(of(other, failed, other), failed, outcome).agenda == (other, Task(by_id), waits(recent(B)), other)
    assert agenda.applied(of(other, failed), failed, Outcome()).agenda == (other,)


def test_windows_under_way_take_turns() -> None:
    """A window's next page comes after one page of each window right behind it, and before all else. One that is read is gone."""
    one, two, three = (Task(recent(parents=(name,))) for name in (A, B, C))
    other, waiting = Task(LookUp(DATASET.name, Ids((C,)))), Task(past(A))
    state = of(one, two, waiting, three, other)
    onward = replace(one, work=replace(one.work, cursor="next"))
    moved = agenda.applied(state, one, Outcome(rest=(onward.work,)))
    assert moved.agenda == (two, onward, waiting, three, other)
    assert agenda.applied(moved, two, Outcome()).agenda == (onward, waiting, three, other)
    assert agenda.applied(of(one, other), one, Outcome(rest=(onward.work,))).agenda == (onward, other)


def test_memory_moves_with_the_position() -> None:
    """What a page's stream remembers is in the same state as the work that follows. Without anything new it stays."""
    memory = done(NOW).memory.with_known(DATASET.name, Ids((A,)))
    for moved in (agenda.applied(of(LIST), Task(LIST), Outcome(memory=memory)), agenda.opened(of(), Outcome(memory=memory))):
        assert moved.memory == memory
        assert agenda.opened(moved, Outcome()).memory == memory


JOINED: list[tuple[tuple[Item | Task, ...], tuple[Item, ...], tuple[Item | Task, ...]]] = [
    # in hand before the list whose page it was, what the page leads to, in hand after
    ((), (recent(A),), (recent(A),)),
    ((recent(A),), (recent(B),), (recent(A, B),)),
    ((recent(A),), (recent(A, B),), (recent(A, B),)),
    ((recent(A, parents=(C,)),), (recent(B),), (recent(A, B, parents=(C,)),)),
    ((recent(A),), (past(B),), (recent(A), past(B))),
    ((recent(A), past(B)), (recent(C), past(A)), (recent(A, C), past(B, A))),
    ((recent(A),), (replace(recent(B), ended_since=NOW),), (recent(A), replace(recent(B), ended_since=NOW))),
    ((recent(A),), (recent(parents=(B,)),), (recent(A), recent(parents=(B,)))),
    ((waits(recent(A)),), (recent(B),), (waits(recent(A)), recent(B))),
    ((NewestVersion(Ids((A,))),), (NewestVersion(Ids((B,))),), (NewestVersion(Ids((A, B))),)),
    ((recent(A),), (NewestVersion(Ids((B,))),), (recent(A), NewestVersion(Ids((B,))))),
]


@pytest.mark.parametrize(("before", "found", "after"), JOINED)
def test_parents_of_one_window_wait_in_one_task(before: Any, found: Any, after: Any) -> None:
    """So that a query is full, and a state holds a window once. What was put aside, or differs in any bound, stays apart."""
    state = agenda.applied(of(*before, LIST), Task(LIST), Outcome(first=found, rest=(replace(LIST, offset=200),)))
    assert state.agenda == of(*after, replace(LIST, offset=200)).agenda


def test_edited_runs_of_one_window_are_asked_for_apart() -> None:
    """Each query asks for the feedback keys of its own projects."""
    first, other = (EditedRuns(lo=YEAR_AGO, hi=SOON, edited_since=NOW, waiting=Ids((one,))) for one in (A, B))
    assert works(agenda.opened(of(first), Outcome(rest=(other,))).agenda) == [first, other]


def test_pages_of_a_list_gather_into_one_query() -> None:
    """Three pages of a list make one window of all their projects: read when fifty wait, or at the list's end."""
    state = of(ListProjects())
    for page in range(3):
        found = [project(one, NOW) for one in IDS[page * 20 : page * 20 + 20]]
        assert isinstance(works(state.agenda)[-1], ListProjects)
        state = answered(state, found, 20)
    window, *_ = works(state.agenda)
    assert isinstance(window, RunWindow)
    assert list(window.waiting) == list(IDS[:60])
    assert agenda.next_task(state) == state.agenda[0]


def test_what_takes_a_tasks_place_keeps_why_it_was_put_aside() -> None:
    """Halves of a failing window, a smaller page: they fail or wait as the whole did. Nothing else moves."""
    task = waits(recent(parents=(A, B)), "payload", NOW - DAY)
    state = of(LIST, task)
    halves = (recent(parents=(A,)), recent(parents=(B,)))
    assert agenda.replaced(state, task, *halves).agenda == (Task(LIST), *(replace(task, work=half) for half in halves))


def test_what_is_put_aside_waits_behind_the_others() -> None:
    """With its reason and, of missing payloads, the time since when; the agenda is as it was."""
    state = agenda.put_aside(replace(of(LIST), later=(waits(past(A)),)), recent(B), "payload", NOW)
    assert (state.later, state.agenda) == ((waits(past(A)), waits(recent(B), "payload", NOW)), (Task(LIST),))
    assert (state.waiting("failed"), state.waiting("payload")) == (state.later[:1], state.later[1:])


def test_another_run_api_changes_all_work_and_nothing_is_lost() -> None:
    """Cursors and page sizes are an API's own: what is left of each window is asked for from its top, wherever it waits."""
    under_way = replace(recent(*IDS[50:], parents=IDS[:50]), top=NOW, floor=WEEK_AGO, ceiling=NOW, cursor="v2's", limit=9)
    hand = RunWindow(lo=WEEK_AGO, hi=NOW, waiting=Ids(IDS[:50]))
    by_id = RunsById(lo=YEAR_AGO, hi=SOON, ids=Ids((A,)), parents=Ids((B,)), cursor="v2's", limit=9)
    state = replace(
        of(under_way, LIST),
        api="v2",
        backfill=Backfill(Past(YEAR_AGO, WEEK_AGO), (Task(past(C)),)),
        later=(waits(by_id), waits(LIST, "broken")),
    )
    switched = agenda.switched(state, settings(), "v1")
    assert (switched.api, works(switched.agenda)) == ("v1", [hand, recent(*IDS[50:]), LIST])
    assert switched.later == (waits(replace(by_id, cursor=None, limit=0)), waits(LIST, "broken"))
    assert switched.backfill == state.backfill
    _, task = agenda.begun(switched, settings(), switched.agenda[0])
    assert isinstance(task.work, RunWindow)
    assert list(task.work.parents) == [IDS[0]]


def test_what_one_api_cannot_be_asked_is_dropped() -> None:
    """v1 has no filter for edited feedback, which the daily pass finds; v2 finds no run by its id alone."""
    edited = EditedRuns(lo=YEAR_AGO, hi=SOON, edited_since=NOW, parents=Ids((A,)))
    alone = RunsById(lo=YEAR_AGO, hi=SOON, ids=Ids((A,)))
    window = FeedbackWindow(lo=YEAR_AGO, hi=NOW)
    state = of(edited, alone, window)
    assert works(agenda.switched(state, settings(), "v1").agenda) == [alone, window]
    assert works(agenda.switched(state, settings(), "v2").agenda) == [edited, window]


def test_work_of_a_backfill_moves_while_no_look_is_in_hand() -> None:
    """The look's agenda comes first; the backfill's is the one in hand without a look, and neither changes the other."""
    part = Backfill(Past(YEAR_AGO, WEEK_AGO), (Task(past(A)),))
    looking = replace(of(LIST), backfill=part)
    assert (looking.agenda, agenda.with_agenda(looking, ()).backfill) == ((Task(LIST),), part)
    draining = replace(done(NOW), backfill=part)
    assert draining.agenda == part.agenda
    assert agenda.with_agenda(draining, [Task(past(B))]).backfill == replace(part, agenda=(Task(past(B)),))
    assert agenda.with_agenda(done(NOW), [Task(past(B))]) == done(NOW)
