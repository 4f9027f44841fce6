"""Parsing and writing every form of a timestamp."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langsmith_core.records import times

AWARE = st.datetimes(timezones=st.just(UTC))
# What LangSmith's APIs and their users write, and the canonical form of it.
FORMS = [
    ("2026-01-05T16:46:01.068924", "2026-01-05T16:46:01.068924Z"),
    ("2026-01-05T16:46:01.068924+00:00", "2026-01-05T16:46:01.068924Z"),
    ("2026-01-05T16:46:01.068Z", "2026-01-05T16:46:01.068000Z"),
    ("2026-01-05T16:46:01", "2026-01-05T16:46:01.000000Z"),
    ("2026-01-05 16:46:01", "2026-01-05T16:46:01.000000Z"),
    ("2026-01-05T16:46", "2026-01-05T16:46:00.000000Z"),
    ("2026-01-05", "2026-01-05T00:00:00.000000Z"),
    ("2026-01-05T16:46:01.068924+05:30", "2026-01-05T11:16:01.068924Z"),
    ("2026-01-05T16:46:01-08:00", "2026-01-06T00:46:01.000000Z"),
    ("2026-01-05T16:46:01.068924999Z", "2026-01-05T16:46:01.068924Z"),
    ("2024-02-29T23:59:59.999999Z", "2024-02-29T23:59:59.999999Z"),
    ("0001-01-01T00:00:00", "0001-01-01T00:00:00.000000Z"),
    ("0999-12-31T23:59:59Z", "0999-12-31T23:59:59.000000Z"),
    ("9999-12-31T23:59:59.999999", "9999-12-31T23:59:59.999999Z"),
]
NO_TIMES = [
    "",
    "yesterday",
    "2026",
    "2026-13-01",
    "2025-02-29",
    "2026-01-05T24:00:01",
    "2025-02-29T00:00:00Z",
    "2026-01-05T16:60:00.5Z",
    "0000-01-05T16:46:01Z",
    "1767225600",
    "Mon, 05 Jan 2026 16:46:01 GMT",
]
OUT_OF_RANGE = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-01:00"]


@pytest.fixture(params=["America/New_York", "Asia/Kolkata"])
def far_from_utc(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set the machine's time zone to another one than UTC."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(("text", "canonical"), FORMS)
def test_every_form_in_the_canonical_one(text: str, canonical: str) -> None:
    """A time without an offset is UTC, other offsets are converted, and six digits of a second are always written."""
    assert times.canonical(text) == canonical


@pytest.mark.usefixtures("far_from_utc")
def test_naive_times_are_never_local() -> None:
    """The machine's time zone does not change how a time without an offset is read."""
    assert [times.canonical(text) for text, _ in FORMS] == [canonical for _, canonical in FORMS]


@pytest.mark.parametrize("text", NO_TIMES)
def test_what_is_no_time_is_a_value_error(text: str) -> None:
    """`parse` and `canonical` both refuse a text that is no timestamp."""
    for read in (times.parse, times.canonical):
        with pytest.raises(ValueError, match=r".+"):
            read(text)


@pytest.mark.parametrize("text", OUT_OF_RANGE)
def test_what_is_no_time_in_utc_is_an_overflow(text: str) -> None:
    """A time that leaves the years 1 to 9999 when converted to UTC raises OverflowError."""
    with pytest.raises(OverflowError):
        times.canonical(text)


@given(AWARE)
def test_what_is_rendered_is_read_back(moment: datetime) -> None:
    """`parse` reads back what `render` writes, and every written time has the same length."""
    text = times.render(moment)
    assert (times.parse(text), len(text), text[-1]) == (moment, 27, "Z")


@given(AWARE, st.integers(0, 6), st.sampled_from(["", "Z", "+00:00", "-00:00", "+00:00:00"]))
def test_digits_that_are_left_out_are_zeros(moment: datetime, digits: int, offset: str) -> None:
    """A time in UTC of any number of digits has the canonical form of the time that it is parsed as."""
    text = (times.render(moment)[: 20 + digits] if digits else times.render(moment)[:19]) + offset
    assert times.canonical(text) == times.render(times.parse(text))


@given(AWARE, AWARE)
def test_canonical_times_sort_as_text(one: datetime, other: datetime) -> None:
    """Canonical texts sort in the order of their times."""
    assert (times.render(one) < times.render(other)) == (one < other)


@given(
    st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29)),  # noqa: DTZ001  as Hypothesis wants it
    st.integers(-1439, 1439),
)
def test_offsets_name_the_same_moment(naive: datetime, minutes: int) -> None:
    """A time written with any offset is read as the same time in UTC."""
    moment = naive.replace(tzinfo=UTC)
    assert times.parse(moment.astimezone(timezone(timedelta(minutes=minutes))).isoformat()) == moment
