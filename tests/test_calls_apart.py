"""Tests that calls of different callers share nothing but process and session: no cookie, no name, no proxy.

Requests go over real sockets by the session of main.py. Not here: where the key goes (test_key_travel).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import pytest
from test_key_travel import Host

import main
from langsmith_core.langsmith import client
from langsmith_core.settings import config
from langsmith_core.sync import state_json
from product import World
from simulator import DEFAULT_API_KEY, DEFAULT_SERVICE_KEY, DEFAULT_TENANT_ID, Fault
from simulator.server import serving

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

COOKIE = "session=of-the-first-caller; Path=/"


@pytest.fixture
def w(world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> World:
    """Return a workspace with a run whose payload lies in storage, and main's real session."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    w = world("clickhouse")
    w.workspace.add_run(w.workspace.add_project("p"), inputs={"q": "x" * 2000}, outputs={"a": 1}, offloaded=("inputs",))
    monkeypatch.setattr(main, "SESSION", client.session())
    return w


def with_cookies(inner: WSGIApplication) -> WSGIApplication:
    """Wrap an application so that each answer sets cookies: LangSmith's, a redirect's, the storage's."""

    def application(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        def starting(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start(status, [*headers, ("Set-Cookie", COOKIE), ("Set-Cookie", "other=1; Domain=127.0.0.1")], *more)

        return inner(environ, starting)

    return application


def call(w: World, key: str, **custom: str) -> int:
    """Run a caller's sync from its beginning, with a key of its own. Return the status of its last call."""
    secrets = {"LANGSMITH_API_KEY": key, "LANGSMITH_TENANT_ID": DEFAULT_TENANT_ID}
    state: dict[str, Any] = {}
    for _ in range(20):
        answer = w.post("/fivetran", json.dumps({"state": state, "secrets": secrets, "customPayload": custom}).encode())
        body = json.loads(answer.data)
        state = body.get("state", state)
        if not body.get("hasMore"):
            break
    return answer.status_code


def test_no_cookie_is_kept(w: World) -> None:
    """No request sends a cookie that LangSmith, a redirect or the storage set in one caller's call."""
    host = Host(with_cookies(w.sim.wsgi))
    with serving(host, 0) as address:
        w.configure(LANGSMITH_BASE_URL=address)
        custom = {"LANGSMITH_BASE_URL": address}
        assert call(w, DEFAULT_API_KEY, **custom) == 200
        w.sim.faults.add(Fault(kind="info", redirect=f"{address}/elsewhere", times=1))
        assert call(w, DEFAULT_API_KEY, **custom) == 502
        assert call(w, DEFAULT_SERVICE_KEY, **custom) == 200
    assert {one.split(" ")[1].partition("?")[0] for one in host.received} >= {"/api/v1/info", "/public/download"}
    assert [one for one in host.received if "cookie:" in one] == []
    assert list(main.SESSION.cookies) == []


def test_a_session_that_kept_cookies_would_be_received(w: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain session of requests sends cookies, and the host above records them."""
    import requests  # noqa: PLC0415  for its own session alone

    monkeypatch.setattr(main, "SESSION", requests.Session())
    host = Host(with_cookies(w.sim.wsgi))
    with serving(host, 0) as address:
        call(w, DEFAULT_API_KEY, LANGSMITH_BASE_URL=address)
    assert any("cookie: session=of-the-first-caller" in one for one in host.received)


def test_what_is_not_encrypted_goes_by_no_proxy(w: World) -> None:
    """An unencrypted request to loopback goes by no proxy, since HTTP_PROXY would see the key in plain text."""
    proxy, host = Host(), Host(w.sim.wsgi)
    with serving(proxy, 0) as proxied, serving(host, 0) as address:
        w.configure(HTTP_PROXY=proxied, http_proxy=proxied, ALL_PROXY=proxied, NO_PROXY="", no_proxy="")
        assert call(w, DEFAULT_API_KEY, LANGSMITH_BASE_URL=address) == 200
    assert (len(host.received) > 0, proxy.received) == (True, [])


def test_names_of_one_caller_are_not_another_callers(w: World) -> None:
    """A second caller with the first one's state, but another key or hidden names, reads the names itself."""
    w.sim.mode = "dual"
    for number in range(30):
        w.workspace.add_run(w.workspace.add_project(f"project {number}"))
    with w.sim.serve() as address:
        secrets = {"LANGSMITH_API_KEY": DEFAULT_API_KEY, "LANGSMITH_TENANT_ID": DEFAULT_TENANT_ID, "LANGSMITH_BASE_URL": address}
        custom = {"MAX_RESPONSE_MB": "0.02"}
        first = json.loads(
            w.post("/fivetran", json.dumps({"state": {}, "secrets": secrets, "customPayload": custom}).encode()).data
        )
        state, names = first["state"], main.NAMES
        assert first["hasMore"]

        def kept(**changed: str) -> dict[str, str | None]:
            settings = config.load(os.environ, {**secrets, **custom, **changed})
            return names.of(settings, state_json.load(state, settings.source)).by_id

        assert len(kept()) > 0
        assert kept(LANGSMITH_API_KEY=DEFAULT_SERVICE_KEY) == {}
        assert kept(EXCLUDE_COLUMNS="langsmith_project.name") == {}
