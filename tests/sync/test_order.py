"""The order of a whole sync: which questions it asks, one after the other, each answered in one page."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.rows import Row
from langsmith_core.streams import registry
from langsmith_core.streams.annotation_queue_columns import ANNOTATION_QUEUE
from langsmith_core.streams.context import Api, Outcome, Page
from langsmith_core.streams.dataset_version_columns import DATASET_VERSION
from langsmith_core.streams.dataset_versions import NewestVersion
from langsmith_core.streams.example_versions import WholeVersion
from langsmith_core.streams.feedback import FeedbackWindow
from langsmith_core.streams.feedback_configs import FEEDBACK_CONFIG
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.ledgers import OpenRun, OpenRuns
from langsmith_core.streams.listing import ListAll
from langsmith_core.streams.memory import Memory, Runs
from langsmith_core.streams.projects import FindProjects, ListProjects
from langsmith_core.streams.prompts import ListPrompts
from langsmith_core.streams.registry import DATASET, EXAMPLE, FEEDBACK, PROJECT, PROMPT, RUN
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.sync import agenda, look, scope
from langsmith_core.sync.context import context_of
from langsmith_core.sync.state import State
from samples import NOW, settings
from streams.contexts import DAY, DONE, HOUR, SINCE, SOON, YEAR_AGO, A, B, C, D, dataset, feedback, page, project, uid

WEEK_AGO = SOON - 7 * DAY
SOURCE = "0123456789abcdef"


def first(api: Api, **configuration: str) -> State:
    """A first look that has just begun."""
    return look.opened(State(source=SOURCE, api=api), settings(**configuration), None, NOW)


def answer(work: Item, found: Mapping[str, Sequence[Row]]) -> Page:
    """What there is of a table, or the runs that are asked for by id."""
    listed = found.get(work.table_name, ())
    ids = work.asked_ids(50, b"")
    return page(*(row for row in listed if ids is None or row[registry.TABLE_OF[work.table_name].key] in ids))


def asked(state: State, found: Mapping[str, Sequence[Row]], **configuration: str) -> list[Item]:
    """Every item that is asked for until nothing is left, as it is asked."""
    chosen, items = settings(**configuration), list[Item]()
    for _ in range(200):
        if state.drained:
            return items
        task = agenda.next_task(state)
        if task is None:
            state = look.opened_next(state, chosen)
            continue
        state, task = agenda.begun(state, chosen, task)
        context = context_of(state, chosen, task)
        question = task.work.request(context, 50, b"")
        if not isinstance(question, Outcome):
            items.append(task.work)
            question = task.work.after(answer(task.work, found), context)
        state = agenda.applied(state, task, question)
    raise AssertionError("the sync does not come to its end")


def window(lo: Any, hi: Any, *parents: str, waiting: tuple[str, ...] = ()) -> RunWindow:
    """A window of runs at its beginning."""
    return RunWindow(lo=lo, hi=hi, parents=Ids(parents), waiting=Ids(waiting), top=hi, floor=lo, ceiling=hi)


WINDOWS: list[tuple[Api, list[RunWindow], list[RunWindow]]] = [
    (
        "v1",
        [window(WEEK_AGO, SOON, A, waiting=(B,)), window(WEEK_AGO, SOON, B)],
        [
            window(YEAR_AGO, WEEK_AGO, A, waiting=(B, C)),
            window(YEAR_AGO, WEEK_AGO, B, waiting=(C,)),
            window(YEAR_AGO, WEEK_AGO, C),
        ],
    ),
    ("v2", [window(WEEK_AGO, SOON, A, B)], [window(YEAR_AGO, WEEK_AGO, A, B, C)]),
]


@pytest.mark.parametrize(("api", "recent", "old"), WINDOWS)
def test_the_order_of_a_first_sync(api: Api, recent: list[RunWindow], old: list[RunWindow]) -> None:
    """The newest week of active projects, datasets with their examples, feedback; then the past of runs."""
    found = {
        PROJECT.name: [project(A, NOW - DAY), project(B, NOW - 2 * DAY), project(C, NOW - 30 * DAY), project(D)],
        DATASET.name: [dataset(A), dataset(B)],
    }
    assert asked(first(api), found) == [
        ListProjects(),
        *recent,
        ListAll(table=DATASET.name),
        NewestVersion(Ids([A, B])),
        WholeVersion(dataset=A, version=NOW, seen=NOW, unversioned=True),
        NewestVersion(Ids([B])),
        WholeVersion(dataset=B, version=NOW, seen=NOW, unversioned=True),
        FeedbackWindow(lo=YEAR_AGO, hi=NOW),
        ListAll(table=FEEDBACK_CONFIG.name),
        ListAll(table=ANNOTATION_QUEUE.name),
        ListPrompts(),
        FindProjects(lo=YEAR_AGO, hi=WEEK_AGO),
        *old,
    ]


def test_the_order_of_a_later_sync() -> None:
    """Active projects since the last look, unfinished runs by id, datasets, feedback and the runs it touches; no past."""
    unfinished = OpenRun(NOW - 5 * DAY, uid("e"), B)
    memory = Memory(runs=Runs(unfinished=OpenRuns([unfinished]))).with_known(PROJECT.name, Ids([A, B]))
    done = State(source=SOURCE, api="v1", done_to=DONE, scope=scope.of(settings()), reconciled=DONE, memory=memory)
    found = {
        PROJECT.name: [project(A, NOW - HOUR), project(B, NOW - 5 * DAY)],
        FEEDBACK.name: [feedback(uid("f"), uid("e", 7), NOW - HOUR)],
    }
    assert asked(look.opened(done, settings(), None, NOW), found) == [
        ListProjects(unseen=Ids([A, B])),
        window(SINCE, SOON, A),
        RunsById(lo=unfinished.start, hi=SOON, ids=Ids([uid("e")]), parents=Ids([B])),
        ListAll(table=DATASET.name),
        FeedbackWindow(lo=SINCE, hi=NOW),
        RunsById(lo=YEAR_AGO, hi=SOON, ids=Ids([uid("e", 7)]), parents=Ids([A])),
        ListAll(table=FEEDBACK_CONFIG.name),
        ListAll(table=ANNOTATION_QUEUE.name),
        ListPrompts(),
    ]


LISTS = [FEEDBACK_CONFIG, ANNOTATION_QUEUE, PROMPT]
OFF = [
    # what is switched off, the tables that are asked for
    (["SYNC_RUNS"], [PROJECT, DATASET, DATASET_VERSION, EXAMPLE, FEEDBACK, *LISTS]),
    (["SYNC_EXAMPLES"], [PROJECT, RUN, DATASET, DATASET_VERSION, FEEDBACK, *LISTS, PROJECT, RUN]),
    (["SYNC_DATASET_VERSIONS"], [PROJECT, RUN, DATASET, DATASET_VERSION, EXAMPLE, FEEDBACK, *LISTS, PROJECT, RUN]),
    (["SYNC_EXAMPLES", "SYNC_DATASET_VERSIONS"], [PROJECT, RUN, DATASET, FEEDBACK, *LISTS, PROJECT, RUN]),
    (["SYNC_FEEDBACK"], [PROJECT, RUN, DATASET, DATASET_VERSION, EXAMPLE, *LISTS, PROJECT, RUN]),
    (["SYNC_FEEDBACK_CONFIGS"], [PROJECT, RUN, DATASET, DATASET_VERSION, EXAMPLE, FEEDBACK, *LISTS[1:], PROJECT, RUN]),
    (
        ["SYNC_ANNOTATION_QUEUES"],
        [PROJECT, RUN, DATASET, DATASET_VERSION, EXAMPLE, FEEDBACK, FEEDBACK_CONFIG, PROMPT, PROJECT, RUN],
    ),
    (["SYNC_PROMPTS"], [PROJECT, RUN, DATASET, DATASET_VERSION, EXAMPLE, FEEDBACK, *LISTS[:2], PROJECT, RUN]),
]


@pytest.mark.parametrize(("off", "tables"), OFF)
def test_what_is_switched_off_is_not_asked_for(off: list[str], tables: list[Any]) -> None:
    """No requests for it; projects and datasets are always listed, and examples are read by their dataset's versions."""
    found = {PROJECT.name: [project(A, NOW)], DATASET.name: [dataset(A)]}
    configuration = dict.fromkeys(off, "false")
    names = [item.table_name for item in asked(first("v1", **configuration), found, **configuration)]
    assert names == [table.name for table in tables]


def test_children_begin_when_a_batch_waits_and_before_the_next_page_of_parents() -> None:
    """A long list is not read to its end first: at fifty parents their children are read, so that the state stays small."""
    chosen = settings()
    state = look.opened_next(first("v1"), chosen)
    task = agenda.next_task(state)
    assert task is not None
    found = [project(uid("e", number), NOW) for number in range(100)]
    state = agenda.applied(state, task, task.work.after(page(*found), context_of(state, chosen, task)))
    (following,) = [one for one in state.agenda if one.work.is_list]
    for left in range(99, 48, -1):
        task = agenda.next_task(state)
        assert task is not None
        state, task = agenda.begun(state, chosen, task)
        assert isinstance(task.work, RunWindow)
        assert len(task.work.waiting) == left
        state = agenda.applied(state, task, task.work.after(page(), context_of(state, chosen, task)))
    assert agenda.next_task(state) == following
