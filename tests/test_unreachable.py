"""Tests of a LangSmith that cannot be reached: each network failure has its own message, which names what to check.

Requests go over real sockets, by the session of main.py. simulation/test_faults tests failing answers,
langsmith_client/test_client the whole table.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator

import pytest
from werkzeug.wrappers import Response

import main
from langsmith_core.langsmith import client
from product import World
from simulator.server import serving

WAY_OUT = "check LANGSMITH_BASE_URL and this network's way out (firewall, VPC egress, proxy), else call again in a few minutes"


@pytest.fixture
def w(world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return a workspace that nobody reaches, with main's real session."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    w = world()
    with client.session() as session:
        monkeypatch.setattr(main, "SESSION", session)
        yield w


def closed() -> str:
    """Return a port of this machine on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{one.getsockname()[1]}"


def failures(w: World, **environment: str) -> list[tuple[int, str]]:
    """Return status and message of a call of each face, and of a setup test."""
    w.configure(**environment)
    answers = [w.post("/fivetran", b"{}"), w.post("/fivetran", b'{"setup_test": true}'), w.post("/sync", b"")]
    return [(one.status_code, json.loads(one.data)["errorMessage"]) for one in answers]


def test_a_host_that_has_no_address(w: World) -> None:
    """A host without a DNS address is a 503 that says what to check."""
    text = "LANGSMITH_BASE_URL: its host name does not resolve; check its spelling, and this network's DNS"
    answered = failures(w, LANGSMITH_BASE_URL="https://langsmith.invalid")
    assert answered == [(503, f"{text} (NameResolutionError, langsmith.invalid)")] * 3


def test_a_port_that_nobody_listens_on(w: World) -> None:
    """A connection refused at once is a 503 that says what to check."""
    answered = failures(w, LANGSMITH_BASE_URL=f"https://{closed()}")
    assert answered == [(503, f"the connection to LangSmith failed; {WAY_OUT} (ConnectionError, 127.0.0.1)")] * 3


def test_a_host_without_encryption_or_a_certificate(w: World) -> None:
    """A host that speaks no TLS, such as a proxy in between, is a 400 that names the check."""
    text = "LANGSMITH_BASE_URL: the host's certificate is not valid; check the address, and what answers there"
    with serving(Response("{}"), 0) as address:
        answered = failures(w, LANGSMITH_BASE_URL=address.replace("http://", "https://"))
    assert answered == [(400, f"{text} (SSLError, 127.0.0.1)")] * 3


@pytest.mark.parametrize("refusing", [True, False])
def test_a_proxy_that_leads_nowhere(w: World, refusing: bool) -> None:
    """A proxy that is down, or refuses LangSmith, is a 503. The message names its settings, and not its password."""
    text = "the proxy does not reach LangSmith; check HTTPS_PROXY and NO_PROXY, and which hosts the proxy allows"
    with serving(Response("no", 403), 0) as address:
        proxy = address.removeprefix("http://") if refusing else closed()
        answered = failures(w, LANGSMITH_BASE_URL="https://langsmith.invalid", HTTPS_PROXY=f"http://user:pass-word@{proxy}")
    assert answered == [(503, f"{text} (ProxyError, langsmith.invalid)")] * 3
