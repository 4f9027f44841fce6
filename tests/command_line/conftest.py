"""What the tests of the command line share: a simulated LangSmith on a port, and a command run in this process."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from langsmith_core.settings.keys import KEYS
from langsmith_sync import app, programs
from simulator import Clock, Simulator


class Ran(NamedTuple):
    """How a command has ended."""

    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Return a function that runs a command in an empty folder, with these variables and none of this machine's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(programs, "interruptible", lambda: None)  # signals are the test runner's here
    clean = {name: value for name, value in os.environ.items() if name not in {key.name for key in KEYS}}

    def ran(*words: str, environment: Mapping[str, str] | None = None) -> Ran:
        monkeypatch.setattr(os, "environ", {**clean, **(environment or {})})
        with pytest.raises(SystemExit) as ended:
            app.main(words)
        sys.stdout.flush()
        printed = capsys.readouterr()
        status = ended.value.code
        return Ran(status if isinstance(status, int) else 0, printed.out, printed.err)

    return ran


class Served(NamedTuple):
    """A simulated LangSmith that is served, and the variables that lead there."""

    sim: Simulator
    environment: Mapping[str, str]


@pytest.fixture
def langsmith() -> Iterator[Served]:
    """A workspace of 2 projects and 400 runs, on a real port."""
    sim = Simulator(clock=Clock.system(), mode="smithdb", seed=3)
    sim.corpus(projects=2, runs=400, datasets=1)
    with sim.serve() as url:
        identity = {"LANGSMITH_BASE_URL": url, "LANGSMITH_API_KEY": sim.api_key, "LANGSMITH_TENANT_ID": sim.tenant_id}
        yield Served(sim, identity)
