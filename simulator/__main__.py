"""`python -m simulator`: serve a workspace with seeded data on a loopback port, until interrupted."""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

from simulator import Clock, Simulator, demo
from simulator.journal import Journal


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=8900)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--corpus", choices=("seeded", "demo"), default="seeded", help="demo: a shop's two weeks, of one shape")
    parser.add_argument("--projects", type=int, default=3)
    parser.add_argument("--runs", type=int, default=500, help="runs in all projects together")
    parser.add_argument("--datasets", type=int, default=2)
    parser.add_argument("--mode", choices=("clickhouse", "dual", "smithdb"), default="clickhouse")
    parser.add_argument("--now", help="a clock that stands still at this moment, in place of the real one")
    parser.add_argument(
        "--journal", type=Path, help="a file that keeps the workspace and its port for the next start with the same options"
    )
    return parser


def main() -> None:
    """Serve until interrupted."""
    options = arguments().parse_args()
    simulator, port = _made(options)
    with simulator.serve(port) as base_url:
        lines = (
            f"LANGSMITH_BASE_URL={base_url}",
            f"LANGSMITH_API_KEY={simulator.api_key}",
            f"LANGSMITH_TENANT_ID={simulator.tenant_id}",
        )
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            sys.stdout.write("stopped\n")


def _made(options: argparse.Namespace) -> tuple[Simulator, int]:
    """A filled simulator and the port to serve at. Both are a journal's own where it has been begun."""
    clock = Clock(options.now) if options.now else Clock.system()
    simulator = Simulator(clock=clock, mode=options.mode, seed=options.seed)
    if options.journal is None:
        _fill(simulator, options)
        return simulator, options.port
    journal = Journal(options.journal, clock.now(), options.port)
    with simulator.workspace.standing_at(journal.made_at):
        _fill(simulator, options)
    simulator.keep(journal)
    return simulator, journal.port


def _fill(simulator: Simulator, options: argparse.Namespace) -> None:
    if options.corpus == "demo":
        demo.fill(simulator.workspace, options.seed)
    else:
        simulator.corpus(projects=options.projects, runs=options.runs, datasets=options.datasets)


if __name__ == "__main__":
    main()
