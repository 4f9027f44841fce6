"""LangSmith that cannot be reached: each way in which a connection fails is told apart, and its message names what to check.

Over real sockets, by the session of main.py. Not here: answers that fail (simulation/test_faults), the whole table (adapters).
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator

import pytest
from werkzeug.wrappers import Response

import main
from langsmith_core.adapters import langsmith
from product import World
from simulator.server import serving

WAY_OUT = "check LANGSMITH_BASE_URL and this network's way out (firewall, VPC egress, proxy), else call again in some minutes"


@pytest.fixture
def w(world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A workspace that nobody reaches, and the session of main as it is."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    w = world()
    with langsmith.session() as session:
        monkeypatch.setattr(main, "SESSION", session)
        yield w


def closed() -> str:
    """A port of this machine that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{one.getsockname()[1]}"


def told(w: World, **environment: str) -> list[tuple[int, str]]:
    """The status and the message of a call of each face, and of a setup test."""
    w.configure(**environment)
    answers = [w.post("/fivetran", b"{}"), w.post("/fivetran", b'{"setup_test": true}'), w.post("/sync", b"")]
    return [(one.status_code, json.loads(one.data)["errorMessage"]) for one in answers]


def test_a_host_that_has_no_address(w: World) -> None:
    """DNS."""
    text = "LANGSMITH_BASE_URL: its host has no address; check how it is written, and that this network resolves names (DNS)"
    said = told(w, LANGSMITH_BASE_URL="https://langsmith.invalid")
    assert said == [(503, f"{text} (NameResolutionError, langsmith.invalid)")] * 3


def test_a_port_that_nobody_listens_on(w: World) -> None:
    """Refused at once."""
    said = told(w, LANGSMITH_BASE_URL=f"https://{closed()}")
    assert said == [(503, f"the connection to LangSmith failed; {WAY_OUT} (ConnectionError, 127.0.0.1)")] * 3


def test_a_host_without_encryption_or_a_certificate(w: World) -> None:
    """What answers speaks no TLS: as a proxy may that stands between."""
    text = "LANGSMITH_BASE_URL: the host's certificate is not valid; check the address, and what answers in its place"
    with serving(Response("{}"), 0) as address:
        said = told(w, LANGSMITH_BASE_URL=address.replace("http://", "https://"))
    assert said == [(400, f"{text} (SSLError, 127.0.0.1)")] * 3


@pytest.mark.parametrize("refusing", [True, False])
def test_a_proxy_that_leads_nowhere(w: World, refusing: bool) -> None:
    """It is down, or it lets nobody through to LangSmith: the message names the proxy's settings, and not its password."""
    text = "the proxy does not lead to LangSmith; check HTTPS_PROXY and NO_PROXY, and whom the proxy lets through"
    with serving(Response("no", 403), 0) as address:
        proxy = address.removeprefix("http://") if refusing else closed()
        said = told(w, LANGSMITH_BASE_URL="https://langsmith.invalid", HTTPS_PROXY=f"http://user:pass-word@{proxy}")
    assert said == [(503, f"{text} (ProxyError, langsmith.invalid)")] * 3
