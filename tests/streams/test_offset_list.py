"""Lists by offset that shift while they are read: what is delivered, and that every list comes to its end.

Through the targets they are read in simulation/test_shifting.
"""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from langsmith_core.records.packed_ids import Ids
from langsmith_core.streams.example_versions import WholeVersion
from langsmith_core.streams.listing import ListAll
from langsmith_core.streams.offset_list import (
    PAGES_MAX,
    PASS,
    REPEATS_MAX,
    Offset,
    after_list,
    after_page,
    behind,
    from_start,
    seen,
)
from langsmith_core.streams.offset_trail import TAIL, Trail
from langsmith_core.streams.registry import DATASET
from samples import NOW
from streams.contexts import A, B, C, D, dataset, page, uid
from streams.offset_api import LIST, Change, OffsetApi, Reading, read, row_id

EXAMPLES: Offset = WholeVersion(dataset=A, seen=NOW, version=NOW)
E, F, X, Y, Z = (uid("e", number) for number in range(5))

ROWS = st.integers(0, 40).map(lambda count: [row_id(number) for number in range(count)])
LIMITS = st.integers(1, 10)
CHANGES = st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 12))
SMALL = st.tuples(st.integers(0, 40), st.integers(0, 2), st.integers(0, 2))


@given(ROWS, LIMITS)
def test_a_list_at_rest_is_read_whole(rows: list[str], limit: int) -> None:
    """Every row is delivered in order, at a cost of one repeated row for each page; pages of one row are read twice."""
    source = OffsetApi(list(rows))
    assert list(dict.fromkeys(read(source, limit).delivered)) == rows
    assert source.requests <= (2 * len(rows) + 2 if limit == 1 else len(rows) // (limit - 1) + 1)


@given(ROWS)
def test_examples_in_pages_of_one_row_cost_two_requests_more(rows: list[str]) -> None:
    """A version's examples only ever go: that the last is still where it was proves that none went before it."""
    source = OffsetApi(list(rows))
    assert read(source, 1, EXAMPLES) == Reading(rows + rows[-1:], broken=False)


def test_pages_overlap_by_one_row() -> None:
    """The next page begins with the last row of the one before; a short page that holds it is the last one."""
    first = after_list(LIST, [A, B, C], 3)
    assert first is not None
    assert (first.offset, first.anchor) == (2, C)
    assert after_list(first, [C, D], 3) is None


@pytest.mark.parametrize(
    ("moved", "offset"),
    [
        ([D, E, F], 0),  # rows went: the page before is read
        ([], 0),
        ([B, C, D], 4),  # one came: the page goes on behind the last row
        ([A, B, C], 4),  # as many came as a page holds: nothing is new, and the next page begins with the last row
    ],
)
def test_a_page_that_has_moved(moved: list[str], offset: int) -> None:
    """Where the last row is not the first of its page, reading goes on from wherever it is."""
    first = after_list(LIST, [A, B, C], 3)
    assert first is not None
    after = after_list(first, moved, 3)
    assert after is not None
    assert (after.offset, after.anchor) == (offset, D if moved[-1:] == [D] else C)


def test_the_place_is_looked_for_before_and_behind_and_then_the_list_is_read_anew() -> None:
    """Pages without any known row lead to the page before, the page behind, and the beginning."""
    item: ListAll | None = ListAll(table=DATASET.name, offset=10, anchor=A, trail=Trail(ids=Ids([Z, A]), home=10))
    offsets = []
    for _ in range(3):
        assert item is not None
        item = after_list(item, [X, Y, D], 3)
        assert item is not None
        offsets.append(item.offset)
    assert offsets == [8, 12, 0]
    assert item == ListAll(table=DATASET.name, trail=Trail(repeats=3, pages=3))


def test_a_list_that_has_an_anchor_and_no_trail_goes_on() -> None:
    """So does one of a state of version 1, which had no trails at first."""
    after = after_list(ListAll(table=DATASET.name, offset=99, anchor=A), [A, B], 2)
    assert after is not None
    assert (after.offset, after.anchor) == (100, B)


@given(ROWS, LIMITS, st.lists(CHANGES, max_size=REPEATS_MAX // 3), st.sampled_from([LIST, EXAMPLES]))
@example([row_id(number) for number in range(40)], 3, [(0, 0, 0), (0, 7, 0)], LIST)
@example([A, B, C, D], 1, [(0, 0, 1), (0, 1, 0)], LIST)
def test_ten_changes_of_any_size_lose_no_row(rows: list[str], limit: int, changes: list[Change], item: Offset) -> None:
    """Rows that come and go between pages hide none of those that stay, on pages of any size, and no list is broken off."""
    if item.is_frozen:
        changes = [(place, gone, 0) for place, gone, _ in changes]
    source = OffsetApi(list(rows), changes)
    reading = read(source, limit, item)
    assert set(rows) & set(source.rows) - set(reading.delivered) == set()
    assert not reading.broken


@given(ROWS, LIMITS, st.lists(SMALL, max_size=60))
def test_any_number_of_changes_loses_no_row_of_a_list_that_is_read_to_its_end(
    rows: list[str], limit: int, changes: list[Change]
) -> None:
    """However often a list changes: it is read whole, or broken off."""
    source = OffsetApi(list(rows), changes)
    reading = read(source, limit)
    assert reading.broken or set(rows) & set(source.rows) - set(reading.delivered) == set()


@given(ROWS, LIMITS, st.lists(SMALL, min_size=1, max_size=12))
def test_a_list_that_changes_for_ever_ends(rows: list[str], limit: int, changes: list[Change]) -> None:
    """A list that changes at every page and does not grow is read or broken off, within a number of pages by its size."""
    source = OffsetApi(list(rows), changes, for_ever=True, full=True)
    reading = read(source, limit)
    assert source.requests <= (REPEATS_MAX + 2) * (len(rows) // max(1, limit - 1) + 3)
    assert reading.broken or set(rows) & set(source.rows) - set(reading.delivered) == set()


@pytest.mark.parametrize(("limit", "come"), [(limit, come) for limit in range(2, 11) for come in range(1, min(limit, TAIL))])
def test_a_list_that_grows_in_front_at_every_page_is_read_whole(limit: int, come: int) -> None:
    """Nearly a page of rows comes before every page: reading keeps up with them, though the pages repeat some."""
    rows = [row_id(number) for number in range(100)]
    source = OffsetApi(list(rows), [(0, 0, come)], for_ever=True)
    reading = read(source, limit)
    assert (reading.broken, set(rows) - set(reading.delivered)) == (False, set())


@pytest.mark.parametrize("limit", range(2, 11))
@pytest.mark.parametrize("come", [1, 50])
def test_a_list_that_moves_to_and_fro_at_every_page_is_broken_off(limit: int, come: int) -> None:
    """Rows come in front of one page and go before the next, for ever: soon the list is given up, or it is read whole."""
    rows = [row_id(number) for number in range(200)]
    source = OffsetApi(list(rows), [(0, 0, come), (0, come, 0)], for_ever=True)
    reading = read(source, limit)
    assert source.requests <= (REPEATS_MAX + 2) * (len(rows) // (limit - 1) + 3)
    assert reading.broken or set(rows) - set(reading.delivered) == set()


def test_a_list_of_one_row_pages_is_read_until_two_readings_agree() -> None:
    """Each further reading counts, so that one which never agrees is broken off."""
    source = OffsetApi([row_id(number) for number in range(5)], [(0, 1, 1)], for_ever=True)
    assert read(source, 1).broken
    assert source.requests == 6 * (REPEATS_MAX // PASS + 1)


def test_a_list_that_grows_faster_than_it_is_read_is_broken_off() -> None:
    """Two rows come in front of every page of one: there is no end to be reached."""
    source = OffsetApi([A, B], [(0, 0, 2)], for_ever=True)
    assert read(source, 1).broken
    assert source.requests <= PAGES_MAX + 1


def test_a_page_says_how_many_records_a_full_one_has() -> None:
    """As many as were asked for; where an answer was longer, as many as it was cut to: there is more behind it."""
    assert after_page(LIST, page(dataset(A), dataset(B), limit=3)) is None
    longer = after_page(LIST, page(dataset(A), dataset(B), limit=3, longer=True))
    assert longer is not None
    assert (longer.offset, longer.anchor, seen(longer)) == (1, B, Ids([A, B]))
    assert from_start(longer) == LIST


def test_a_record_that_cannot_be_read_is_left_behind() -> None:
    """The list goes on at the next place, which nothing ties to the one before."""
    passed = behind(ListAll(table=DATASET.name, offset=7, anchor=A, limit=1))
    assert (passed.offset, passed.anchor, passed.limit) == (8, None, 1)
    assert after_list(passed, [B], 1) is not None
    assert after_list(passed, [], 1) is None
