"""Faults of real connections: both faces over sockets, against a simulator that resets, truncates, stays silent or drips.

The product's own session sends the requests. Its read timeout of a minute is shortened. langsmith_client/test_reading and
test_transport test the client alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from simulation.face_calls import called, calls, state, statuses
from simulation.fault_table import HTML

import main
from langsmith_client import hostile
from langsmith_client.hostile import ENDLESS
from langsmith_core.langsmith.client import READ_SECONDS
from langsmith_core.langsmith.time_limit import OVER
from langsmith_core.langsmith.transport import CONNECT_SECONDS
from product import World
from simulator import Fault
from simulator.server import serving

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SECONDS = 0.2
"""The read timeout of these tests, in place of the product's minute."""
every_face = pytest.mark.parametrize("face", ["fivetran", "duckdb"])


class Hasty(HTTPAdapter):
    """The real transport, with a shorter timeout than it is given."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        """Send a request."""
        assert options["timeout"] == (CONNECT_SECONDS, READ_SECONDS)
        return super().send(request, **{**options, "timeout": SECONDS})


class Dripping:
    """A server in front of the simulator. It lets answers to some requests drip: a piece, a wait, a piece."""

    def __init__(self, inner: WSGIApplication, path: str, wait: Callable[[], None], times: int) -> None:
        self._inner, self._path, self._wait, self.left = inner, path, wait, times

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        body = self._inner(environ, start)
        if not str(environ["PATH_INFO"]).endswith(self._path) or not self.left:
            return body
        self.left -= 1
        return self._drops(b"".join(body))

    def _drops(self, body: bytes) -> Iterator[bytes]:
        for place in range(0, len(body), max(1, len(body) // 20)):
            yield body[place : place + max(1, len(body) // 20)]
            self._wait()


@pytest.fixture
def w(world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> World:
    """A workspace with some records of every table, reached through the product's session over sockets."""
    made = world("clickhouse")
    made.sim.corpus(projects=3, runs=24, days=6, datasets=2, examples=3)
    monkeypatch.setenv("NO_PROXY", "*")
    main.SESSION.mount("http://", Hasty())
    return made


@pytest.mark.parametrize(("kind", "face"), [("sessions", "fivetran"), ("examples", "fivetran"), ("runs", "duckdb")])
@pytest.mark.parametrize("fault", [{"reset": True}, {"truncate": 0.6}, {"status": 200, **HTML}, {"slow": 2 * SECONDS}])
def test_trouble_on_a_real_connection_passes(w: World, fault: dict[str, Any], kind: str, face: str) -> None:
    """One call absorbs two resets, cut answers, foreign pages or timeouts, and the tables are complete."""
    with w.sim.serve() as address:
        w.configure(LANGSMITH_BASE_URL=address)
        planned = w.sim.faults.add(Fault(kind=kind, times=2, **fault))
        assert [one.status for one in calls(w, face)] == [200]
    assert planned.struck == 2
    w.assert_complete(face)


STAYING = [
    ({"reset": True}, 503, "the connection to LangSmith failed; check"),
    ({"truncate": 0.6}, 502, "LangSmith's answer broke off; call again"),
    ({"status": 200, **HTML}, 502, "a proxy or firewall answered in LangSmith's place; let"),
    ({"slow": 2 * SECONDS}, 503, "LangSmith did not answer in time; lower PAGE_SIZE"),
]


@every_face
@pytest.mark.parametrize(("fault", "status", "says"), STAYING)
def test_trouble_on_a_real_connection_stays(w: World, fault: dict[str, Any], status: int, says: str, face: str) -> None:
    """The call fails and says what went wrong. Once that is over, the next sync is complete."""
    with w.sim.serve() as address:
        w.configure(LANGSMITH_BASE_URL=address)
        w.sim.faults.add(Fault(times=None, **fault))
        assert called(w, face).failed(status, says)
        w.sim.faults.clear()
        assert statuses(calls(w, face)) == {200}
    w.assert_complete(face)


@every_face
def test_an_answer_that_stops_dripping(w: World, face: str) -> None:
    """A body whose next piece does not come within the read timeout is asked for again."""
    dripping = Dripping(w.sim.wsgi, "/sessions", lambda: time.sleep(2 * SECONDS), 2)
    with serving(dripping, 0) as address:
        w.configure(LANGSMITH_BASE_URL=address)
        assert [one.status for one in calls(w, face)] == [200]
    assert dripping.left == 0
    w.assert_complete(face)


@every_face
def test_an_answer_that_goes_on_dripping(w: World, face: str) -> None:
    """A body that drips for ten minutes, each piece in time, is broken off after three. It is asked for again."""
    begun = w.clock.now()

    def half_a_minute() -> None:
        w.clock.advance(seconds=30)
        time.sleep(0.01)

    dripping = Dripping(w.sim.wsgi, "/sessions", half_a_minute, 1)
    w.configure(MAX_SECONDS="100000")
    with serving(dripping, 0) as address:
        w.configure(LANGSMITH_BASE_URL=address)
        assert [one.status for one in calls(w, face)] == [200]
    assert dripping.left == 0
    assert len([one for one in w.sim.requests if one.path.endswith("/sessions") and one.query[0][0] != "id"]) >= 2
    assert (w.clock.now() - begun).total_seconds() < 20 * 30
    w.assert_complete(face)


@every_face
@pytest.mark.parametrize("name", ENDLESS)
def test_answers_that_never_end(world: Callable[..., World], monkeypatch: pytest.MonkeyPatch, name: str, face: str) -> None:
    """A call ends, says why and moves nothing, though pieces of its answer come without end. The next sync is complete."""
    w = world()
    w.sim.corpus(projects=2, runs=6, days=6)
    w.configure(MAX_SECONDS="5")
    monkeypatch.setenv("NO_PROXY", "*")
    last = w.clock.now() + timedelta(seconds=5 + 15)

    def turn() -> None:
        if w.clock.now() < last:  # a client that waits for longer waits until the server gives up
            w.clock.advance(seconds=0.1)

    with hostile.serving(ENDLESS[name], turn) as port:
        w.configure(LANGSMITH_BASE_URL=f"http://127.0.0.1:{port}")
        assert called(w, face).failed(503, OVER)
        assert state(w, face).keys() <= {"source", "version"}
    with serving(w.sim.wsgi, port):
        assert statuses(calls(w, face)) == {200}
    w.assert_complete(face)


@every_face
def test_an_answer_that_never_ends_takes_nothing_back(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch, face: str
) -> None:
    """Rows before a runs page without an end are delivered. Once that is over, the runs arrive."""
    w = world()
    w.sim.corpus(projects=2, runs=6, days=6)
    w.configure(MAX_SECONDS="5")
    monkeypatch.setenv("NO_PROXY", "*")

    def a_second() -> None:
        w.clock.advance(seconds=1)
        time.sleep(0.01)

    dripping = Dripping(w.sim.wsgi, "/runs/query", a_second, 1)
    with serving(dripping, 0) as address:
        w.configure(LANGSMITH_BASE_URL=address)
        assert statuses(calls(w, face)) == {200}
    assert dripping.left == 0
    w.assert_complete(face)
