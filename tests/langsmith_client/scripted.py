"""A scripted LangSmith: an adapter of `requests` with prepared answers, a clock turned by hand, and a loopback server."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, BinaryIO

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from langsmith_core.calls import Call
from langsmith_core.langsmith.client import LangSmith, session
from samples import settings

NOW = datetime(2026, 6, 1, tzinfo=UTC)
KEY = "lsv2_pt_key"
JSON = "application/json"
SELF_HOSTED = "https://langsmith.example.com"
GET = Call("GET", "/api/v1/sessions", query=(("id", "a"), ("id", "b"), ("name", "the query")))
POST = Call("POST", "/api/v1/runs/query", body={"filter": "the payload"})


class HandClock:
    """A clock that stands still until somebody sleeps."""

    def __init__(self) -> None:
        self.time = NOW
        self.slept: list[float] = []

    def now(self) -> datetime:
        """Return the time."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Advance the clock at once."""
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)


@dataclass
class Answer:
    """The answer to one request."""

    status: int = 200
    body: bytes | BinaryIO = b"{}"
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


class Scripted(BaseAdapter):
    """Answer each request by the next answer of the script, and by the last one for ever."""

    def __init__(self, *script: Answer | Exception) -> None:
        super().__init__()
        self.script = list(script)
        self.requests: list[requests.PreparedRequest] = []
        self.options: list[dict[str, Any]] = []

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        """Answer one request."""
        self.requests.append(request)
        self.options.append(options)
        line = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(line, Exception):
            raise line
        headers = HTTPHeaderDict({"Content-Type": line.content_type, **line.headers})
        body = io.BytesIO(line.body) if isinstance(line.body, bytes) else line.body
        return HTTPAdapter().build_response(request, HTTPResponse(body, headers, line.status, preload_content=False))

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class World:
    """A client, the script that answers it, and its clock."""

    client: LangSmith
    adapter: Scripted
    clock: HandClock


def world(*script: Answer | Exception, seconds: float = 3_600, clock: HandClock | None = None, **values: str) -> World:
    """Return a client of a self-hosted LangSmith that the script answers. Its call has so many seconds."""
    clock, adapter, made = clock or HandClock(), Scripted(*script), session()
    made.mount("https://", adapter)
    chosen = settings(**{"LANGSMITH_BASE_URL": SELF_HOSTED, **values})
    return World(LangSmith(chosen, clock, clock.now() + timedelta(seconds=seconds), made), adapter, clock)


class Server(ThreadingHTTPServer):
    """A real server on loopback. It records requests and the connections that they used."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.connections = 0
        self.answers: list[Answer] = [Answer()]

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.path, dict(self.headers)))
        answers = self.server.answers
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        assert isinstance(answer.body, bytes)
        self.send_response(answer.status)
        for name, value in {"Content-Type": answer.content_type, **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_POST = do_GET  # noqa: N815  the name http.server calls

    def log_message(self, *_: object) -> None:
        """Nothing on the console."""


@contextmanager
def serving() -> Iterator[Server]:
    """Run a server while the block lasts."""
    with Server() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
