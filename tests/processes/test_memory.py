"""Law 4: a call takes less than 400 MB on either face, whatever LangSmith answers, and the sync ends.

Each case runs a face in a process of its own, against a simulated LangSmith over a socket. The test reads the peak memory of that
process. simulation/test_large and simulation/test_sizes test what a large or odd answer becomes otherwise.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from processes import heavy
from processes.workspace import ROOT

from product import Table, rows_of
from simulator import DEFAULT_API_KEY, DEFAULT_TENANT_ID, Fault, Simulator
from simulator.messages import Request

MOST = 400_000_000
"""Bytes of resident memory: a deployed function has a gigabyte."""
CALLS_MAX = 80
REDACTED = {"REDACT_PATHS": "langsmith_run.inputs.messages[*].content"}
TEXT = '\N{GRINNING FACE} said "so"\n'.encode().replace(b'"', b'\\"').replace(b"\n", b"\\n")
NAMED = b',"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa":"b"'
FACES = ("fivetran", "sync")
ON_BOTH = ("60 MB in 25 runs of any script", "one text of 60 MB")
"""Cases for both faces. The other cases run on one face, since the code before the faces handles them."""


@dataclass(frozen=True)
class Case:
    """The answer to one project's run queries, how the sync ends, and the columns that carry a marker then."""

    stream: heavy.Made
    status: int = 200
    marked: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    times: int | None = None
    rows: int = 1


def value(name: str, *parts: tuple[bytes, int]) -> heavy.Made:
    """Make a page of one run with one large member."""
    return heavy.page_of(heavy.member(name, *parts))


CASES = {
    "240 MB in a hundred runs": Case(heavy.of_runs(100, b',"inputs":{"q":"' + b"x" * 2_400_000 + b'"}'), 502, rows=0),
    "60 MB of tiny runs": Case(heavy.of_runs(250_000, b',"inputs":{}'), times=1, rows=10),
    "an answer without an end": Case(heavy.endless, 502, rows=0),
    "a megabyte that unpacks to a gigabyte": Case(heavy.bomb, 502, headers={"Content-Encoding": "gzip"}, rows=0),
    "60 MB in 25 runs of any script": Case(heavy.of_runs(25, b',"inputs":{"q":"' + TEXT * 100_000 + b'"}'), times=1),
    "one text of 60 MB": Case(value("inputs", (b'{"q":"', 1), (TEXT, 3_000_000), (b'"}', 1)), marked=("inputs", "raw")),
    "half surrogates in 60 MB": Case(
        value("inputs", (b'{"q":"', 1), (b"\\ud800 and \\n" + b"plain text " * 90, 60_000), (b'"}', 1)),
        marked=("inputs", "raw"),
    ),
    "brackets, twenty million deep": Case(
        value("inputs", (b"[", 20_000_000), (b"]", 20_000_000)), marked=("inputs", "raw")
    ),
    "a million names": Case(
        value("extra", (b'{"metadata":{"q":0', 1), (NAMED, 1_000_000), (b"}}", 1)),
        marked=("metadata", "raw"),
    ),
    "a million names in a place that is redacted": Case(
        value("inputs", (b'{"q":0', 1), (NAMED, 1_000_000), (b"}", 1)), environment=REDACTED
    ),
    "ten million elements in a place that is redacted": Case(
        value("inputs", (b'{"messages":[0', 1), (b",1", 10_000_000), (b"]}", 1)), environment=REDACTED
    ),
    "a text of 60 MB that is redacted": Case(
        value("inputs", (b'{"messages":[{"content":"', 1), (TEXT, 3_000_000), (b'"}]}', 1)), environment=REDACTED
    ),
    "a name of 60 MB": Case(value("name", (b'"', 1), (TEXT, 3_000_000), (b'"', 1)), marked=("raw",)),
}  # fmt: skip


