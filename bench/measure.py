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

from bench.cases import UNDER_SDK, Case, Size
from bench.readings import Reading
from bench.work import Drained, Work, read_drained
from langsmith_core.settings.config import KEYS

ROOT = Path(__file__).resolve().parent.parent
CONNECTOR_PYTHON = ROOT / ".connector" / "bin" / "python"
NO_PROXY = build_opener(ProxyHandler({}))  # a proxy for the internet does not reach loopback


class BenchError(Exception):
    """A program failed or did not read everything, so its figures would mean nothing."""


@dataclass(frozen=True)
class Source:
    """A running simulator."""

    told: dict[str, Any]

    def begin(self, case: Case) -> dict[str, Any]:
        """Serve over the case's network, and count from zero."""
        return self._asked("begin", {"api": case.api, "latency": case.latency, "limits": case.limits, "idle": case.idle})

    def seen(self) -> dict[str, Any]:
        """Return what it was asked for since."""
        return self._asked("seen")

    def _asked(self, path: str, network: dict[str, Any] | None = None) -> dict[str, Any]:
        body = json.dumps(network).encode() if network else None
        with NO_PROXY.open(f"{self.told['url']}/bench/{path}", body, timeout=60) as response:
            answer: dict[str, Any] = json.load(response)
            return answer


@contextmanager
def source(size: Size) -> Iterator[Source]:
    """Run a simulator of this size while the block lasts."""
    values = {"runs": size.runs, "record-bytes": size.record_bytes, "projects": size.projects, "days": size.days}
    options = [f"--{name}={value}" for name, value in values.items()]
    command = [sys.executable, "-m", "bench.serve", *options]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin  # noqa: S101  asked for above
        assert process.stdout  # noqa: S101
        try:
            yield Source(json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()


def measured(program: str, case: Case, origin: Source) -> Reading:
    """Run one program to its end, and return its reading.

    Raises BenchError where it failed, or read another number of runs than the case has.
    """
    with tempfile.TemporaryDirectory() as folder:
        before = origin.begin(case)
        given = {name: getattr(case, name) for name in ("api", "full_pages", "start_time", "cloud", "idle")}
        ended = _run(program, Work(**origin.told, **given, folder=folder, ahead=before["ahead"]))
        seen = origin.seen()
    if ended.returncode != 0:
        raise BenchError(f"{program} in {case.name} failed:\n{ended.stderr[-4000:]}")
    drained = read_drained(ended.stdout.splitlines()[-1])
    if drained.rows != case.rows or seen["failed"]:
        raise BenchError(f"{program} in {case.name} had {drained.rows} of {case.rows} runs, {seen['failed']} requests failed")
    return _reading(drained, seen)


def _reading(drained: Drained, seen: dict[str, Any]) -> Reading:
    run_requests = seen["requests"].get("runs", 0)
    return Reading(
        rows=drained.rows,
        seconds=drained.seconds,
        cpu_seconds=drained.cpu_seconds,
        peak_mb=drained.peak_mb,
        run_requests=run_requests,
        other_requests=sum(seen["requests"].values()) - run_requests,
        refused=seen["refused"],
        answered_mb=seen["bytes"] / 1e6,
        simulator_seconds=seen["cpu_seconds"],
    )


def _run(program: str, work: Work) -> subprocess.CompletedProcess[str]:
    """Run the program without this machine's configuration, of LangSmith's or of ours."""
    ours = {key.name for key in KEYS}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ours and not name.startswith(("LANGSMITH_", "LANGCHAIN_"))
    }
    python = CONNECTOR_PYTHON if program in UNDER_SDK else sys.executable
    command = [str(python), "-m", "bench.programs", program]
    return subprocess.run(command, cwd=ROOT, env=kept, input=work.text(), capture_output=True, text=True, check=False)
