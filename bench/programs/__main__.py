"""Run one program: `python -m bench.programs NAME` takes the work on its input, and prints the report.

The time goes from the first read of a run to the end of the last write. Importing the program does not count.
"""

from __future__ import annotations

import importlib
import resource
import sys
import time

from bench.work import Drained, read_work

UNIT = 1 if sys.platform == "darwin" else 1024  # what ru_maxrss counts in


def main() -> None:
    """Run the program named."""
    work = read_work(sys.stdin.read())
    drain = importlib.import_module(f"bench.programs.{sys.argv[1]}").drain
    begun = time.perf_counter()
    rows = drain(work)
    seconds = time.perf_counter() - begun
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT / 1e6
    print(Drained(rows, seconds, peak_mb).text())


main()
