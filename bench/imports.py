"""Measure how long importing takes, in fresh processes that take turns: a cold start of the function pays this."""

from __future__ import annotations

import subprocess
import sys
from statistics import median

from bench.measure import ROOT

OURS = "main"
THEIRS = "functions_framework, requests"
TURNS = 15
PROGRAM = "import time; begun = time.perf_counter(); import {}; print(time.perf_counter() - begun)"


def seconds() -> dict[str, float]:
    """Return the median seconds of importing main.py, and of importing the libraries that it cannot do without."""
    turns = [{what: _once(what) for what in (OURS, THEIRS)} for _ in range(TURNS + 1)][1:]  # the first fills the disk's cache
    return {what: median(turn[what] for turn in turns) for what in (OURS, THEIRS)}


def _once(what: str) -> float:
    command = [sys.executable, "-c", PROGRAM.format(what)]
    return float(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
