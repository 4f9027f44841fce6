"""What Cloud Tasks does and its emulator does not: several tasks at once, as many as the queue allows, and each name once.

The emulator gives one task at a time to this door, which answers at once. The door has a function work on it, and answers 503
until that is done: the emulator then comes again. A task whose name was worked on already is answered 200 and goes no further.
Cloud Tasks would have refused it when it was added, with ALREADY_EXISTS.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from typing import Any

import requests

WAITING_SECONDS = 300


class Door:
    """Gives tasks to functions in turn, `at_once` at most. `names` counts what came, `answers` what the functions said."""

    def __init__(self, at_once: int) -> None:
        self.at_once, self.url = at_once, ""
        self.names: Counter[str] = Counter()
        self.answers: Counter[int] = Counter()
        self.most = 0
        self._functions: Iterator[str] = iter(())
        self._lock = threading.Lock()
        self._running: set[str] = set()
        self._done: set[str] = set()

    def leads_to(self, functions: Sequence[str]) -> None:
        """Give tasks to these addresses from now on."""
        self._functions = cycle(functions)

    def taken(self, name: str, task: bytes) -> int:
        """Take a task that the emulator gives out. Return the status to answer."""
        with self._lock:
            self.names[name] += 1
            if name in self._done:
                return 200
            if name in self._running or len(self._running) >= self.at_once:
                return 503
            self._running.add(name)
            self.most = max(self.most, len(self._running))
            threading.Thread(target=self._work, args=(name, task, next(self._functions)), daemon=True).start()
            return 503

    def _work(self, name: str, task: bytes, function: str) -> None:
        status = _posted(function, task)
        with self._lock:
            self.answers[status] += 1
            self._running.remove(name)
            if 200 <= status < 300:
                self._done.add(name)


def _posted(function: str, task: bytes) -> int:
    """POST a task. Return the status; 599 where the function has gone."""
    with requests.Session() as session:
        session.trust_env = False  # a proxy for the internet is none for loopback
        try:
            return session.post(function, task, timeout=WAITING_SECONDS, headers={"Content-Type": "application/json"}).status_code
        except requests.ConnectionError:
            return 599


@contextmanager
def opened(at_once: int) -> Iterator[Door]:
    """Open a door on loopback until the block ends."""
    door = Door(at_once)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            task = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(door.taken(self.headers["X-CloudTasks-TaskName"], task))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Be silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        door.url = f"http://127.0.0.1:{server.server_port}/"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield door
        finally:
            server.shutdown()
