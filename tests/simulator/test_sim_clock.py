"""The simulator's clock, and the formats in which LangSmith writes timestamps."""

from datetime import UTC, datetime, timedelta

import pytest

from simulator import Clock
from simulator.times import aware, http_date, millis, naive, order_stamp, parse_time

MOMENT = datetime(2026, 1, 5, 16, 46, 1, 68924, tzinfo=UTC)


def test_hand_clock_moves_only_when_told() -> None:
    """A clock stands still until it is advanced or slept on."""
    clock = Clock("2026-06-01T02:00:00+02:00")
    assert clock.now() == clock.now() == datetime(2026, 6, 1, tzinfo=UTC)
    clock.advance(hours=1, minutes=5)
    clock.advance(timedelta(seconds=1))
    clock.sleep(0.5)
    assert clock.now() == datetime(2026, 6, 1, 1, 5, 1, 500000, tzinfo=UTC)


def test_system_clock_is_the_present_and_cannot_be_advanced() -> None:
    """The system clock returns the machine's time as an aware moment, and refuses to advance."""
    clock = Clock.system()
    first = clock.now()
    clock.sleep(0.0)
    assert first <= clock.now() <= datetime.now(UTC)
    with pytest.raises(TypeError, match="cannot be advanced"):
        clock.advance(hours=1)


@pytest.mark.parametrize(
    ("write", "text"),
    [
        (naive, "2026-01-05T16:46:01.068924"),
        (aware, "2026-01-05T16:46:01.068924+00:00"),
        (millis, "2026-01-05T16:46:01.068Z"),
        (http_date, "Mon, 05 Jan 2026 16:46:01 GMT"),
        (order_stamp, "20260105T164601068924Z"),
    ],
)
def test_each_format_writes_the_moment_its_own_way(write: object, text: str) -> None:
    """Each format writes the same moment in its own notation; milliseconds are truncated, not rounded."""
    assert callable(write)
    assert write(MOMENT) == text


def test_fraction_is_left_out_when_it_is_zero() -> None:
    """A naive time on the full second has no fraction, v2's always has three digits."""
    full = MOMENT.replace(microsecond=0)
    assert (naive(full), millis(full)) == ("2026-01-05T16:46:01", "2026-01-05T16:46:01.000Z")


@pytest.mark.parametrize("text", ["2026-01-05T16:46:01.068924", "2026-01-05T17:46:01.068924+01:00"])
def test_parse_takes_naive_as_utc(text: str) -> None:
    """A time without an offset is UTC; one with an offset is turned into UTC."""
    assert parse_time(text) == MOMENT
