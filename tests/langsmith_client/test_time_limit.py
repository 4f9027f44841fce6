"""Tests that no attempt outlasts its call, whatever the other side does: in DNS, connect, TLS handshake or answer.

Where an answer never ends, the server turns the call's clock, so a test takes a second of real time. Not here: how retries are
timed (test_retries).
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from langsmith_client import hostile
from langsmith_client.hostile import ENDLESS, Endless
from langsmith_client.scripted import GET, NOW, Answer, HandClock, world
from langsmith_core.clock import SystemClock
from langsmith_core.errors import OutOfTimeError, StorageError, SyncError, TooHeavyError, UpstreamError
from langsmith_core.langsmith import client as langsmith
from langsmith_core.langsmith import time_limit
from langsmith_core.langsmith.client import LangSmith
from langsmith_core.langsmith.time_limit import GRACE_SECONDS, LEAST_SECONDS, OVER
from samples import settings

every_answer = pytest.mark.parametrize("answer", ENDLESS.values(), ids=ENDLESS)
CALL_SECONDS = 5.0


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reach loopback directly, whatever proxy the machine has."""
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], LangSmith]:
    """Make a client whose call has half a second of real time, and no grace."""
    monkeypatch.setattr(time_limit, "LEAST_SECONDS", 0.0)

    def client(address: str) -> LangSmith:
        clock = SystemClock()
        deadline = clock.now() + timedelta(seconds=0.5)
        return LangSmith(settings(LANGSMITH_BASE_URL=address), clock, deadline, langsmith.session(), grace_seconds=0)

    return client


def client_of(address: str, clock: HandClock) -> LangSmith:
    """Make a client whose call has a few seconds."""
    deadline = clock.now() + timedelta(seconds=CALL_SECONDS)
    return LangSmith(settings(LANGSMITH_BASE_URL=address), clock, deadline, langsmith.session())


def turning(clock: HandClock) -> Callable[[], None]:
    """Advance the clock a tenth of a second, but not past a call's last moment, so that nobody waits for a later one."""
    last = NOW + timedelta(seconds=CALL_SECONDS + GRACE_SECONDS + LEAST_SECONDS)

    def turn() -> None:
        clock.time = min(last, clock.time + timedelta(seconds=0.1))

    return turn


@every_answer
def test_an_answer_without_an_end_is_broken_off(answer: Endless) -> None:
    """Status, headers, 100 Continue, body, chunks, trailers, gzip: each is broken off once the call's time and grace are over."""
    clock = HandClock()
    with hostile.serving(answer, turning(clock)) as port, pytest.raises(TooHeavyError) as caught:
        client_of(f"http://127.0.0.1:{port}", clock).fetch(GET)
    assert (caught.value.status, str(caught.value)) == (503, OVER)


@every_answer
def test_a_payload_without_an_end_is_broken_off(answer: Endless) -> None:
    """An endless answer of object storage is broken off too, as an error that may pass later."""
    clock = HandClock()
    with hostile.serving(answer, turning(clock)) as port:
        client = client_of("http://127.0.0.1:1", clock)
        with pytest.raises(StorageError):
            client.download(f"http://127.0.0.1:{port}/payload", 1_000_000)


@pytest.mark.parametrize("status", [101, 102, 103])
def test_other_informational_answers_end_the_call(status: int) -> None:
    """Only 100 is skipped. Any other 1xx counts as the answer, and is an error."""
    clock, answer = HandClock(), Endless(b"", b"HTTP/1.1 %d Wait\r\n\r\n" % status)
    with hostile.serving(answer, turning(clock)) as port, pytest.raises(UpstreamError, match="unexpected status"):
        client_of(f"http://127.0.0.1:{port}", clock).fetch(GET)


def test_a_hundred_headers_are_the_most() -> None:
    """More than a hundred headers are an error, however fast they come."""
    clock, answer = HandClock(), Endless(hostile.OK, b"X-More: yes\r\n" * 50)
    with hostile.serving(answer, lambda: None) as port, pytest.raises(UpstreamError, match="connection to LangSmith failed"):
        client_of(f"http://127.0.0.1:{port}", clock).fetch(GET)


@pytest.fixture
def certified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Return a TLS server's context, whose certificate the product trusts."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    begun = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(begun - timedelta(days=1))
        .not_valid_after(begun + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, pem = tmp_path / "server.pem", serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    file.write_bytes(
        certificate.public_bytes(pem) + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, encryption_algorithm=plain)
    )
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.mark.parametrize("name", ["a header that drips", "100 Continue for ever", "a body that drips"])
def test_an_answer_without_an_end_is_broken_off_under_tls(certified: ssl.SSLContext, name: str) -> None:
    """An endless answer is broken off under TLS too."""
    clock = HandClock()
    with hostile.serving(ENDLESS[name], turning(clock), certified) as port, pytest.raises(TooHeavyError):
        client_of(f"https://127.0.0.1:{port}", clock).fetch(GET)


HANDSHAKES = {
    "silent": Endless(b"", b""),
    "a record that drips": Endless(b"\x16\x03\x03\x40\x00", b"\x02"),
}


