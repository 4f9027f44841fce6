"""Tests of the benchmark's simulator: the network that a case asks for, an hour later, the counts. And small cases as a whole."""

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from bench import corpus
from bench.observed import Ahead, Observed
from bench.work import LATER
from simulator import Simulator

ROOT = Path(__file__).parents[2]
NETWORK: dict[str, Any] = {"api": "v1", "latency": 0.0, "limits": False, "idle": False}


class Bench:
    """The application, and its simulator."""

    def __init__(self) -> None:
        self.clock = Ahead()
        self.sim = Simulator(clock=self.clock)
        self.projects = corpus.fill(self.sim, 50, 500, projects=30, days=5)
        self._client = Client(Observed(self.sim, self.clock, self.projects, 500))

    def own(self, path: str, **network: Any) -> dict[str, Any]:
        """Ask for one of the benchmark's own paths."""
        body = json.dumps({**NETWORK, **network}).encode() if network else b""
        told: dict[str, Any] = json.loads(self._client.post(f"/bench/{path}", data=body).get_data())
        return told

    def runs(self, project: str, start: datetime) -> tuple[int, int]:
        """Ask for the runs of a project on v1. Return the status, and how many runs there are."""
        asked = {"session": [project], "start_time": start.isoformat(), "limit": 100}
        headers = {"X-API-Key": self.sim.api_key, "X-Tenant-Id": self.sim.tenant_id}
        answer = self._client.post("/api/v1/runs/query", json=asked, headers=headers)
        return answer.status_code, len(json.loads(answer.get_data()).get("runs", []))

    def week(self) -> datetime:
        """Return a time within the last week, before the oldest run."""
        return self.clock.now() - timedelta(days=6)


def test_the_limits_of_a_case_are_enforced_and_counted() -> None:
    """The eleventh query of ten seconds is refused. A refusal is counted apart, and is no failure."""
    bench = Bench()
    bench.own("begin", limits=True)
    statuses = [bench.runs(bench.projects[0], bench.week())[0] for _ in range(11)]
    seen = bench.own("seen")
    assert statuses == [200] * 10 + [429]
    assert (seen["requests"], seen["refused"], seen["failed"], seen["bytes"] > 0) == ({"runs": 11}, 1, 0, True)
    begun = bench.own("begin", limits=False)
    assert (begun["requests"], begun["refused"], begun["bytes"]) == ({}, 0, 0)
    assert {bench.runs(bench.projects[0], bench.week())[0] for _ in range(11)} == {200}


def test_a_failure_is_counted() -> None:
    """An answer that is an error, other than 429, is a failure: the reading would mean nothing."""
    bench = Bench()
    bench.own("begin", api="v2")
    assert bench.runs(bench.projects[0], bench.week())[0] == 501
    assert bench.own("seen")["failed"] == 1


@pytest.mark.parametrize(("idle", "at_first"), [(False, 0.3), (True, 0.0)])
def test_the_latency_of_an_idle_case_begins_with_the_second_sync(idle: bool, at_first: float) -> None:
    """Every case begins with its latency, but for the first sync of an idle one, which nobody times."""
    bench = Bench()
    bench.own("begin", latency=0.3, idle=idle)
    assert bench.sim.latency_seconds == at_first
    bench.own("later")
    assert bench.sim.latency_seconds == 0.3


def test_later_is_an_hour_later_with_new_runs_in_some_projects() -> None:
    """The clock has moved, each of the first projects has one more trace that has ended, and the counts begin anew."""
    bench = Bench()
    bench.own("begin", idle=True)
    before, began = len(bench.sim.workspace.runs), bench.clock.now()
    bench.runs(bench.projects[0], bench.week())
    told = bench.own("later")
    assert (told["ahead"], told["requests"]) == (LATER.total_seconds(), {})
    assert len(bench.sim.workspace.runs) - before == corpus.ACTIVE * len(corpus.TRACE)
    since = began + timedelta(minutes=1)
    found = [bench.runs(project, since)[1] for project in bench.projects]
    assert found == [len(corpus.TRACE)] * corpus.ACTIVE + [0] * (len(found) - corpus.ACTIVE)


@pytest.mark.parametrize("case", ["limit-v2", "idle-v2"])
def test_a_small_case_runs(case: str) -> None:
    """`python -m bench --only` measures a case, prints its aims and its section, and leaves the page alone."""
    before = (ROOT / "docs" / "benchmarks.md").read_bytes()
    command = [sys.executable, "-m", "bench", "--only", case, "--runs", "100"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603  our own program
    assert f"`--only {case}`" in ended.stdout
    assert "| **DuckDB face** |" in ended.stdout
    assert (ROOT / "docs" / "benchmarks.md").read_bytes() == before
