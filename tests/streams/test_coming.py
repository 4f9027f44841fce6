"""What each kind of work says comes after it: the questions that may be asked ahead of their turn."""

from itertools import islice
from typing import Any

import pytest
from msgspec.structs import replace

from langsmith_core.calls import RecordPage
from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.times import render
from langsmith_core.streams.context import Context
from langsmith_core.streams.dataset_versions import NewestVersion
from langsmith_core.streams.feedback import FeedbackWindow
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.listing import BEFORE_ALL, ListAll
from langsmith_core.streams.look_up import LookUp
from langsmith_core.streams.offset_list import Offset
from langsmith_core.streams.projects import FindProjects, ListProjects
from langsmith_core.streams.registry import DATASET, PROJECT
from langsmith_core.streams.run_queries import CURSOR_MAX
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.window_parts import in_parts
from langsmith_core.streams.window_steps import after_page, from_top
from samples import NOW, encoded
from streams.contexts import DONE, FIRST, HOUR, YEAR_AGO, A, B, C, context, knowing, uid

MANY = Ids([uid("d", number) for number in range(450)])
FULL = RecordPage([b"{}"] * 100)
SHORT = RecordPage([b"{}"] * 99)
FEEDBACK = FeedbackWindow(lo=DONE, hi=NOW)
WINDOW = from_top(RunWindow(lo=YEAR_AGO, hi=NOW, parents=Ids([A]), waiting=Ids([B, C]), top=NOW))


def after(item: Item, page: RecordPage | None = None, asked: Context | None = None, most: int = 20) -> list[Item]:
    """What comes after an item whose pages have a hundred rows."""
    return list(islice(item.coming(asked or context(), 100, page), most))


def offsets(item: Item, page: RecordPage | None = None, asked: Context | None = None) -> list[int]:
    """The places of the pages that come next in a list."""
    return [one.offset for one in after(item, page, asked) if isinstance(one, Offset)]


LISTS: list[tuple[Item, RecordPage | None, Any, list[int]]] = [
    # the list, its answer, what was known before, where its next pages begin
    (ListProjects(unseen=MANY), None, {}, [99, 198, 297, 396]),
    (ListProjects(unseen=MANY[:300], seen=MANY[300:], offset=198), FULL, {}, [297, 396]),
    (ListProjects(unseen=MANY[:99]), None, {}, []),
    (ListProjects(unseen=MANY[:100]), None, {}, [99]),  # a full page always has a next one
    (ListProjects(unseen=MANY, offset=396), SHORT, {}, []),
    (ListProjects(unseen=MANY, past=BEFORE_ALL), None, {}, []),
    (FindProjects(lo=DONE, hi=NOW), None, {"memory": knowing(PROJECT, *MANY)}, [99, 198, 297, 396]),
    (ListAll(table=DATASET.name), None, {}, []),  # nobody knows how long a new list is
    (ListAll(table=DATASET.name), FULL, {}, [99]),
    (replace(FEEDBACK, offset=198), None, {}, [297]),  # one that was long goes on for half as long again
    (replace(FEEDBACK, offset=792), FULL, {}, [891, 990, 1089, 1188]),
    (FEEDBACK, SHORT, {}, []),
]


@pytest.mark.parametrize(("item", "page", "fields", "expected"), LISTS)
def test_the_next_pages_of_a_list(item: Item, page: RecordPage | None, fields: Any, expected: list[int]) -> None:
    """Each begins with the last row of the one before, as long as the list was before, or seems to be."""
    assert offsets(item, page, context(**fields)) == expected


def test_the_next_pages_of_a_list_are_what_it_asks_for() -> None:
    """A list that does not shift asks for exactly the pages that were foreseen."""
    item, asked = ListProjects(unseen=MANY), context()
    (foreseen, *_), page = after(item), [{"id": one} for one in MANY[:100]]
    assert isinstance(foreseen, ListProjects)
    assert foreseen.request(asked, 100, b"") == replace(item, offset=len(page) - 1).request(asked, 100, b"")


def test_other_records_are_looked_up_and_other_datasets_asked() -> None:
    """Each in its own request, in their order."""
    ids = Ids([A, B, C])
    assert after(LookUp(PROJECT.name, ids)) == [LookUp(PROJECT.name, Ids([B, C])), LookUp(PROJECT.name, Ids([C]))]
    assert after(NewestVersion(ids)) == [NewestVersion(Ids([B, C])), NewestVersion(Ids([C]))]


def records(count: int) -> list[bytes]:
    """Runs of the last hour, newest first."""
    return [encoded({"start_time": render(NOW - number * HOUR / count)}) for number in range(count)]


def test_a_window_goes_on_behind_the_cursor_of_its_answer() -> None:
    """Then come the projects that wait. Before the answer is here, only those."""
    projects = [from_top(RunWindow(lo=YEAR_AGO, hi=NOW, parents=Ids([B, C]), top=NOW))]
    v2 = context(FIRST, api="v2")
    assert after(WINDOW, None, v2) == projects
    assert after(WINDOW, RecordPage([], None), v2) == projects
    onward, *others = after(WINDOW, RecordPage(records(100), "next"), v2)
    assert (onward, others) == (replace(WINDOW, cursor="next"), projects)


def test_what_is_foreseen_of_a_window_is_what_its_rows_lead_to() -> None:
    """Also where v1 goes down a week at a time, and where a dense window is cut."""
    rows = records(100)
    starts = [render(NOW - number * HOUR / 100) for number in range(100)]
    v1 = replace(WINDOW, waiting=Ids())
    assert after(v1, RecordPage(rows, "next"), context(FIRST)) == [after_page(v1, starts, "next", "v1")]
    rest = after_page(v1, starts, "next", "v2")
    assert rest
    cut = context(FIRST, api="v2", parts=3, part_rows=100)
    assert after(v1, RecordPage(rows, "next"), cut) == list(in_parts(rest, starts, 100, 3))
    wider = context(FIRST, api="v2", parts=3, part_rows=1_000)
    assert after(v1, RecordPage(rows, "next"), wider) == [rest]  # a small first page


@pytest.mark.parametrize(
    "page",
    [
        RecordPage(records(9), "same"),
        RecordPage(records(9), "next", longer=True),
        RecordPage(records(9), "n" * (CURSOR_MAX + 1)),
    ],
)
def test_nothing_is_foreseen_behind_an_answer_that_is_wrong(page: RecordPage) -> None:
    """A cursor that is answered twice, or that no state keeps, or a page longer than asked: the rest is found in its turn."""
    alone = replace(WINDOW, waiting=Ids(), cursor="same")
    assert after(alone, page, context(FIRST, api="v2")) == []


def test_a_time_that_is_none_is_passed_over() -> None:
    """As in a row: the other runs of the page tell where it goes on."""
    broken = [encoded({"start_time": "yesterday"}), encoded({}), encoded({"start_time": 7}), b"null", *records(3)]
    alone = replace(WINDOW, waiting=Ids())
    assert len(after(alone, RecordPage(broken, "next"), context(FIRST))) == 1
