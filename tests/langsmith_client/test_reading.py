"""Tests of reading bodies that are slow, endless, cut off or too large."""

import io
from datetime import timedelta

import pytest
import urllib3

from langsmith_client.scripted import GET, Answer, World, world
from langsmith_core.errors import SyncError, TooHeavyError, UpstreamError
from langsmith_core.langsmith import reading
from langsmith_core.langsmith.retries import ATTEMPTS_FEW, ATTEMPTS_MAX


class Dripping(io.RawIOBase):
    """A body in pieces, each after so many seconds."""

    def __init__(self, w: list[World], piece: bytes, pieces: int, seconds: float) -> None:
        self._w, self._piece, self._left, self._seconds = w, piece, pieces, seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """One piece, or the end."""
        if not self._left:
            return 0
        self._left -= 1
        self._w[0].clock.time += timedelta(seconds=self._seconds)
        buffer[: len(self._piece)] = self._piece
        return len(self._piece)

    @property
    def left(self) -> int:
        """Pieces that nobody has read."""
        return self._left


def test_an_answer_that_comes_too_slowly_is_broken_off() -> None:
    """One answer may take three minutes at most. A smaller page may pass."""
    made: list[World] = []
    piece = b" " * (1 << 16)
    drips = [Dripping(made, piece, 1000, 1.0) for _ in range(ATTEMPTS_FEW)]
    made.append(world(*[Answer(body=io.BufferedReader(drip)) for drip in drips]))
    with pytest.raises(TooHeavyError, match="too slowly") as caught:
        made[0].client.fetch(GET)
    assert (caught.value.status, made[0].client.sent) == (503, ATTEMPTS_FEW)
    assert all(drip.left > 1000 - reading.SECONDS_MAX - 100 for drip in drips)


def test_a_byte_a_minute_is_broken_off() -> None:
    """An answer that never meets the read timeout still cannot hold a call for hours."""
    made: list[World] = []
    drips = [Dripping(made, b" ", 100, 59.0) for _ in range(ATTEMPTS_FEW)]
    made.append(world(*[Answer(body=io.BufferedReader(drip)) for drip in drips]))
    with pytest.raises(TooHeavyError):
        made[0].client.fetch(GET)
    assert all(drip.left > 90 for drip in drips)


def test_an_answer_that_is_too_large_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of a too large answer is not read, so memory is bounded. The same page is not asked for again."""
    monkeypatch.setattr(reading.read, "__defaults__", (1 << 20, "lower PAGE_SIZE"))  # 256 MB would make a slow test
    body = io.BytesIO(b" " * (10 << 20))
    w = world(Answer(body=body))
    with pytest.raises(TooHeavyError, match="lower PAGE_SIZE"):
        w.client.fetch(GET)
    assert w.client.sent == 1
    assert body.closed or body.tell() < 4 << 20


class Broken(io.BytesIO):
    """A body that ends in a network failure."""

    def __init__(self, failure: Exception) -> None:
        super().__init__(b"{}")
        self._failure = failure

    def read(self, _: int | None = -1) -> bytes:
        """The failure."""
        raise self._failure

    read1 = read


POOL = urllib3.HTTPConnectionPool("langsmith.example.com")
BROKEN_OFF = [
    urllib3.exceptions.ProtocolError("broken"),
    urllib3.exceptions.IncompleteRead(1, 2),
    urllib3.exceptions.DecodeError("gzip"),
]


def failing(failure: Exception) -> tuple[SyncError, int]:
    """Return the error of an answer that ends in this failure, and how often it was asked for."""
    w = world(*[Answer(body=Broken(failure)) for _ in range(ATTEMPTS_MAX)])
    with pytest.raises(SyncError) as caught:
        w.client.fetch(GET)
    return caught.value, w.client.sent


@pytest.mark.parametrize("failure", BROKEN_OFF)
def test_an_answer_that_breaks_off_is_asked_for_again(failure: Exception) -> None:
    """A failure within the body may pass, so the request is repeated."""
    error, asked = failing(failure)
    assert (type(error), asked) == (UpstreamError, ATTEMPTS_MAX)


def test_an_answer_that_stops_coming_is_too_heavy() -> None:
    """A timeout within the body is a timeout: a smaller page may pass."""
    error, asked = failing(urllib3.exceptions.ReadTimeoutError(POOL, "/", "timed out"))
    assert (type(error), error.status, asked) == (TooHeavyError, 503, ATTEMPTS_FEW)
