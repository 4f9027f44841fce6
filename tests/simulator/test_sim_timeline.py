"""The index by time gives the pages of a plain sort."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from simulator.timeline import Timeline

START = datetime(2026, 1, 1, tzinfo=UTC)


def moment(second: int) -> datetime:
    return START + timedelta(seconds=second)


@given(st.lists(st.integers(0, 9), max_size=30), st.integers(-1, 10), st.integers(-1, 10), st.booleans())
def test_slices_equal_a_plain_sort(seconds: list[int], low: int, high: int, newest_first: bool) -> None:
    """Any window, read in either direction, equals filtering and sorting everything."""
    timeline: Timeline[tuple[int, str]] = Timeline()
    items = [(second, f"{number:02}") for number, second in enumerate(seconds)]
    for second, ident in items:
        timeline.add(moment(second), ident, (second, ident))
    expected = sorted((item for item in items if low <= item[0] < high), reverse=newest_first)
    found = list(timeline.between(moment(low), moment(high), None, newest_first=newest_first))
    assert found == expected
    assert list(timeline) == sorted(items)


@given(st.lists(st.integers(0, 3), max_size=20), st.integers(1, 4), st.booleans())
def test_pages_after_a_position_lose_and_repeat_nothing(seconds: list[int], size: int, newest_first: bool) -> None:
    """Continuing after the last item of each page visits every item once, also with equal times."""
    timeline: Timeline[tuple[datetime, str]] = Timeline()
    for number, second in enumerate(seconds):
        timeline.add(moment(second), f"{number:02}", (moment(second), f"{number:02}"))
    seen: list[tuple[datetime, str]] = []
    while True:
        after = seen[-1] if seen else None
        page = list(timeline.between(None, None, after, newest_first=newest_first))[:size]
        if not page:
            break
        seen += page
    assert seen == sorted(timeline, reverse=newest_first)


def test_keep_drops_the_rest() -> None:
    """`keep` drops the items that are not wanted."""
    timeline: Timeline[int] = Timeline()
    for number in (3, 1, 2):
        timeline.add(moment(number), str(number), number)
    timeline.keep(lambda number: number != 2)
    assert (list(timeline), len(timeline)) == ([1, 3], 2)
