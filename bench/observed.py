"""Wrap the simulator for the benchmark: three paths beside LangSmith's, and counts of what was asked and sent.

`/bench/begin` takes a network (JSON) and counts from zero. `/bench/later` is an hour later: it adds new runs, turns the latency
on, and counts from zero. `/bench/seen` tells the counts.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bench import corpus
from bench.work import LATER
from simulator import Clock, Simulator
from simulator.limits import Limits

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MODES: dict[str, Any] = {"v1": "clickhouse", "v2": "smithdb"}
TOO_MANY = 429


class Ahead(Clock):
    """The machine's time, or later."""

    def __init__(self) -> None:
        self.by = timedelta(0)
        super().__init__(self.now())

    def now(self) -> datetime:
        """Return the time."""
        return datetime.now(UTC) + self.by

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class Observed:
    """The WSGI application. Bytes are counted under a lock, because requests are answered in threads."""

    def __init__(self, simulator: Simulator, clock: Ahead, projects: list[str], record_bytes: int) -> None:
        self._simulator, self._clock = simulator, clock
        self._projects, self._record_bytes = projects, record_bytes
        self._own = {"/bench/begin": self._begin, "/bench/later": self._later, "/bench/seen": self._nothing}
        self._network: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._restart()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer the benchmark's own path, or count the bytes of the simulator's answer."""
        own = self._own.get(environ["PATH_INFO"])
        if own is not None:
            own(environ)
            return _answer(self.seen(), start_response)
        wsgi: WSGIApplication = self._simulator.wsgi
        body = list(wsgi(environ, start_response))
        with self._lock:
            self._bytes += sum(map(len, body))
        return body

    def seen(self) -> dict[str, Any]:
        """Return the counts since the beginning. A refused request (429) is not a failed one."""
        asked = list(self._simulator.requests)
        return {
            "requests": Counter(request.kind for request in asked),
            "failed": sum((request.status or 0) >= 400 and request.status != TOO_MANY for request in asked),
            "refused": sum(request.status == TOO_MANY for request in asked),
            "bytes": self._bytes,
            "cpu_seconds": time.process_time() - self._cpu,
            "ahead": self._clock.by.total_seconds(),
        }

    def _begin(self, environ: WSGIEnvironment) -> None:
        network = self._network = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        simulator = self._simulator
        simulator.mode = MODES[network["api"]]
        simulator.rate_limits = network["limits"]
        simulator.limits = Limits(simulator)
        simulator.latency_seconds = 0.0 if network["idle"] else network["latency"]
        self._restart()

    def _later(self, _: WSGIEnvironment) -> None:
        self._clock.by += LATER
        corpus.add_new(self._simulator, self._projects, self._record_bytes)
        self._simulator.latency_seconds = self._network["latency"]
        self._restart()

    def _nothing(self, _: WSGIEnvironment) -> None:
        """Leave the counts as they are."""

    def _restart(self) -> None:
        self._simulator.requests.clear()
        self._bytes, self._cpu = 0, time.process_time()


def _answer(value: dict[str, Any], start_response: StartResponse) -> list[bytes]:
    body = json.dumps(value).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
