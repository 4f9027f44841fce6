"""Lists by offset that shift while they are read."""

from dataclasses import dataclass, field

from hypothesis import example, given
from hypothesis import strategies as st

from langsmith_core.sync.state import Slice
from langsmith_core.windows import after_list

TABLE = "langsmith_dataset"


@dataclass
class OffsetApi:
    """A list that changes between two requests: so many rows go, and so many new ones come, at these places."""

    rows: list[str]
    changes: list[tuple[int, int, int]] = field(default_factory=list)
    requests: int = 0

    def page(self, offset: int, limit: int) -> list[str]:
        """One page, then the next change."""
        found = self.rows[offset : offset + limit]
        if self.requests < len(self.changes):
            place, gone, come = self.changes[self.requests]
            place = min(place, len(self.rows))
            self.rows[place : place + gone] = [f"new-{self.requests}-{number}" for number in range(come)]
        self.requests += 1
        return found


def read(source: OffsetApi, limit: int) -> list[str]:
    """Every id that is delivered of a list, in order, repetitions included."""
    delivered: list[str] = []
    piece: Slice | None = Slice(TABLE)
    requests_max = 10 * (len(source.rows) + len(source.changes) + 3)
    while piece:
        assert source.requests < requests_max, "the list does not come to its end"
        page = source.page(piece.offset, limit)
        delivered += page
        piece = after_list(piece, page, limit)
    return delivered


def missed(source: OffsetApi, limit: int) -> set[str]:
    """Rows that were in the list from the beginning to the end, and were not delivered."""
    before = set(source.rows)
    delivered = read(source, limit)
    return before & set(source.rows) - set(delivered)


ROWS = st.integers(0, 40).map(lambda count: [f"row-{number}" for number in range(count)])


@given(ROWS, st.integers(1, 12))
def test_a_list_at_rest_is_read_whole(rows: list[str], limit: int) -> None:
    """Every row is delivered in order, at a cost of one repeated row for each page."""
    source = OffsetApi(list(rows))
    assert list(dict.fromkeys(read(source, limit))) == rows
    assert source.requests <= len(rows) // max(1, limit - 1) + 1


def test_pages_overlap_by_one_row() -> None:
    """The next page begins with the last row of the one before; a short page is the last one."""
    first = after_list(Slice(TABLE), ["a", "b", "c"], 3)
    assert first == Slice(TABLE, offset=2, anchor="c")
    assert after_list(first, ["c", "d"], 3) is None
    assert after_list(first, ["d", "e", "f"], 3) == Slice(TABLE, offset=0)
    assert after_list(first, [], 3) == Slice(TABLE, offset=0)


@given(ROWS, st.integers(2, 12), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 1), st.integers(0, 3)), max_size=12))
def test_a_list_that_shifts_between_pages_loses_no_row(rows: list[str], limit: int, changes: list[tuple[int, int, int]]) -> None:
    """Rows that come and go while a list is read hide none of those that stay."""
    assert missed(OffsetApi(list(rows), changes), limit) == set()


@given(ROWS, st.integers(2, 12), st.data())
def test_a_removal_of_up_to_a_page_loses_no_row(rows: list[str], limit: int, data: st.DataObject) -> None:
    """At most a page's worth of rows may go at once before a page."""
    quiet = st.integers(0, 8).map(lambda count: [(0, 0, 0)] * count)
    removal = data.draw(st.tuples(st.integers(0, 40), st.integers(0, limit), st.just(0)))
    assert missed(OffsetApi(list(rows), [*data.draw(quiet), removal]), limit) == set()


@given(ROWS, st.integers(2, 12), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 3)), max_size=4))
@example([f"row-{number}" for number in range(40)], 3, [(0, 0, 0), (0, 7, 0)])
def test_a_removal_of_any_size_loses_no_row(rows: list[str], limit: int, changes: list[tuple[int, int, int]]) -> None:
    """However many rows go between two pages, none of those that stay is hidden."""
    assert missed(OffsetApi(list(rows), changes), limit) == set()
