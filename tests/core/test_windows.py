"""Windows of runs, walked down page by page. Not here: lists by offset (test_windows_lists)."""

from datetime import datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.cursor_api import CursorApi, at, read
from langsmith_core.errors import UpstreamError
from langsmith_core.sync.state import Slice
from langsmith_core.streams.run_columns import RUN
from langsmith_core.records.times import render
from langsmith_core.windows import FAST_TIER, TICK, after_ids, after_runs, again, begun

WEEK = int(FAST_TIER / timedelta(microseconds=1))
APIS = st.sampled_from(["v1", "v2"])
# Distances between one run and the next in microseconds: none, within a tick, within a page's span, over empty weeks.
GAPS = st.sampled_from([0, 1, 700, 1_000, 10**6, WEEK // 50, WEEK // 3, WEEK - 1, WEEK, WEEK + WEEK // 7, 3 * WEEK])


def moments(gaps: list[int]) -> dict[int, datetime]:
    """Runs by id, so far apart."""
    total, starts = 0, {}
    for run, gap in enumerate(gaps):
        total += gap
        starts[run] = at(total)
    return starts


@given(
    gaps=st.lists(GAPS, max_size=60),
    api=APIS,
    page_rows=st.integers(1, 9),
    short_by=st.lists(st.integers(0, 9), max_size=12),
    dies_at=st.sets(st.integers(1, 60), max_size=8),
)
@example(gaps=[3 * WEEK, WEEK, 0, 0, 0, 0], api="v1", page_rows=3, short_by=[], dies_at=set())
@example(gaps=[3 * WEEK, WEEK, *[300] * 9], api="v2", page_rows=2, short_by=[], dies_at={2})
def test_every_run_of_a_window_is_delivered(
    gaps: list[int], api: str, page_rows: int, short_by: list[int], dies_at: set[int]
) -> None:
    """Whatever ties there are, however short or empty pages are, wherever a cursor dies: the slice comes to its end complete."""
    starts = moments(gaps)
    lo, hi = at(0), at(sum(gaps) + 1)
    starts.update({-1: lo - timedelta(microseconds=1), -2: hi})
    source = CursorApi(starts, page_rows, api, short_by, dies_at)
    requests_max = (len(dies_at) + 1) * (3 * len(gaps) + 3) + len(short_by)
    assert set(read(source, lo, hi, requests_max)) == set(range(len(gaps)))


@given(gaps=st.lists(GAPS.filter(lambda gap: gap > 0), max_size=80), page_rows=st.integers(2, 9))
def test_requests_are_at_most_two_for_each_full_page(gaps: list[int], page_rows: int) -> None:
    """However runs are spread, a window costs at most one more request for each full page, and three besides."""
    source = CursorApi(moments(gaps), page_rows)
    pages = -(-len(gaps) // (page_rows - 1))  # a page that begins anew repeats one row
    read(source, at(0), at(sum(gaps) + 1), 2 * pages + 3)


@pytest.mark.parametrize("runs", [0, 1, 99, 500, 976, 1_234, 2_000])
@pytest.mark.parametrize("days", [0.01, 0.5, 3, 6.9, 7, 8, 30, 400])
@pytest.mark.parametrize("page_rows", [10, 100, 1_000])
def test_evenly_spread_runs_cost_one_request_for_each_full_page(runs: int, days: float, page_rows: int) -> None:
    """Where runs come at a steady rate, 400 days cost one request for each full page and two rows of each week besides."""
    step = int(days * WEEK / 7) // max(runs, 1)
    source = CursorApi({run: at(run * step) for run in range(runs)}, page_rows)
    pages = -(-runs // page_rows)
    read(source, at(0), at(400 * WEEK // 7), pages + 2 + int(days / 7 * 2 / page_rows))


@pytest.mark.parametrize("runs", [0, 1, 12, 100])
def test_a_sparse_project_costs_one_request(runs: int) -> None:
    """A project whose runs fit into one page is asked once, over all 400 days, however many weeks are empty."""
    source = CursorApi({run: at(run * WEEK // 2) for run in range(runs)}, 100)
    read(source, at(0), at(400 * WEEK // 7), 1)
    assert source.requests == [(at(0), at(400 * WEEK // 7))]


def test_a_dense_project_is_asked_by_the_week() -> None:
    """Where a page spans less than a week, a wide query is followed by one in the fast rate tier, and opens a week at most."""
    source = CursorApi({run: at(run * WEEK // 500) for run in range(20_000)}, 100)
    read(source, at(0), at(40 * WEEK), 1_000)
    wide = [number for number, (floor, ceiling) in enumerate(source.requests) if ceiling - floor > FAST_TIER]
    assert wide[0] == 0
    assert not set(wide) & {number + 1 for number in wide}
    assert len(wide) <= 40


@pytest.mark.parametrize("page_rows", [1, 2, 3, 4])
@pytest.mark.parametrize("api", ["v1", "v2"])
def test_runs_that_differ_below_the_precision_shown_are_all_delivered(api: str, page_rows: int) -> None:
    """v2 shows milliseconds: runs within one are asked for again, none is lost between two windows."""
    starts = {run: at(1_000_000 + 300 * run) for run in range(10)} | {10 + run: at(-WEEK + 300 * run) for run in range(10)}
    source = CursorApi(starts, page_rows, api)
    assert set(read(source, at(-2 * WEEK), at(2_000_000), 100)) == set(range(20))


PIECE = begun(Slice(RUN.name, ("p",), lo=at(0), hi=at(100)))


def after(piece: Slice, *microseconds: int, cursor: str | None = "next") -> Slice | None:
    """The slice after a page of v1 runs with these starts."""
    return after_runs(piece, [render(at(one)) for one in microseconds], cursor, "v1")


def test_the_first_query_spans_all_that_is_missing() -> None:
    """A slice begins with its whole window, or with the part above a floor."""
    assert (PIECE.floor, PIECE.ceiling, PIECE.cursor) == (at(0), at(100), None)
    assert begun(replace(PIECE, cursor="c", hi=at(50)), at(20)) == replace(PIECE, hi=at(50), floor=at(20), ceiling=at(50))


def test_the_bound_moves_down_just_above_the_oldest_row() -> None:
    """The oldest row's moment stays within the window: its twins may be on the next page."""
    assert after(PIECE, 90, 80, 70) == replace(PIECE, hi=at(71), cursor="next")


def test_a_page_out_of_order_moves_no_bound() -> None:
    """Where rows do not come newest first the cursor is the only position, and the window stays whole for a restart."""
    assert after(PIECE, 70, 90, 80) == replace(PIECE, cursor="next")


def test_an_empty_page_with_a_cursor_goes_on() -> None:
    """v2 may answer nothing and still have more."""
    assert after(PIECE) == replace(PIECE, cursor="next")


def test_no_cursor_is_the_end_of_a_query_and_of_the_window_once_its_floor_is_the_windows() -> None:
    """A drained query leaves what lies below its floor; a drained window leaves nothing."""
    assert after(PIECE, 90, cursor=None) is None
    assert after(replace(PIECE, floor=at(40)), 90, cursor=None) == replace(PIECE, hi=at(40), ceiling=at(40))


def test_a_repeated_cursor_is_an_error_where_nothing_has_come() -> None:
    """A page that points at itself would be read for ever."""
    with pytest.raises(UpstreamError, match="same page cursor twice"):
        after(replace(PIECE, cursor="next"))


def test_a_repeated_cursor_is_given_up_for_the_rest_of_the_window() -> None:
    """What has come counts, and the window is asked again just below it."""
    lowered = replace(PIECE, hi=at(80) + TICK["v1"])
    assert after(replace(PIECE, cursor="next"), 90, 80) == begun(lowered)


def test_a_refused_cursor_asks_the_rest_again_and_three_that_helped_nothing_are_enough() -> None:
    """What is left is asked from its top; where `hi` has been lowered since, the count begins anew."""
    lowered = replace(PIECE, hi=at(50), cursor="dead", refused=2)
    first = again(lowered)
    assert first == replace(begun(lowered), refused=1)
    second = again(replace(first, cursor="dead"))
    assert second == replace(first, refused=2)
    third = again(replace(second, cursor="dead"))
    assert third == replace(first, refused=3)
    assert again(replace(third, cursor="dead")) is None


BY_ID = replace(PIECE, ids=("a", "b", "c"))
PAGES_BY_ID = [
    # delivered, the answer's cursor, what is asked for next
    (["a", "b", "c"], None, None),
    (["a", "b", "c"], "next", None),
    (["a"], None, None),
    (["a"], "next", replace(BY_ID, ids=("b", "c"))),
    ([], "next", replace(BY_ID, cursor="next")),
    ([], None, None),
]


@pytest.mark.parametrize(("delivered", "cursor", "following"), PAGES_BY_ID)
def test_runs_by_id_are_asked_for_until_they_came(delivered: list[str], cursor: str | None, following: Slice | None) -> None:
    """Ids that a short page left out are asked for again; those that no page has are gone."""
    assert after_ids(BY_ID, delivered, cursor) == following


def test_an_api_that_overlooks_the_ids_is_not_asked_for_ever() -> None:
    """Rows that were not asked for are no progress."""
    assert after_ids(BY_ID, ["x", "y"], "next") != BY_ID
