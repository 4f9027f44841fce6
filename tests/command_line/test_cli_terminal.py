"""Tests of what a real terminal shows while a sync runs: a pseudo-terminal, and an emulator that draws what it is sent."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pyte

from simulator import Fault

ROOT = Path(__file__).parents[2]
COLUMNS, LINES = 100, 30


def screens(environment: dict[str, str], folder: Path, *words: str) -> Iterator[tuple[list[str], int | None]]:
    """Yield the lines of the screen after each piece of output, and the exit status with the last."""
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "LANG": "C.UTF-8", **environment}
    child: pexpect.spawn[bytes] = pexpect.spawn(
        sys.executable, ["-m", "langsmith_sync", *words], env=given, cwd=str(folder), dimensions=(LINES, COLUMNS), timeout=60
    )
    screen = pyte.Screen(COLUMNS, LINES)
    stream = pyte.ByteStream(screen)
    while True:
        try:
            stream.feed(child.read_nonblocking(65_536))
        except pexpect.EOF:
            break
        yield _lines(screen), None
    child.close()
    yield _lines(screen), child.exitstatus


def _lines(screen: pyte.Screen) -> list[str]:
    return [line.rstrip() for line in screen.display if line.strip()]


def test_the_figures_stay_in_place_and_leave_with_the_sync(langsmith: Any, tmp_path: Path) -> None:
    """While it runs: runs of those expected with a bar, rows, the place, speed and requests in flight, and a wait with its
    reason, each once. At the end only lasting lines are left. The key is on no screen.
    """
    langsmith.sim.faults.add(Fault(slow=0.1, times=None))
    langsmith.sim.faults.add(Fault(kind="feedback", nth=1, status=429, headers={"Retry-After": "2"}))
    seen = list(screens({**langsmith.environment, "MAX_SECONDS": "1.5"}, tmp_path, "sync"))
    drawn = ["\n".join(lines) for lines, _ in seen]
    patterns = (
        r"^  runs  [━╸╺]{40}  \d+ of 400 runs$",
        r"^  rows   run \d+, ",
        r"^  reads (langsmith_\w+|recent runs back from|the history back from)",
        r"^  [\d,]+ rows/s, \d+ requests, [1-9]\d* in flight, \d+ s$",
        r"^  waits \d\.\d s: LangSmith's rate limit",
    )
    for pattern in patterns:
        counted = {len(re.findall(pattern, text, re.MULTILINE)) for text in drawn}
        assert counted == {0, 1}, pattern
    last, status = seen[-1]
    assert status == 0
    assert [line for line in last if re.search("rows/s|waits|━", line)] == []
    assert [line for line in last if line.startswith("  call ") and ": 400 of 400 runs" in line]
    assert last[-1] == "The rows are in langsmith.duckdb. Run this again for what has changed since."
    assert [text for text in drawn if langsmith.sim.api_key in text] == []


def test_ctrl_c_leaves_a_whole_file(langsmith: Any, tmp_path: Path) -> None:
    """Ctrl-C in the middle ends the command with 130 and a message. The next sync goes on from there."""
    langsmith.sim.faults.add(Fault(slow=0.3, times=None))
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **langsmith.environment}
    child = pexpect.spawn(sys.executable, ["-m", "langsmith_sync", "sync"], env=given, cwd=str(tmp_path), timeout=60)
    child.expect("in flight")
    child.sendintr()
    child.expect_exact("Stopped. Rows already written stay, and the next run goes on from there.")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    langsmith.sim.faults.clear()
    *_, (last, status) = screens(dict(langsmith.environment), tmp_path, "sync")
    assert (status, last[-1]) == (0, "The rows are in langsmith.duckdb. Run this again for what has changed since.")


def test_the_demo_draws_its_calls(tmp_path: Path) -> None:
    """The demo's figures come over HTTP, from the function's server: runs of those expected after each call."""
    seen = list(screens({}, tmp_path, "demo"))
    drawn = ["\n".join(lines) for lines, _ in seen]
    assert [text for text in drawn if re.search(r"^  runs  ([━╸╺]{40}  )?[\d,]+ of [\d,]+ runs$", text, re.MULTILINE)]
    assert [text for text in drawn if re.search(r"^  call \d+: 2,967 of 2,967 runs, ", text, re.MULTILINE)]
    assert seen[-1][1] == 0
