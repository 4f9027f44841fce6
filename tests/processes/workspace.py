"""A simulated LangSmith in a process of its own: `python workspace.py NOW SEED RUNS MODE DAYS` serves until its input ends.

It prints its address, and then a line for each request that it has answered. By these lines a test knows how far the reader is.
The same arguments make the same workspace, so a test makes its own copy and knows the truth. servers.py starts it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import get_args

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from simulator import Clock, Simulator  # noqa: E402  the path above comes first
from simulator.messages import Request, Response  # noqa: E402
from simulator.server import serving, wsgi_app  # noqa: E402
from simulator.settings import Mode  # noqa: E402


def made(now: str, seed: int, runs: int, mode: Mode = "clickhouse", days: float = 12) -> Simulator:
    """Make a workspace of two projects that stands still at a moment."""
    simulator = Simulator(clock=Clock(now), mode=mode, seed=seed)
    simulator.corpus(projects=2, runs=runs, datasets=2, examples=20, days=days)
    return simulator


def main() -> None:
    """Serve until standard input ends."""
    now, seed, runs, mode, days = sys.argv[1:]
    (known,) = (one for one in get_args(Mode) if one == mode)
    simulator = made(now, int(seed), int(runs), known, float(days))

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
