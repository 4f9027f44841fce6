"""A simulated LangSmith in a process of its own: `python workspace.py NOW SEED RUNS` serves until its standard input ends.

It prints its address, and then a line for each request that it has answered. By these lines a test knows how far the reader is.
The same arguments make the same workspace, so a test makes its own copy and knows the truth. servers.py starts it.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from simulator import Clock, Simulator  # noqa: E402  the path above comes first
from simulator.messages import Request, Response  # noqa: E402
from simulator.server import serving, wsgi_app  # noqa: E402


def made(now: str, seed: int, runs: int) -> Simulator:
    """Make a workspace of two projects that stands still at a moment."""
    simulator = Simulator(clock=Clock(now), mode="clickhouse", seed=seed)
    simulator.corpus(projects=2, runs=runs, datasets=2, examples=20, days=12)
    return simulator


def main() -> None:
    """Serve until standard input ends."""
    now, seed, runs = sys.argv[1:]
    simulator = made(now, int(seed), int(runs))

    def counted(request: Request) -> Response:
        response = simulator.handle(request)
        tell(request.kind)
        return response

    with serving(wsgi_app(counted), 0) as url:
        tell(url)
        sys.stdin.read()


def tell(line: str) -> None:
    """Print a line at once, in one piece."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
