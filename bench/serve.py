"""Serve a simulator in a process of its own: a large workspace on loopback, with counts of what it was asked for.

`python -m bench.serve --runs N --record-bytes N` prints one line of JSON with the address, and ends when its input ends. Beside
LangSmith's paths it has two of the benchmark: `/bench/begin?mode=` and `/bench/seen`.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from bench import corpus
from simulator import Clock, Simulator
from simulator.server import serving

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MODES = {"v1": "clickhouse", "v2": "smithdb"}


def main() -> None:
    """Serve until the input ends."""
    options = arguments().parse_args()
    simulator = Simulator(clock=Clock.system())
    projects = corpus.fill(simulator, options.runs, options.record_bytes)
    gc.freeze()  # or the collector walks millions of lasting objects while other programs are timed
    since = simulator.clock.now() - timedelta(days=corpus.DAYS + 1)
    with serving(_observed(simulator), 0) as url:
        told = {"url": url, "api_key": simulator.api_key, "tenant_id": simulator.tenant_id}
        print(json.dumps({**told, "projects": projects, "since": since.isoformat()}), flush=True)
        sys.stdin.read()


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.serve", description="a large simulated workspace on loopback")
    parser.add_argument("--runs", type=int, required=True)
    parser.add_argument("--record-bytes", type=int, required=True)
    return parser


def _observed(simulator: Simulator) -> WSGIApplication:
    """Wrap the simulator: answer the benchmark's two paths first, and count the bytes of all answers."""
    sent: Counter[str] = Counter()

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/bench/begin":
            _begin(simulator, parse_qs(environ["QUERY_STRING"])["mode"][0])
            sent.clear()
        if path.startswith("/bench/"):
            return _answer(_seen(simulator, sent["bytes"]), start_response)
        body = list(simulator.wsgi(environ, start_response))
        sent["bytes"] += sum(map(len, body))
        return body

    return application


def _begin(simulator: Simulator, mode: Any) -> None:
    simulator.requests.clear()
    simulator.mode = mode


def _seen(simulator: Simulator, sent: int) -> dict[str, Any]:
    kinds = Counter(request.kind for request in simulator.requests)
    failed = sum((request.status or 0) >= 400 for request in simulator.requests)
    return {"requests": kinds, "failed": failed, "bytes": sent, "cpu_seconds": time.process_time()}


def _answer(value: dict[str, Any], start_response: StartResponse) -> list[bytes]:
    body = json.dumps(value).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


if __name__ == "__main__":
    main()
