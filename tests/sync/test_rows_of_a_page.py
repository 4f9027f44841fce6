"""How many rows a page is asked for."""

from typing import Any

import pytest
from msgspec.structs import replace

from langsmith_core.records.packed_ids import Ids
from langsmith_core.streams.context import Api, Outcome
from langsmith_core.streams.dataset_versions import NewestVersion
from langsmith_core.streams.example_versions import WholeVersion
from langsmith_core.streams.feedback import FeedbackWindow
from langsmith_core.streams.feedback_edits import EditedRuns
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.listing import ListAll
from langsmith_core.streams.projects import ListProjects
from langsmith_core.streams.registry import DATASET, EXAMPLE, RUN
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.sync import page_size
from langsmith_core.sync.state import State
from samples import NOW, settings
from streams.contexts import DONE, A, context

RUNS = RunWindow(lo=DONE, hi=NOW, waiting=Ids([A]))
EDITED = EditedRuns(lo=DONE, hi=NOW, waiting=Ids([A]), edited_since=DONE)
LISTS: list[Item] = [ListProjects(), ListAll(table=DATASET.name), FeedbackWindow(lo=DONE, hi=NOW)]
EXAMPLES = WholeVersion(dataset=A, seen=NOW, version=NOW)
LIGHT = State(source="0123456789abcdef", weights={RUN.name: 1, EXAMPLE.name: 1})
"""A state that has seen rows, all of them light."""
MB = 2**20
SIZES: list[tuple[Item, Api, int, int]] = [
    # the item, the API, the configured page size, rows asked for
    *[(item, "v2", 1_000, 100) for item in (*LISTS, EXAMPLES)],
    *[(item, "v1", 7, 7) for item in (*LISTS, EXAMPLES, RUNS)],
    (RUNS, "v1", 200, 100),
    (RUNS, "v2", 200, 200),
    (RUNS, "v2", 5_000, 1_000),
    (EDITED, "v2", 5_000, 200),
]


def rows(item: Item, state: State = LIGHT, room: int = 8 * MB, **fields: Any) -> int:
    """Rows to ask for, with so many bytes of room."""
    return page_size.rows_of(state, item, context(**{"page_size": 1_000, **fields}), room)


@pytest.mark.parametrize(("item", "api", "configured", "expected"), SIZES)
def test_each_endpoints_own_maximum_caps_the_page(item: Item, api: Api, configured: int, expected: int) -> None:
    """100 everywhere but on v2's runs, where it is 1,000, or 200 with edited feedback; a smaller configured size is kept."""
    assert rows(item, api=api, page_size=configured) == expected


