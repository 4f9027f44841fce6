"""Serve a simulator in a process of its own: a large workspace on loopback, over a network as one case has it.

`python -m bench.serve --runs N --record-bytes N` prints one line of JSON with the address, and ends when its input ends. Not
here: the benchmark's own paths and counts (observed).
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
from datetime import timedelta

from bench import corpus
from bench.observed import Ahead, Observed
from simulator import Simulator
from simulator.server import serving


def main() -> None:
    """Serve until the input ends."""
    options = arguments().parse_args()
    clock = Ahead()
    simulator = Simulator(clock=clock)
    projects = corpus.fill(simulator, options.runs, options.record_bytes, options.projects, options.days)
    gc.freeze()  # or the collector walks millions of lasting objects while other programs are timed
    since = simulator.clock.now() - timedelta(days=options.days + 1)
    with serving(Observed(simulator, clock, projects, options.record_bytes), 0) as url:
        told = {"url": url, "api_key": simulator.api_key, "tenant_id": simulator.tenant_id}
        print(json.dumps({**told, "projects": projects, "since": since.isoformat()}), flush=True)
        sys.stdin.read()


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.serve", description="a large simulated workspace on loopback")
    parser.add_argument("--runs", type=int, required=True)
    parser.add_argument("--record-bytes", type=int, required=True)
    parser.add_argument("--projects", type=int, default=corpus.PROJECTS)
    parser.add_argument("--days", type=int, default=corpus.DAYS)
    return parser


if __name__ == "__main__":
    main()
