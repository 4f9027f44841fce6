"""Windows of runs, walked down page by page. Not here: what else a window can do (test_run_window)."""

from datetime import datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from langsmith_core.errors import UpstreamError
from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.records.times import render
from langsmith_core.streams.context import Api
from langsmith_core.streams.run_queries import FAST_TIER
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.window_steps import TICK
from langsmith_core.streams.work import Work
from streams.contexts import A, context, page
from streams.cursor_api import CursorApi, at, read, row

WEEK = int(FAST_TIER / timedelta(microseconds=1))
APIS = st.sampled_from(["v1", "v2"])
# Distances between one run and the next in microseconds: none, within a tick, within a page's span, over empty weeks.
GAPS = st.sampled_from([0, 1, 700, 1_000, 10**6, WEEK // 50, WEEK // 3, WEEK - 1, WEEK, WEEK + WEEK // 7, 3 * WEEK])


def moments(gaps: list[int]) -> dict[int, datetime]:
    """Runs by id, so far apart."""
    total, starts = 0, {}
    for number, gap in enumerate(gaps):
        total += gap
        starts[number] = at(total)
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
    gaps: list[int], api: Api, page_rows: int, short_by: list[int], dies_at: set[int]
) -> None:
    """Whatever ties there are, however short or empty pages are, wherever a cursor dies: the window comes to its end complete."""
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
    source = CursorApi({number: at(number * step) for number in range(runs)}, page_rows)
    pages = -(-runs // page_rows)
    read(source, at(0), at(400 * WEEK // 7), pages + 2 + int(days / 7 * 2 / page_rows))


@pytest.mark.parametrize("runs", [0, 1, 12, 100])
def test_a_sparse_project_costs_one_request(runs: int) -> None:
    """A project whose runs fit into one page is asked once, over all 400 days, however many weeks are empty."""
    source = CursorApi({number: at(number * WEEK // 2) for number in range(runs)}, 100)
    read(source, at(0), at(400 * WEEK // 7), 1)
    assert source.requests == [(at(0), at(400 * WEEK // 7))]


def test_a_dense_project_is_asked_by_the_week() -> None:
    """Where a page spans less than a week, a wide query is followed by one in the fast rate tier, and opens a week at most."""
    source = CursorApi({number: at(number * WEEK // 500) for number in range(20_000)}, 100)
    read(source, at(0), at(40 * WEEK), 1_000)
    wide = [number for number, (floor, ceiling) in enumerate(source.requests) if ceiling - floor > FAST_TIER]
    assert wide[0] == 0
    assert not set(wide) & {number + 1 for number in wide}
    assert len(wide) <= 40


@pytest.mark.parametrize("days", [1, 20, 400])
def test_v2_is_asked_for_full_pages_alone(days: int) -> None:
    """v2 has no rate tiers, so a dense project costs one request for each full page, over however many weeks."""
    step = days * WEEK // 7 // 20_000
    source = CursorApi({number: at(number * step) for number in range(20_000)}, 1_000, "v2")
    read(source, at(0), at(400 * WEEK // 7), 20)
    assert set(source.requests) == {(at(0), at(400 * WEEK // 7))}


@pytest.mark.parametrize("page_rows", [1, 2, 3, 4])
@pytest.mark.parametrize("api", ["v1", "v2"])
def test_runs_that_differ_below_the_precision_shown_are_all_delivered(api: Api, page_rows: int) -> None:
    """v2 shows milliseconds: runs within one are asked for again, none is lost between two windows."""
    starts = {number: at(1_000_000 + 300 * number) for number in range(10)}
    starts |= {10 + number: at(-WEEK + 300 * number) for number in range(10)}
    source = CursorApi(starts, page_rows, api)
    assert set(read(source, at(-2 * WEEK), at(2_000_000), 100)) == set(range(20))


V1 = context(None)
ITEM = RunWindow(lo=at(0), hi=at(100), waiting=Ids([A])).begun(V1)


def after(item: RunWindow, *microseconds: int, cursor: str | None = "next", longer: bool = False) -> Work | None:
    """What is asked next after a page of v1 runs with these starts."""
    rows = (row(number, render(at(one))) for number, one in enumerate(microseconds))
    outcome = item.after(page(*rows, cursor=cursor, longer=longer), V1)
    return outcome.rest[0] if outcome.rest else None


def test_the_first_query_spans_all_that_is_missing() -> None:
    """A window begins with one query over all of it."""
    assert (ITEM.parents, ITEM.waiting) == (Ids([A]), NO_IDS)
    assert (ITEM.question.lo, ITEM.question.hi, ITEM.cursor) == (at(0), at(100), None)
    assert ITEM.begun(V1) == ITEM


def test_the_bound_moves_down_just_above_the_oldest_row() -> None:
    """The oldest row's moment stays within the window: its twins may be on the next page."""
    assert after(ITEM, 90, 80, 70) == replace(ITEM, top=at(71), cursor="next")


def test_a_page_out_of_order_moves_no_bound() -> None:
    """Where rows do not come newest first the cursor is the only position, and the window stays whole for a restart."""
    assert after(ITEM, 70, 90, 80) == replace(ITEM, cursor="next")


def test_an_empty_page_with_a_cursor_goes_on() -> None:
    """v2 may answer nothing and still have more."""
    assert after(ITEM) == replace(ITEM, cursor="next")


def test_a_row_outside_the_window_moves_no_bound_past_it() -> None:
    """A run that was not asked for, or whose time nobody can compute with, does not say where the window is read to."""
    assert after(ITEM, 90, -5_000_000) == replace(ITEM, top=at(91), cursor="next")


def test_no_cursor_is_the_end_of_a_query_and_of_the_window_once_its_floor_is_the_windows() -> None:
    """A drained query leaves what lies below its floor; a drained window leaves nothing."""
    assert after(ITEM, 90, cursor=None) is None
    assert after(replace(ITEM, floor=at(40)), 90, cursor=None) == replace(ITEM, top=at(40), ceiling=at(40))


def test_a_repeated_cursor_is_an_error_where_nothing_has_come() -> None:
    """A page that points at itself would be read for ever."""
    with pytest.raises(UpstreamError, match="same page cursor twice"):
        after(replace(ITEM, cursor="next"))


def test_a_repeated_cursor_is_given_up_for_the_rest_of_the_window() -> None:
    """What has come counts, and the window is asked again just below it."""
    lowered = replace(ITEM, top=at(80) + TICK["v1"])
    assert after(replace(ITEM, cursor="next"), 90, 80) == lowered.restarted()


def test_a_page_that_is_longer_than_asked_is_read_on_below_its_first_rows() -> None:
    """The cursor points behind rows that were not taken. Rows of one moment at the top would come for ever: an error."""
    assert after(ITEM, 90, 80, longer=True) == replace(ITEM, top=at(81)).restarted()
    with pytest.raises(UpstreamError, match="more records than were asked for"):
        after(replace(ITEM, top=at(91)), 90, 90, longer=True)