def test_a_page_is_planned_to_fit_into_what_is_left_of_a_batch() -> None:
    """By the weight of the table's rows so far, a tenth left free; one row at least. Before it is known, ten."""
    heavy = replace(LIGHT, weights={RUN.name: MB // 10})
    assert rows(RUNS, heavy, 10 * MB, api="v2") == 90
    assert rows(RUNS, heavy, 0, api="v2") == 1
    new = State(source=LIGHT.source)
    assert (rows(RUNS, new), rows(EXAMPLES, new), rows(ListProjects(), new)) == (10, 10, 100)


def test_a_page_size_that_failing_pages_have_forced_is_kept() -> None:
    """It is of the item, and never larger than what is asked for anyway."""
    assert rows(replace(RUNS, limit=3)) == 3
    assert rows(replace(RUNS, limit=500)) == 100


def test_a_page_that_was_too_heavy_is_asked_for_in_part() -> None:
    """As many rows as should fit by what these weighed."""
    assert page_size.cut(RUNS, 100, 20 * MB, 10 * MB) == replace(RUNS, limit=45)
    assert page_size.cut(RUNS, 2, 200 * MB, 10 * MB) == replace(RUNS, limit=1)
    versions = NewestVersion(Ids([A]))
    assert page_size.cut(versions, 100, 20 * MB, 10 * MB) == versions


def test_a_page_size_that_was_cut_grows_back_while_pages_are_light() -> None:
    """Twice as large after each page of less than half a batch, up to what any endpoint gives. What follows keeps its size."""
    other = replace(RUNS, limit=5)
    rest = Outcome(rest=(replace(RUNS, limit=40), other))
    assert page_size.grown(rest, MB, 8 * MB).rest == (replace(RUNS, limit=80), other)
    assert page_size.grown(rest, 4 * MB, 8 * MB) == rest
    assert page_size.grown(Outcome(rest=(replace(RUNS, limit=900),)), MB, 8 * MB).rest == (replace(RUNS, limit=1_000),)
    assert page_size.grown(Outcome(rest=(RUNS,)), MB, 8 * MB).rest == (RUNS,)
    assert page_size.grown(Outcome(), MB, 8 * MB) == Outcome()


def test_the_weight_of_a_row_rises_at_once_and_falls_by_and_by() -> None:
    """One light page among heavy ones does not make the next too large; an empty page weighs nothing."""
    state = page_size.weighed(State(source=LIGHT.source), RUN.name, 1_000, 10)
    assert state.weights == {RUN.name: 100}
    assert page_size.weighed(state, RUN.name, 5_000, 10).weights == {RUN.name: 500}
    assert page_size.weighed(state, RUN.name, 10, 10).weights == {RUN.name: 90}
    assert page_size.weighed(state, RUN.name, 0, 0) == state


GROWS = settings()


def learned(state: State, limit: int, records: int, size: int = MB, *, item: Item = RUNS, fixed: bool = False) -> int:
    """The size that pages of runs have grown to after one of so many records, for a batch of 8 MB."""
    given = settings(PAGE_SIZE="200") if fixed else GROWS
    return page_size.learned(state, given, item, limit, records, size, 8 * MB).memory.runs.page_rows


def test_pages_of_runs_grow_after_a_full_and_light_one() -> None:
    """From 200 rows to 1,000. A page that is not full, heavy, of another list, or of a size that was set changes nothing."""
    assert learned(LIGHT, 200, 200) == 1_000
    assert learned(LIGHT, 200, 199) == 0
    assert learned(LIGHT, 10, 10) == 0  # the pilot
    assert learned(LIGHT, 200, 200, 8 * MB // page_size.RECORD_SHARE + 1) == 0
    assert learned(LIGHT, 200, 200, item=LISTS[0]) == 0
    assert learned(LIGHT, 200, 200, fixed=True) == 0
    assert rows(RUNS, api="v2", page_size=200, runs_grown_to=1_000) == 1_000
    assert rows(RUNS, api="v1", page_size=200, runs_grown_to=1_000) == 100
    assert rows(EXAMPLES, page_size=50, runs_grown_to=1_000) == 50


def test_a_page_that_langsmith_does_not_bear_grows_no_more() -> None:
    """It is halved, and stays so until the daily pass. A smaller page that fails, or another list's, changes nothing."""
    grown = page_size.learned(LIGHT, GROWS, RUNS, 200, 200, MB, 8 * MB)
    failed = page_size.refused(grown, RUNS, 1_000).memory.runs
    assert (failed.page_rows, failed.pages_fail) == (500, True)
    state = replace(LIGHT, memory=LIGHT.memory.with_runs(failed))
    assert learned(state, 500, 500) == 500
    assert page_size.refused(LIGHT, RUNS, 200) == LIGHT
    assert page_size.refused(grown, EXAMPLES, 100) == grown


@pytest.mark.parametrize(
    ("weight", "configured", "most"),
    [(1_000, None, 1_000), (100_000, None, 75), (10 * MB, None, 1), (1_000, "200", 200), (0, None, 0)],
)
def test_how_many_runs_a_page_may_come_to_have(weight: int, configured: str | None, most: int) -> None:
    """By their weight, and by what pages may grow to: nothing while nobody knows it."""
    state = State(source=LIGHT.source, weights={RUN.name: weight} if weight else {})
    given = settings(**({"PAGE_SIZE": configured} if configured else {}))
    assert page_size.runs_at_most(state, given, 8 * MB) == most
