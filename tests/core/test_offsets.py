"""Lists by offset that shift while they are read: what is delivered, and that every list comes to its end.

The lists here are lists of ids; through the targets they are read in simulation/test_shifting.
"""

from dataclasses import dataclass, field

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from langsmith_core.offsets import PAGES_MAX, PASS, REPEATS_MAX, TAIL, after_list, broken_off
from langsmith_core.state import Slice, Trail

TABLE, EXAMPLES = "langsmith_dataset", "langsmith_example"
Change = tuple[int, int, int]


@dataclass
class OffsetApi:
    """A list that changes between two requests: at a place so many rows go, and so many new ones come.

    It may go on so `for_ever`. A `full` list does not grow.
    """

    rows: list[str]
    changes: list[Change] = field(default_factory=list)
    for_ever: bool = False
    full: bool = False
    requests: int = 0
    made: int = 0

    def page(self, offset: int, limit: int) -> list[str]:
        """One page, then the next change."""
        found = self.rows[offset : offset + limit]
        turn = self.requests % max(1, len(self.changes)) if self.for_ever else self.requests
        if turn < len(self.changes):
            place, gone, come = self.changes[turn]
            place = min(place, len(self.rows))
            come = min(come, len(self.rows[place : place + gone])) if self.full else come
            self.rows[place : place + gone] = [f"new-{self.made + number}" for number in range(come)]
            self.made += come
        self.requests += 1
        return found


@dataclass
class Reading:
    """What was delivered of a list, in order, repetitions included, and whether it was broken off."""

    delivered: list[str]
    broken: bool


def read(source: OffsetApi, limit: int, table: str = TABLE) -> Reading:
    """Read a list to its end."""
    delivered: list[str] = []
    piece: Slice | None = Slice(table)
    size = len(source.rows) + sum(come for _, _, come in source.changes)
    requests_max = (REPEATS_MAX + 2) * (size // max(1, limit - 1) + 3)
    while piece and not broken_off(piece):
        assert source.for_ever or source.requests < requests_max, "the list does not come to its end"
        page = source.page(piece.offset, limit)
        delivered += page
        piece = after_list(piece, page, limit)
    return Reading(delivered, piece is not None)


ROWS = st.integers(0, 40).map(lambda count: [f"row-{number}" for number in range(count)])
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
    first = after_list(Slice(TABLE), ["a", "b", "c"], 3)
    assert first is not None
    assert (first.offset, first.anchor) == (2, "c")
    assert after_list(first, ["c", "d"], 3) is None


@pytest.mark.parametrize(
    ("page", "offset"),
    [
        (["d", "e", "f"], 0),  # rows went: the page before is read
        ([], 0),
        (["b", "c", "d"], 4),  # one came: the page goes on behind the last row
        (["a", "b", "c"], 4),  # as many came as a page holds: nothing is new, and the next page begins with the last row
    ],
)
def test_a_page_that_has_moved(page: list[str], offset: int) -> None:
    """Where the last row is not the first of its page, reading goes on from wherever it is."""
    first = after_list(Slice(TABLE), ["a", "b", "c"], 3)
    assert first is not None
    after = after_list(first, page, 3)
    assert after is not None
    assert (after.offset, after.anchor) == (offset, "d" if page[-1:] == ["d"] else "c")


def test_the_place_is_looked_for_before_and_behind_and_then_the_list_is_read_anew() -> None:
    """Pages without any known row lead to the page before, the page behind, and the beginning."""
    piece: Slice | None = Slice(TABLE, offset=10, anchor="a", trail=Trail(ids=("z", "a"), home=10))
    offsets = []
    for _ in range(3):
        assert piece is not None
        piece = after_list(piece, ["x", "y", "w"], 3)
        assert piece is not None
        offsets.append(piece.offset)
    assert offsets == [8, 12, 0]
    assert piece == Slice(TABLE, trail=Trail(repeats=3, pages=3))


def test_a_list_of_an_older_state_goes_on() -> None:
    """A state that was saved by a version without trails has the anchor alone."""
    after = after_list(Slice(TABLE, offset=99, anchor="a"), ["a", "b"], 2)
    assert after is not None
    assert (after.offset, after.anchor) == (100, "b")


@given(ROWS, LIMITS, st.lists(CHANGES, max_size=REPEATS_MAX // 3), st.sampled_from([TABLE, EXAMPLES]))
@example([f"row-{number}" for number in range(40)], 3, [(0, 0, 0), (0, 7, 0)], TABLE)
@example(["a", "b", "c", "d"], 1, [(0, 0, 1), (0, 1, 0)], TABLE)
def test_ten_changes_of_any_size_lose_no_row(rows: list[str], limit: int, changes: list[Change], table: str) -> None:
    """Rows that come and go between pages hide none of those that stay, on pages of any size, and no list is broken off."""
    if table == EXAMPLES:
        changes = [(place, gone, 0) for place, gone, _ in changes]
    source = OffsetApi(list(rows), changes)
    reading = read(source, limit, table)
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
    rows = [f"row-{number}" for number in range(100)]
    source = OffsetApi(list(rows), [(0, 0, come)], for_ever=True)
    reading = read(source, limit)
    assert (reading.broken, set(rows) - set(reading.delivered)) == (False, set())


@pytest.mark.parametrize("limit", range(2, 11))
@pytest.mark.parametrize("come", [1, 50])
def test_a_list_that_moves_to_and_fro_at_every_page_is_broken_off(limit: int, come: int) -> None:
    """Rows come in front of one page and go before the next, for ever: soon the list is given up, or it is read whole."""
    rows = [f"row-{number}" for number in range(200)]
    source = OffsetApi(list(rows), [(0, 0, come), (0, come, 0)], for_ever=True)
    reading = read(source, limit)
    assert source.requests <= (REPEATS_MAX + 2) * (len(rows) // (limit - 1) + 3)
    assert reading.broken or set(rows) - set(reading.delivered) == set()


def test_a_list_of_one_row_pages_is_read_until_two_readings_agree() -> None:
    """Each further reading counts, so that one which never agrees is broken off."""
    source = OffsetApi([f"row-{number}" for number in range(5)], [(0, 1, 1)], for_ever=True)
    assert read(source, 1).broken
    assert source.requests == 6 * (REPEATS_MAX // PASS + 1)


def test_a_list_that_grows_faster_than_it_is_read_is_broken_off() -> None:
    """Two rows come in front of every page of one: there is no end to be reached."""
    source = OffsetApi(["a", "b"], [(0, 0, 2)], for_ever=True)
    assert read(source, 1).broken
    assert source.requests <= PAGES_MAX + 1
