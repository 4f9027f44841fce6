"""Serve the function's target `sync` on this machine, as a deployment does, and call it until it has nothing more.

Not here: starting programs (programs), or what a terminal shows meanwhile (screen).
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import requests

from langsmith_core.errors import SyncError
from langsmith_sync import function
from langsmith_sync.programs import FailureError, Programs, free_port


def start(programs: Programs, environment: Mapping[str, str]) -> str:
    """Serve the target `sync` on a free loopback port; return its URL."""
    port = free_port()
    programs.start("function", function.command("sync", port), environment).wait_for(lambda _: accepts(port))
    return f"http://{function.HOST}:{port}"


def answers(url: str) -> Iterator[dict[str, Any]]:
    """POST until hasMore is false, and yield each answer: `{"hasMore", "rows": {table: n}, "requests", "seconds"}`."""
    more = True
    while more:
        answer = post(url)
        yield answer
        more = answer["hasMore"]


def post(url: str) -> dict[str, Any]:
    """Call the function once, and return its answer. Raises its refusal as a SyncError of its message and status."""
    with requests.Session() as session:
        session.trust_env = False  # a proxy for the internet does not reach loopback
        try:
            response = session.post(url, timeout=(10, None))
            answer: dict[str, Any] = response.json()
        except requests.RequestException as error:
            raise FailureError(f"The function gave no answer ({type(error).__name__}).") from error
    if not response.ok:
        raise SyncError(
            answer.get("errorMessage", f"The function answered {response.status_code}: {answer}"), response.status_code
        )
    return answer


def accepts(port: int) -> bool:
    """Tell whether a program listens on this loopback port."""
    with suppress(OSError), socket.create_connection((function.HOST, port), timeout=1):
        return True
    return False
