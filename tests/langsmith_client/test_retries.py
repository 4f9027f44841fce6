"""Tests of retries: which attempts are repeated, after how long, and when no more."""

import logging
from datetime import timedelta

import pytest
from requests import exceptions as network

from langsmith_client.scripted import GET, KEY, NOW, POST, Answer, world
from langsmith_core.calls import Call
from langsmith_core.errors import OutOfTimeError, SyncError, UpstreamError
from langsmith_core.langsmith.retries import ATTEMPTS_FEW, ATTEMPTS_MAX

CLOUD = "https://api.smith.langchain.com"
PASSING: list[Answer | Exception] = [
    *[Answer(status) for status in (408, 425, 429, 500, 502, 503, 504, 599)],
    *[network.ConnectionError("text"), network.ConnectTimeout("text"), network.ReadTimeout("text")],
    network.ChunkedEncodingError("text"),
]
BUSY = Answer(503)


@pytest.mark.parametrize("first", PASSING)
@pytest.mark.parametrize("times", [1, ATTEMPTS_FEW - 1])
def test_what_passes_is_waited_for(first: Answer | Exception, times: int) -> None:
    """The caller does not see a failure that passes. Each attempt is counted."""
    w = world(*[first] * times, Answer(body=b"[1]"))
    assert (w.client.fetch(GET).body, w.client.sent) == (b"[1]", times + 1)


def test_every_attempt_is_the_same_request() -> None:
    """Method, address, headers and body are the same in every attempt."""
    w = world(BUSY, BUSY, Answer())
    w.client.fetch(POST)
    assert len({(one.method, one.url, tuple(one.headers.items()), one.body) for one in w.adapter.requests}) == 1


def test_the_waits_grow_and_are_spread() -> None:
    """Without a Retry-After waits double, up to half a minute. Each is between half and all of its figure."""
    for _ in range(20):
        w = world(BUSY)
        with pytest.raises(UpstreamError):
            w.client.fetch(GET)
        assert len(w.clock.slept) == ATTEMPTS_MAX - 1
        for attempt, seconds in enumerate(w.clock.slept, start=1):
            assert 0.25 * 2**attempt <= seconds <= 0.5 * 2**attempt <= 30


HTTP_DATE = "Mon, 01 Jun 2026 00:00:%02d GMT"
RETRY_AFTER: list[tuple[dict[str, str], float]] = [
    ({"Retry-After": "7"}, 7),
    ({"Retry-After": " 7 "}, 7),
    ({"Retry-After": "0"}, 0),
    ({"Retry-After": "120"}, 120),
    ({"Retry-After": HTTP_DATE % 9}, 9),
    ({"Retry-After": HTTP_DATE % 9, "Date": HTTP_DATE % 4}, 5),
    ({"Retry-After": HTTP_DATE % 9, "Date": HTTP_DATE % 20}, 0),
    ({"Retry-After": "Mon, 01 Jun 2026 02:00:09 +0200"}, 9),
    ({"retry-after": "7"}, 7),
]
NO_RETRY_AFTER = ["", "soon", "-5", "1.5", "7 s", "\u0667", "Mon, 99 Jun 2026 00:00:00 GMT", "Thu, 01 Jan 99999 00:00:00 GMT"]


@pytest.mark.parametrize("status", [429, 503, 500, 408])
@pytest.mark.parametrize(("headers", "seconds"), RETRY_AFTER)
def test_retry_after_is_obeyed_in_both_forms(headers: dict[str, str], seconds: float, status: int) -> None:
    """The client waits exactly as Retry-After says: seconds, or a date by LangSmith's clock where it gives it."""
    w = world(Answer(status, headers=headers), Answer())
    w.client.fetch(GET)
    assert sum(w.clock.slept[:1]) == seconds


@pytest.mark.parametrize("text", NO_RETRY_AFTER)
def test_a_retry_after_that_makes_no_sense_is_none(text: str) -> None:
    """A senseless Retry-After is ignored; the usual wait applies."""
    w = world(Answer(503, headers={"Retry-After": text.encode().decode("latin-1")}), Answer())
    w.client.fetch(GET)
    assert 0.5 <= w.clock.slept[0] <= 1


@pytest.mark.parametrize("name", ["Retry-After", "Date"])
def test_a_date_beyond_the_calendar_is_none(name: str) -> None:
    """The last hour of the year 9999, west of Greenwich, is no date."""
    headers = {name: "Fri, 31 Dec 9999 23:59:59 -0100"}
    w = world(Answer(503, headers=headers), Answer(headers=headers))
    w.client.fetch(GET)


