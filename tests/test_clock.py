"""The machine's clock within a call. simulation/test_clocks tests LangSmith's clock."""

from __future__ import annotations

from datetime import UTC, datetime

from langsmith_core.clock import SystemClock


def test_time_goes_on_evenly_within_a_call() -> None:
    """A machine's clock that is set back or ahead in the middle of a call moves no deadline. The next call reads it anew."""
    wall, ticks = [1_000.0], [50.0]
    clock = SystemClock(lambda: wall[0], lambda: ticks[0])
    wall[0], ticks[0] = 900_000.0, 53.0
    assert clock.now() == datetime.fromtimestamp(1_003, UTC)
    wall[0], ticks[0] = -900_000.0, 54.0
    assert clock.now() == datetime.fromtimestamp(1_004, UTC)
    clock.begin()
    assert clock.now() == datetime.fromtimestamp(-900_000, UTC)
