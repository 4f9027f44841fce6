"""Tests of three ways by which a key could reach another host: redirects, signed addresses, a request's own address.

Each test has a host that listens. Requests go over real sockets by the session of main.py. langsmith_client/test_transport tests
the client by itself.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
import requests
from werkzeug.wrappers import Request, Response

from fivetran_model import CallFailed
from product import World
from simulator import DEFAULT_API_KEY, DEFAULT_TENANT_ID, Fault
from simulator.server import serving

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FACES = ("fivetran", "sync")
REFUSED = "{}: give {} beside it; a key is used only for the address and workspace that came with it"
OTHER_KEY, OTHER_TENANT = "lsv2_pt_of_the_caller", {"LANGSMITH_TENANT_ID": "0c0ffee0-0000-4000-8000-000000000000"}


class Host:
    """A server that records every request it receives, whole, and answers by another application, or with `{}`."""

    def __init__(self, inner: WSGIApplication | None = None) -> None:
        self._inner: WSGIApplication = inner or Response("{}", content_type="application/json")
        self.received: list[str] = []
        """Each request as one text: line, headers, body."""
        self.address = ""

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        lines = [f"{request.method} {request.full_path}", *(f"{name.lower()}: {value}" for name, value in request.headers)]
        content = request.get_data()
        self.received.append("\n".join([*lines, content.decode(errors="replace")]))
        return self._inner({**environ, "wsgi.input": io.BytesIO(content)}, start)

    def assert_listening(self) -> None:
        """Check that this host would have recorded a request."""
        before = len(self.received)
        requests.get(self.address, headers={"X-API-Key": "anything"}, timeout=5)
        assert "x-api-key: anything" in self.received[before]


@pytest.fixture
def w(world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> World:
    """Return a workspace, with main's real session."""
    monkeypatch.setenv("NO_PROXY", "*")
    return world("clickhouse")


@pytest.fixture
def second() -> Iterator[Host]:
    """Run a listening host on another port."""
    host = Host()
    with serving(host, 0) as host.address:
        yield host


def message(w: World, target: str, body: dict[str, Any]) -> tuple[int, str]:
    """Make a failing call. Return its status and message."""
    answer = w.post(f"/{target}", json.dumps(body if target == "fivetran" else {}).encode())
    return answer.status_code, json.loads(answer.data)["errorMessage"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(("kind", "target"), [("info", "sync"), ("sessions", "fivetran"), ("runs", "sync")])
def test_the_key_follows_no_redirect(w: World, second: Host, kind: str, status: int, target: str) -> None:
    """The key follows no redirect of a GET or a POST to another port: the call is a 502, and that port receives nothing."""
    w.workspace.add_run(w.workspace.add_project("p"))
    with w.sim.serve() as address:
        w.configure(LANGSMITH_BASE_URL=address)
        fault = w.sim.faults.add(Fault(kind=kind, redirect=f"{second.address}/api/v1/{kind}", status=status, times=None))
        answers: list[Any] = []
        state: dict[str, Any] = {}
        for _ in range(10):
            answers.append(w.post(f"/{target}", json.dumps({"state": state} if target == "fivetran" else {}).encode()))
            answered = json.loads(answers[-1].data)
            state = answered.get("state", state)
            if not answered.get("hasMore"):
                break
    assert [one.status_code for one in answers[:-1]] == [200] * (len(answers) - 1)
    assert answers[-1].status_code == 502
    assert answered["errorMessage"].startswith("LANGSMITH_BASE_URL: LangSmith redirects to another address")
    assert (fault.struck > 0, second.received) == (True, [])
    second.assert_listening()


@pytest.mark.parametrize("target", FACES)
def test_the_key_follows_no_redirect_to_another_name(w: World, target: str) -> None:
    """`localhost` counts as another host than `127.0.0.1`, though machine and port are the same. It is not asked."""
    host = Host(w.sim.wsgi)
    with serving(host, 0) as address:
        w.configure(LANGSMITH_BASE_URL=address)
        elsewhere = address.replace("127.0.0.1", "localhost")
        w.sim.faults.add(Fault(kind="info", redirect=f"{elsewhere}/api/v1/info", times=None))
        status, says = message(w, target, {"state": {}})
    assert (status, says.endswith("(307, redirect to localhost)")) == (502, True)
    assert [one for one in host.received if "host: localhost" in one] == []
    assert any("host: 127.0.0.1" in one and f"x-api-key: {DEFAULT_API_KEY}" in one for one in host.received)


@pytest.mark.parametrize("target", FACES)
def test_a_signed_address_is_asked_without_the_key(w: World, target: str) -> None:
    """A payload on another host is asked for without key or workspace, and fills the row."""
    project = w.workspace.add_project("heavy")
    run = w.workspace.add_run(project, inputs={"q": "x" * 2000}, outputs={"a": 1}, offloaded=("inputs",))
    storage = Host(w.sim.wsgi)
    with serving(storage, 0) as storage.address, serving(_signing(w.sim.wsgi, storage.address), 0) as address:
        w.configure(LANGSMITH_BASE_URL=address)
        w.fivetran.sync() if target == "fivetran" else w.sync_locally()
        received = list(storage.received)
        storage.assert_listening()
    assert received
    for one in received:
        assert one.startswith("GET /public/download?jwt=")
        assert not [name for name in ("x-api-key:", "authorization:", "x-tenant-id:", "cookie:") if name in one]
        assert DEFAULT_API_KEY not in one
        assert DEFAULT_TENANT_ID not in one
    rows = (w.in_fivetran if target == "fivetran" else w.in_duckdb)("langsmith_run")
    assert json.loads(rows[run]["inputs"]) == {"q": "x" * 2000}


def _signing(inner: WSGIApplication, storage: str) -> WSGIApplication:
    """Wrap LangSmith so that its signed addresses lead to a storage elsewhere."""

    def application(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        return inner({**environ, "HTTP_HOST": storage.removeprefix("http://")}, start)

    return application


@pytest.mark.parametrize("place", ["secrets", "customPayload"])
@pytest.mark.parametrize("setup_test", [True, False])
def test_a_url_without_its_key_is_refused(w: World, second: Host, place: str, setup_test: bool) -> None:
    """A request with a host and without a key is a 400. That host receives no request."""
    asked = {"state": {}, "setup_test": setup_test, place: {"LANGSMITH_BASE_URL": second.address}}
    status, says = message(w, "fivetran", asked)
    assert (status, says) == (400, REFUSED.format("LANGSMITH_BASE_URL", "LANGSMITH_API_KEY"))
    assert DEFAULT_API_KEY not in says
    assert second.received == []
    second.assert_listening()


def test_a_url_with_a_key_of_its_own_gets_that_key_alone(w: World, second: Host) -> None:
    """A request with a host and a key sends that key to it, and never the environment's."""
    with pytest.raises(CallFailed):
        w.fivetran.step(secrets={"LANGSMITH_BASE_URL": second.address, "LANGSMITH_API_KEY": OTHER_KEY, **OTHER_TENANT})
    assert any(f"x-api-key: {OTHER_KEY}" in one for one in second.received)
    assert not any(DEFAULT_API_KEY in one for one in second.received)
