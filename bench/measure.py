"""Measure one program: run it in a process of its own, and read what it, the simulator and the kernel report.

Here: processes and readings. Not here: which programs there are (cases), or what a reading should be (aims).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

from bench.serve import MODES
from bench.work import Work, read_drained

ROOT = Path(__file__).resolve().parent.parent
NO_PROXY = build_opener(ProxyHandler({}))  # a proxy for the internet does not reach loopback


class BenchError(Exception):
    """A program failed or did not read everything, so its figures would mean nothing."""


@dataclass(frozen=True)
class Reading:
    """What one program cost. A megabyte has 10^6 bytes."""

    rows: int
    seconds: float
    peak_mb: float
    run_requests: int
    other_requests: int
    answered_mb: float
    simulator_seconds: float

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds

    @property
    def simulator_share(self) -> float:
        """The simulator's CPU time as a part of the time."""
        return self.simulator_seconds / self.seconds


@dataclass(frozen=True)
class Source:
    """A running simulator, and how many runs it holds."""

    told: dict[str, Any]
    runs: int

    def begin(self, api: str) -> dict[str, Any]:
        """Serve only this API, and count from zero."""
        return self._asked(f"begin?mode={MODES[api]}")

    def seen(self) -> dict[str, Any]:
        """Return what it was asked for since."""
        return self._asked("seen")

    def _asked(self, path: str) -> dict[str, Any]:
        with NO_PROXY.open(f"{self.told['url']}/bench/{path}", timeout=60) as response:
            answer: dict[str, Any] = json.load(response)
            return answer


@contextmanager
def source(runs: int, record_bytes: int) -> Iterator[Source]:
    """Run a simulator of this size while the block lasts."""
    command = [sys.executable, "-m", "bench.serve", "--runs", str(runs), "--record-bytes", str(record_bytes)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin  # noqa: S101  asked for above
        assert process.stdout  # noqa: S101
        try:
            yield Source(json.loads(process.stdout.readline()), runs)
        finally:
            process.stdin.close()


def measured(program: str, api: str, origin: Source) -> Reading:
    """Run one program to its end, and return its reading.

    Raises BenchError where it failed, or read another number of runs than there are.
    """
    with tempfile.TemporaryDirectory() as folder:
        work = Work(**origin.told, api=api, folder=folder)
        before = origin.begin(api)
        ended = _run(program, work)
        after = origin.seen()
    if ended.returncode != 0:
        raise BenchError(f"{program} on {api} failed:\n{ended.stderr[-4000:]}")
    drained = read_drained(ended.stdout.splitlines()[-1])
    if drained.rows != origin.runs or after["failed"]:
        raise BenchError(f"{program} on {api} had {drained.rows} of {origin.runs} runs, {after['failed']} requests failed")
    return Reading(
        rows=drained.rows,
        seconds=drained.seconds,
        peak_mb=drained.peak_mb,
        run_requests=after["requests"]["runs"],
        other_requests=sum(after["requests"].values()) - after["requests"]["runs"],
        answered_mb=after["bytes"] / 1e6,
        simulator_seconds=after["cpu_seconds"] - before["cpu_seconds"],
    )


def _run(program: str, work: Work) -> subprocess.CompletedProcess[str]:
    """Run the program without this machine's LangSmith configuration."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LANGSMITH_", "LANGCHAIN_"))}
    command = [sys.executable, "-m", "bench.programs", program]
    return subprocess.run(command, cwd=ROOT, env=kept, input=work.text(), capture_output=True, text=True, check=False)
