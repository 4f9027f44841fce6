"""`python -m simulator`: serve a workspace with seeded data on a loopback port, until interrupted."""

from __future__ import annotations

import argparse
import sys
import threading

from simulator import Clock, Simulator


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=8900)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--projects", type=int, default=3)
    parser.add_argument("--runs", type=int, default=500, help="runs in all projects together")
    parser.add_argument("--datasets", type=int, default=2)
    parser.add_argument("--mode", choices=("clickhouse", "dual", "smithdb"), default="clickhouse")
    parser.add_argument("--now", help="a clock that stands still at this moment, in place of the real one")
    return parser


def main() -> None:
    """Serve until interrupted."""
    options = arguments().parse_args()
    clock = Clock(options.now) if options.now else Clock.system()
    simulator = Simulator(clock=clock, mode=options.mode, seed=options.seed)
    simulator.corpus(projects=options.projects, runs=options.runs, datasets=options.datasets)
    with simulator.serve(options.port) as base_url:
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


if __name__ == "__main__":
    main()