class Measured:
    """A workspace with a light and a heavy project, and a face that reads it in its own process."""

    def __init__(self, folder: Path, face: str) -> None:
        self.sim = Simulator()
        self.heavy, self.light = (self.sim.workspace.add_project(name) for name in ("heavy", "light"))
        now = self.sim.clock.now()
        self.runs = [self.sim.workspace.add_run(self.light, start_time=now - timedelta(hours=one)) for one in range(1, 6)]
        # The heavy project has a run in the time that is read; without one no query would ask for it.
        self.sim.workspace.add_run(self.heavy, start_time=now - timedelta(minutes=1), end_time=now)
        self._folder, self._face = folder, face
        self.database = str(folder / "rows.duckdb")

    def read(self, **environment: str) -> list[dict[str, Any]]:
        """Sync, and return the printed line of each call."""
        since = self.sim.clock.now() - timedelta(days=2)
        configured = {
            "PATH": "/usr/bin:/bin",
            "TMPDIR": str(self._folder),
            "LANGSMITH_API_KEY": DEFAULT_API_KEY,
            "LANGSMITH_TENANT_ID": DEFAULT_TENANT_ID,
            "LOCAL_DB": self.database,
            "START_TIME": since.isoformat(),
            **environment,
        }
        program = str(ROOT / "tests" / "processes" / "measured.py")
        with self.sim.serve() as url:
            done = subprocess.run(  # noqa: S603  our own program
                [sys.executable, program, self._face, str(self._folder), str(CALLS_MAX)],
                env={**configured, "LANGSMITH_BASE_URL": url}, cwd=ROOT, capture_output=True, text=True, check=True,
            )  # fmt: skip
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"status"')]

    def rows(self) -> Table:
        """Return the runs that were delivered."""
        if self._face == "sync":
            return rows_of(self.database, "langsmith_run")
        answers = [json.loads(one.read_bytes()) for one in self._folder.glob("answer-*.json")]
        return {row["run_id"]: row for answer in answers for row in answer.get("insert", {}).get("langsmith_run", ())}

    def of_heavy(self, request: Request) -> bool:
        """Return whether a v1 run query names the heavy project."""
        body = request.body
        return isinstance(body, dict) and self.heavy in (body.get("session") or ())


@pytest.fixture(params=FACES)
def measured(request: pytest.FixtureRequest, tmp_path: Path) -> Measured:
    """Make a workspace to read by one of the faces."""
    return Measured(tmp_path, request.param)


def peak(calls: list[dict[str, Any]]) -> int:
    """Return the most memory of all calls, in bytes."""
    return max(int(call["peak"]) for call in calls)


@pytest.mark.parametrize(("face", "name"), [(face, one) for face in FACES for one in (CASES if face == "fivetran" else ON_BOTH)])
def test_no_answer_takes_more_memory_than_a_function_has(tmp_path: Path, face: str, name: str) -> None:
    """Memory stays bounded and the sync ends, whatever one project's run query answers. The other project's runs arrive."""
    measured, case = Measured(tmp_path, face), CASES[name]
    fault = Fault(kind="runs", when=measured.of_heavy, stream=case.stream, headers=case.headers, times=case.times)
    measured.sim.faults.add(fault)
    calls = measured.read(**case.environment)
    found = measured.rows()
    assert peak(calls) < MOST
    assert (calls[-1]["status"], calls[-1]["has_more"]) == (case.status, False)
    assert set(measured.runs) <= found.keys()
    assert fault.struck
    assert len(found) == len(measured.runs) + case.rows
    for column in case.marked:
        assert json.loads(found[heavy.RUN_ID][column]).keys() == {"_cut_bytes"}


def test_runs_of_24_mb_each(measured: Measured) -> None:
    """A dozen runs of 2.4 MB arrive whole, within bounded memory."""
    project = measured.sim.workspace.add_project("heavier")
    now = measured.sim.clock.now()
    inputs = {"q": "x" * 2_400_000}
    made = {measured.sim.workspace.add_run(project, start_time=now - timedelta(minutes=n + 1), inputs=inputs) for n in range(12)}
    calls = measured.read()
    found = measured.rows()
    assert peak(calls) < MOST
    assert (calls[-1]["status"], calls[-1]["has_more"]) == (200, False)
    assert {key: json.loads(found[key]["inputs"]) for key in made} == dict.fromkeys(made, inputs)


def test_a_run_of_70_mb_among_others(measured: Measured) -> None:
    """A run of 70 MB lands with a marker in place of its payloads. Its neighbours land whole."""
    now = measured.sim.clock.now()
    sizes = {measured.sim.workspace.add_run(measured.heavy, start_time=now - timedelta(minutes=n), inputs={"q": "x" * size}): size
             for n, size in enumerate((10, 70_000_000, 20), 10)}  # fmt: skip
    calls = measured.read()
    found = measured.rows()
    assert peak(calls) < MOST
    assert (calls[-1]["status"], calls[-1]["has_more"]) == (200, False)
    for key, size in sizes.items():
        expected = {"q": "x" * size} if size < 100 else {"_not_fetched": "tooheavy"}
        assert json.loads(found[key]["inputs"]) == expected


def test_a_payload_of_100_mb_in_object_storage(measured: Measured) -> None:
    """A payload of 100 MB is not read to its end, and its column carries a marker."""
    run = measured.sim.workspace.add_run(measured.light, inputs={"q": "small"}, offloaded=("inputs",))
    measured.sim.faults.add(Fault(kind="download", stream=_payload, times=None))
    calls = measured.read()
    assert peak(calls) < MOST
    assert json.loads(measured.rows()[run]["inputs"]) == {"_not_fetched": "tooheavy"}


def _payload(_: Request) -> heavy.Pieces:
    yield b'{"q":"'
    yield from heavy.repeated(b"x", 100_000_000)
    yield b'"}'