@pytest.mark.parametrize("answer", HANDSHAKES.values(), ids=HANDSHAKES)
def test_a_handshake_without_an_end_is_broken_off(short: Callable[[str], LangSmith], answer: Endless) -> None:
    """A TLS server that never says hello, or says it a byte at a time, is given up."""
    with hostile.serving(answer, lambda: None) as port, pytest.raises(TooHeavyError, match=OVER):
        short(f"https://127.0.0.1:{port}").fetch(GET)


def test_a_proxy_that_never_opens_the_way_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that drips its answer to CONNECT is given up."""
    clock = HandClock()
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.delenv("no_proxy", raising=False)
    with hostile.serving(ENDLESS["a header that drips"], turning(clock)) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        with pytest.raises(UpstreamError, match="LangSmith"):
            client_of("https://langsmith.example.com", clock).fetch(GET)


def test_a_name_that_is_never_found_is_given_up(short: Callable[[str], LangSmith], monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's resolver has no timeout that a program can set, so the call goes on without it."""
    end = Event()

    def hangs(*_: Any, **__: Any) -> Any:
        end.wait(60)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    with pytest.raises(UpstreamError, match="host does not answer"):
        short("https://langsmith.example.com").fetch(GET)
    end.set()


@pytest.fixture
def deaf() -> Iterator[int]:
    """Yield a port whose queue is full: a connection to it gets no answer, at any address of this machine."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("", 0), backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", listening.getsockname()[1]))
        yield listening.getsockname()[1]


def test_addresses_that_do_not_answer_are_tried_while_there_is_time(
    short: Callable[[str], LangSmith], deaf: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred thousand silent addresses share the attempt's time; they do not get it each."""
    many = [f"127.{i // 40000}.{i // 200 % 200}.{1 + i % 200}" for i in range(100_000)]
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, deaf)) for address in many]
    real = socket.getaddrinfo
    names = {"langsmith.example.com": entries}
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: names.get(host) or real(host, *rest, **more))
    with pytest.raises(UpstreamError, match="host does not answer"):
        short(f"https://langsmith.example.com:{deaf}").fetch(GET)


@pytest.mark.parametrize("late", [0.0, CALL_SECONDS, CALL_SECONDS + GRACE_SECONDS])
def test_an_attempt_may_begin_until_the_grace_is_over(late: float) -> None:
    """Within the grace the step in hand is finished: its request is sent and answered."""
    w = world(Answer(body=b"[1]"), seconds=CALL_SECONDS)
    w.clock.time += timedelta(seconds=late)
    assert w.client.fetch(GET).body == b"[1]"


def test_no_attempt_begins_later() -> None:
    """After the grace nothing is sent, and the error says which setting helps."""
    w = world(Answer(), seconds=CALL_SECONDS)
    w.clock.time += timedelta(seconds=CALL_SECONDS + GRACE_SECONDS + 0.001)
    with pytest.raises(OutOfTimeError, match=r"^this call ran out of time .* raise MAX_SECONDS") as caught:
        w.client.fetch(GET)
    assert (caught.value.status, w.adapter.requests) == (503, [])
    with pytest.raises(StorageError, match="this call ran out of time"):
        w.client.download("https://storage.example.com/in", 100)
    assert w.adapter.requests == []


TIMEOUTS: list[tuple[float, tuple[float, float]]] = [
    # seconds since the call of five began, and how long connecting and a read may take
    (0, (10, CALL_SECONDS + GRACE_SECONDS)),
    (10, (6, 6)),
    (CALL_SECONDS + GRACE_SECONDS, (LEAST_SECONDS, LEAST_SECONDS)),
]


@pytest.mark.parametrize(("late", "timeouts"), TIMEOUTS)
def test_an_attempt_has_what_its_call_has_left(late: float, timeouts: tuple[float, float]) -> None:
    """Connecting and reading take no longer than the call has left, for LangSmith and object storage."""
    w = world(Answer(body=b"{}"), seconds=CALL_SECONDS)
    w.clock.time += timedelta(seconds=late)
    w.client.fetch(GET)
    w.client.download("https://storage.example.com/in", 100)
    connect, read = timeouts
    assert [one["timeout"] for one in w.adapter.options] == [(connect, read), (connect, min(20, read))]


BROKEN_OFF: list[tuple[float, type[SyncError]]] = [
    # seconds since the call of five began
    (0, TooHeavyError),
    (CALL_SECONDS, TooHeavyError),
    (CALL_SECONDS + 4, OutOfTimeError),
    (CALL_SECONDS + GRACE_SECONDS, OutOfTimeError),
]


@pytest.mark.parametrize(("late", "error"), BROKEN_OFF)
def test_what_the_end_of_a_call_breaks_off_is_no_fault_of_the_page(late: float, error: type[SyncError]) -> None:
    """An attempt that had half of the call was too heavy: a smaller page may pass. Any other waits for the next call."""
    clock = HandClock()
    with hostile.serving(ENDLESS["a header that drips"], turning(clock)) as port:
        client = client_of(f"http://127.0.0.1:{port}", clock)
        clock.time += timedelta(seconds=late)
        with pytest.raises(SyncError) as caught:
            client.fetch(GET)
    assert type(caught.value) is error
