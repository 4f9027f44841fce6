"""Measure how long importing takes, in fresh processes that take turns: a cold start of the function pays this."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from statistics import median

from bench.measure import ROOT

OURS = "main"
THEIRS = "functions_framework, requests"
TURNS = 15
PROGRAM = "import time; begun = time.perf_counter(); import {}; print(time.perf_counter() - begun)"


def seconds() -> dict[str, float]:
    """Return the median seconds of importing main.py, and of importing the libraries that it cannot do without.

    All bytecode lies in a folder of this measurement. Where this machine keeps none, ours would be compiled each time, and the
    libraries' would not.
    """
    with tempfile.TemporaryDirectory() as folder:
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment = {**kept, "PYTHONPYCACHEPREFIX": folder}
        turns = [{what: _once(what, environment) for what in (OURS, THEIRS)} for _ in range(TURNS + 1)]
    return {what: median(turn[what] for turn in turns[1:]) for what in (OURS, THEIRS)}  # the first fills the folder


def _once(what: str, environment: dict[str, str]) -> float:
    command = [sys.executable, "-c", PROGRAM.format(what)]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return float(ended.stdout)


def main() -> None:
    """Print the two times and their ratio: `python -m bench.imports`."""
    found = seconds()
    print(f"{found[OURS] / found[THEIRS]:.2f} x ({found[OURS] * 1000:.0f} ms, {found[THEIRS] * 1000:.0f} ms)")


if __name__ == "__main__":
    main()
