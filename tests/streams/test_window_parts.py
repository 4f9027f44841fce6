"""Windows of runs in parts: where one is cut, that all parts together are the window, and what comes behind them."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.records.times import render
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.window_parts import CURSOR_MAX, PAGES, PAGES_MAX, in_parts, projects_behind
from langsmith_core.streams.window_steps import from_top
from samples import NOW
from streams.contexts import DAY, FIRST, HOUR, MINUTE, A, B, C, context, page
from streams.cursor_api import row

WINDOW = from_top(RunWindow(lo=NOW - 100 * DAY, hi=NOW, parents=Ids([A]), waiting=Ids([B]), top=NOW - HOUR))


def starts(count: int, span: timedelta) -> list[str]:
    """Start times of a page, newest first, spread over a span above the window's top."""
    return [render(NOW - HOUR + span * (count - 1 - number) / (count - 1)) for number in range(count)]


@pytest.mark.parametrize("rows_max", [1_000, 100])
def test_a_dense_window_is_cut_below_the_next_pages(rows_max: int) -> None:
    """The upper part is expected to have twenty full pages at most. Both are the window, each asked anew, without a cursor."""
    rows = rows_max // 2
    upper, lower = in_parts(replace(WINDOW, cursor="c"), starts(rows, HOUR), rows_max, 2)
    middle = NOW - HOUR - 2 * PAGES_MAX * HOUR
    assert upper == from_top(replace(WINDOW, down_to=middle))
    assert lower == from_top(replace(WINDOW, top=middle, waiting=NO_IDS))
    assert (upper.question.lo, upper.question.hi) == (middle, NOW - HOUR)
    assert (lower.question.lo, lower.question.hi) == (WINDOW.lo, middle)
    assert (upper.is_sound, lower.is_sound) == (True, True)


@pytest.mark.parametrize("most", [2, 5, 15])
def test_a_window_is_cut_into_as_many_parts_as_can_be_under_way(most: int) -> None:
    """They lie one under another without a gap, and only the first brings the projects that wait."""
    parts = in_parts(WINDOW, starts(1_000, HOUR), 1_000, most)
    height = PAGES_MAX * HOUR
    tops = [NOW - HOUR - number * height for number in range(most)]
    assert [part.question.hi for part in parts] == tops
    assert [part.question.lo for part in parts] == [*tops[1:], WINDOW.lo]
    assert [list(part.waiting) for part in parts] == [[B], *[[]] * (most - 1)]
    again = in_parts(parts[0], starts(1_000, HOUR), 1_000, most)
    assert [part.question.lo for part in again][-1] == tops[1]


def test_a_window_of_a_few_pages_has_few_parts() -> None:
    """Each part is expected to have three full pages at least. All are of one height."""
    few = from_top(replace(WINDOW, lo=NOW - HOUR - 3 * PAGES * HOUR))
    parts = in_parts(few, starts(1_000, HOUR), 1_000, 15)
    assert [part.bottom for part in parts] == [NOW - HOUR - number * PAGES * HOUR for number in (1, 2, 3)]
    fewer = from_top(replace(few, lo=NOW - HOUR - 2 * PAGES * HOUR + MINUTE))
    assert in_parts(fewer, starts(1_000, HOUR), 1_000, 15) == (fewer,)


@pytest.mark.parametrize(
    ("window", "span", "shuffled"),
    [
        (WINDOW, 30 * DAY, False),
        (WINDOW, timedelta(0), False),
        (WINDOW, HOUR, True),
        (replace(WINDOW, cursor="c" * (CURSOR_MAX + 1)), HOUR, False),
    ],
)
def test_a_window_stays_whole_where_parts_would_not_pay(window: RunWindow, span: timedelta, shuffled: bool) -> None:
    """It has too few pages left, no density, no order, or cursors of which a state has no room for several."""
    times = starts(1_000, span)
    assert in_parts(window, times[::-1] if shuffled else times, 1_000, 2) == (window,)
    assert in_parts(WINDOW, starts(1_000, HOUR), 0, 2) == (WINDOW,)


def test_an_upper_part_ends_where_the_lower_one_begins() -> None:
    """Without a cursor it is read, and the projects that wait come in the whole window."""
    upper, lower = in_parts(WINDOW, starts(1_000, HOUR), 1_000, 2)
    quiet = context(FIRST, api="v2")
    assert upper.after(page(row(1, render(NOW - 2 * HOUR)), cursor=None), quiet).rest == (
        RunWindow(lo=WINDOW.lo, hi=WINDOW.hi, waiting=Ids([B])),
    )
    assert lower.after(page(cursor=None), quiet).rest == ()


def test_a_window_is_cut_only_where_more_answers_can_be_under_way() -> None:
    """The context says so. The rest is the same either way."""
    found = [row(number, render(NOW - HOUR - number * timedelta(seconds=1))) for number in range(100)]
    for parts in (3, 2, 1):
        rest = WINDOW.after(page(*found, cursor="next"), context(FIRST, api="v2", parts=parts, part_rows=100)).rest
        assert len(rest) == parts


def test_the_projects_that_wait_come_in_further_queries() -> None:
    """v1 is asked for one at a time, v2 for all."""
    window = RunWindow(lo=WINDOW.lo, hi=WINDOW.hi, parents=Ids([A]), waiting=Ids([B, C]))
    asked = {api: [list(one.parents) for one in projects_behind(window, context(api=api))] for api in ("v1", "v2")}
    assert asked == {"v1": [[B], [C]], "v2": [[B, C]]}
