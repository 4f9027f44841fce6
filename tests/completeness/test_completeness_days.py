"""Which days a check compares."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from langsmith_core.completeness import days


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "since", "oldest", "newest", "first", "count"),
    [
        ("2026-06-12T00:00:00", None, None, "2026-06-09", "2026-06-03", 7),
        ("2026-06-11T23:59:59", None, None, "2026-06-08", "2026-06-02", 7),
        ("2026-06-12T10:00:00", "2026-05-01T13:00:00", None, "2026-06-09", "2026-05-01", 40),
        ("2026-06-12T10:00:00", None, "2026-06-07T00:00:00", "2026-06-09", "2026-06-07", 3),
        ("2026-06-12T10:00:00", None, "2026-06-07T00:00:01", "2026-06-09", "2026-06-08", 2),
        ("2026-06-12T10:00:00", None, "2026-01-01T00:00:00", "2026-06-09", "2026-06-03", 7),
    ],
)
def test_days_that_ended_two_days_ago_are_compared(
    now: str, since: str | None, oldest: str | None, newest: str, first: str, count: int
) -> None:
    """Seven of them, or all since a day; none that START_TIME cuts, since LangSmith counts it whole."""
    found = days.settled(at(now), at(since) if since else None, at(oldest) if oldest else None)
    assert (found[0], found[-1], len(found)) == (at(newest), at(first), count)


def test_a_start_time_of_yesterday_leaves_nothing_to_compare() -> None:
    """No day since then has settled."""
    assert days.settled(at("2026-06-12T10:00:00"), None, at("2026-06-11T00:00:00")) == ()