@pytest.mark.parametrize("seconds", ["121", "1000000000", "9" * 400])
def test_a_long_retry_after_ends_the_call(seconds: str) -> None:
    """A Retry-After above two minutes ends the call, and LangSmith is not asked before it is over."""
    w = world(Answer(429, headers={"Retry-After": seconds}), Answer())
    with pytest.raises(UpstreamError):
        w.client.fetch(GET)
    assert (w.client.sent, w.clock.slept) == (1, [])


@pytest.mark.parametrize("seconds", ["121", "1000000000", "9" * 400])
def test_no_retry_after_makes_a_call_wait_for_ever(seconds: str) -> None:
    """However long LangSmith says, the client waits two minutes at a time at most."""
    w = world(Answer(429, headers={"Retry-After": seconds}), Answer(500))
    with pytest.raises(UpstreamError):
        w.client.fetch(GET)
    assert max(w.clock.slept, default=0) <= 120


@pytest.mark.parametrize("line", PASSING)
@pytest.mark.parametrize("seconds", [0, 0.1, 1, 5, 10])
def test_no_attempt_begins_after_the_deadline(line: Answer | Exception, seconds: float) -> None:
    """A failure whose wait would end past the deadline is the last."""
    w = world(line, seconds=seconds)
    with pytest.raises(UpstreamError):
        w.client.fetch(GET)
    assert w.clock.time <= NOW + timedelta(seconds=seconds)


def test_a_retry_after_past_the_deadline_ends_the_call() -> None:
    """A Retry-After past the deadline ends the call at once."""
    w = world(Answer(429, headers={"Retry-After": "60"}), Answer(), seconds=59)
    with pytest.raises(UpstreamError, match="rate limit"):
        w.client.fetch(GET)
    assert (w.client.sent, w.clock.slept) == (1, [])


SLOW_TIER = Call("POST", "/api/v1/runs/query", tier="v1_long", body={})


def test_the_pace_is_kept_by_waiting() -> None:
    """On LangChain's cloud the second request of a tier waits for its turn."""
    w = world(Answer(), LANGSMITH_BASE_URL=CLOUD)
    for _ in range(3):
        w.client.fetch(SLOW_TIER)
    assert w.clock.time - NOW == pytest.approx(timedelta(seconds=20 / 3), abs=timedelta(milliseconds=1))


def test_a_pace_past_the_deadline_ends_the_call() -> None:
    """Where the turn comes after the deadline, nothing is sent, and the error says that time is over."""
    w = world(Answer(), Answer(429), LANGSMITH_BASE_URL=CLOUD, seconds=3)
    w.client.fetch(SLOW_TIER)
    with pytest.raises(SyncError):
        w.client.fetch(SLOW_TIER)
    sent = w.client.sent
    with pytest.raises(OutOfTimeError) as caught:
        w.client.fetch(SLOW_TIER)
    assert (caught.value.status, w.client.sent) == (503, sent)


def test_a_pace_of_seconds_is_kept_past_the_deadline() -> None:
    """A call shorter than the pace waits its few seconds, or it would never get on."""
    w = world(Answer(), LANGSMITH_BASE_URL=CLOUD, seconds=1)
    w.client.fetch(SLOW_TIER)
    w.client.fetch(SLOW_TIER)
    assert sum(w.clock.slept) == pytest.approx(10 / 3)


def test_the_pace_is_kept_from_one_call_to_the_next() -> None:
    """Fivetran calls again at once: a call's first request keeps its gap from the last request before."""
    first = world(Answer(), LANGSMITH_BASE_URL=CLOUD)
    first.client.fetch(SLOW_TIER)
    second = world(Answer(), LANGSMITH_BASE_URL=CLOUD, clock=first.clock)
    second.client.fetch(SLOW_TIER)
    assert first.clock.time - NOW >= timedelta(seconds=3)


def test_a_429_slows_a_host_of_ones_own() -> None:
    """An unpaced host that answers 429 is asked slower from then on."""
    w = world(Answer(), Answer(), Answer(429, headers={"Retry-After": "0"}), Answer())
    for _ in range(2):
        w.client.fetch(GET)
    assert w.clock.slept == []
    w.client.fetch(GET)
    assert sum(w.clock.slept) == pytest.approx(1.0)


def test_attempts_are_logged_without_anything_private(caplog: pytest.LogCaptureFixture) -> None:
    """The log counts attempts and gives the reason; no key, no query."""
    with caplog.at_level(logging.DEBUG, logger="langsmith_core"):
        world(BUSY, network.ReadTimeout("the query"), Answer()).client.fetch(GET)
    assert [line.split(",")[0] for line in caplog.messages] == ["attempt 1 failed", "attempt 2 failed"]
    assert KEY not in caplog.text
    assert "the query" not in caplog.text
