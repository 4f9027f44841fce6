"""Run one program: `python -m bench.programs NAME` takes the work on its input, and prints the report.

The time goes from the first read of a run to the end of the last write. Importing the program does not count, and neither does
the first sync where the second is measured.
"""

from __future__ import annotations

import importlib
import resource
import sys
import time
from functools import partial

from bench.work import Drained, read_work

UNIT = 1 if sys.platform == "darwin" else 1024  # what ru_maxrss counts in


def main() -> None:
    """Run the program named."""
    work = read_work(sys.stdin.read())
    program = importlib.import_module(f"bench.programs.{sys.argv[1]}")
    drain = program.synced(work) if work.idle else partial(program.drain, work)
    begun, cpu_begun = time.perf_counter(), time.process_time()
    rows = drain()
    seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - cpu_begun
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT / 1e6
    print(Drained(rows, seconds, cpu_seconds, peak_mb).text())


main()
