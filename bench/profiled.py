"""Show where a program's time goes: `python -m bench.profiled CASE PROGRAM` runs it once under cProfile.

Prints the functions that took the most time of the main thread. Profiling makes Python's own functions look slower
than C's. It measures, and writes no page.
"""

from __future__ import annotations

import argparse
import os
import pstats
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.cases import ALL, CASES, Case
from bench.measure import ROOT, Source, source
from bench.work import Work

LINES = 40


def main() -> None:
    """Profile one program in one case."""
    parser = argparse.ArgumentParser(prog="python -m bench.profiled", description="where a program's time goes")
    parser.add_argument("case", choices=[case.name for case in CASES])
    parser.add_argument("program", choices=ALL)
    options = parser.parse_args()
    (case,) = (one for one in CASES if one.name == options.case)
    with source(case.size) as origin:
        profiled(options.program, case, origin).sort_stats("tottime").print_stats(LINES)


def profiled(program: str, case: Case, origin: Source) -> pstats.Stats:
    """Run one program to its end, and return the profile of its main thread."""
    with tempfile.TemporaryDirectory() as folder:
        before = origin.begin(case)
        given = {name: getattr(case, name) for name in ("api", "full_pages", "start_time", "cloud", "idle")}
        work = Work(**origin.told, **given, folder=folder, ahead=before["ahead"])
        file = Path(folder) / "profile"
        command = [sys.executable, "-m", "cProfile", "-o", str(file), "-m", "bench.programs", program]
        subprocess.run(command, cwd=ROOT, env=dict(os.environ), input=work.text(), capture_output=True, text=True, check=True)
        return pstats.Stats(str(file))


if __name__ == "__main__":
    main()
