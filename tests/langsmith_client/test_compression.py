"""Tests of compressed answers: the client asks for gzip, reads it, and bounds what it unpacks."""

import gzip
import tracemalloc
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest

from langsmith_client.scripted import GET, NOW, Answer, HandClock, serving, world
from langsmith_core.calls import Call
from langsmith_core.errors import SyncError, TooHeavyError, TooLargeError
from langsmith_core.langsmith import client as langsmith
from langsmith_core.langsmith import reading
from langsmith_core.langsmith.client import LangSmith
from samples import settings
from simulator import DEFAULT_API_KEY, DEFAULT_TENANT_ID, Clock, Simulator
from simulator.server import serving as served

BOUND = 1 << 20
BOMB_BYTES = 64 << 20
MEMORY_MAX = 16 << 20
"""Some times the bound and a chunk, and far less than the whole."""
STORAGE = "https://storage.example.com/in"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reach loopback directly, whatever proxy the machine has."""
    monkeypatch.setenv("NO_PROXY", "*")


def client(address: str) -> LangSmith:
    """Return a client of a real server."""
    clock = HandClock()
    told = {"LANGSMITH_API_KEY": DEFAULT_API_KEY, "LANGSMITH_TENANT_ID": DEFAULT_TENANT_ID, "LANGSMITH_BASE_URL": address}
    return LangSmith(settings(**told), clock, clock.now() + timedelta(hours=1), langsmith.session())


def test_the_simulators_gzip_is_asked_for_and_read() -> None:
    """The simulator answers gzip because the client asks for it. The client reads the same page as without."""
    sim = Simulator(clock=Clock(NOW))
    sim.corpus(projects=3, runs=20)
    call, encodings = Call("GET", "/api/v1/sessions", query=(("limit", "100"),)), []

    def watched(environ: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:
        def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            encodings.append(dict(headers).get("Content-Encoding"))
            return start_response(status, headers, *rest)

        return sim.wsgi(environ, started)

    with served(watched, 0) as url:
        plain = client(url).fetch(call).body
        sim.compressed = True
        unpacked = client(url).fetch(call).body
    assert (encodings, unpacked) == ([None, "gzip"], plain)


def test_a_payload_is_asked_for_and_read_as_gzip() -> None:
    """Object storage may answer gzip too: the client asks for it, and hands on the unpacked bytes."""
    with serving() as storage:
        storage.answers = [Answer(body=gzip.compress(b"stored"), headers={"Content-Encoding": "gzip"})]
        assert client(storage.address).download(f"{storage.address}/in", 100) == b"stored"
        ((_, headers),) = storage.seen
    assert headers["Accept-Encoding"] == "gzip"


def bomb(layers: int) -> Answer:
    """Return a small answer that unpacks to BOMB_BYTES."""
    body = gzip.compress(bytes(BOMB_BYTES))
    for _ in range(layers - 1):
        body = gzip.compress(body)
    assert len(body) < BOUND
    return Answer(body=body, headers={"Content-Encoding": ", ".join(["gzip"] * layers)})


READS: dict[str, tuple[Callable[[LangSmith], object], type[SyncError]]] = {
    "a page": (lambda asking: asking.fetch(GET), TooHeavyError),
    "a payload": (lambda asking: asking.download(STORAGE, BOUND), TooLargeError),
}


@pytest.mark.parametrize("layers", [1, 2, 5])
@pytest.mark.parametrize("what", READS)
def test_what_unpacks_to_too_much_is_broken_off(what: str, layers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound holds for unpacked bytes. A bomb, packed once or several times, takes no memory past it."""
    monkeypatch.setattr(reading.read, "__defaults__", (BOUND, "lower PAGE_SIZE"))
    read, error = READS[what]
    asking = world(bomb(layers)).client
    tracemalloc.start()
    try:
        with pytest.raises(error):
            read(asking)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MEMORY_MAX


def test_a_broken_gzip_is_asked_for_again() -> None:
    """An answer that cannot be unpacked may pass the next time."""
    w = world(Answer(body=b"no gzip", headers={"Content-Encoding": "gzip"}), Answer(body=b"[]"))
    assert (w.client.fetch(GET).body, w.client.sent) == (b"[]", 2)
