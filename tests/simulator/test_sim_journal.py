"""Tests of the journal: a workspace that is served again is the same one, with all that was changed in it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from simulator import Clock, Simulator, demo
from simulator.client import NOW, Api
from simulator.journal import Journal
from simulator.times import parse_time


def started(path: Path, now: str = NOW, port: int = 8901) -> tuple[Simulator, Journal]:
    """A simulator as `python -m simulator --corpus demo --journal` makes it, at a clock set by hand."""
    sim = Simulator(clock=Clock(now), mode="dual", seed=1)
    journal = Journal(path, sim.clock.now(), port)
    with sim.workspace.standing_at(journal.made_at):
        demo.fill(sim.workspace, 1)
    sim.keep(journal)
    return sim, journal


def test_the_next_start_has_the_same_rows(tmp_path: Path) -> None:
    """Runs, feedback, datasets and examples that clients wrote or deleted are as they were, ids and times included."""
    sim, _ = started(tmp_path / "journal")
    api = Api(sim)
    sim.clock.advance(minutes=5)
    run = "7a2f4c3e-1111-4222-8333-444455556666"
    sent = {"id": run, "name": "sent", "run_type": "chain", "session_name": "by a client", "start_time": NOW}
    assert api.post("/runs", sent).status_code == 202
    assert api.post("/feedback", {"run_id": run, "key": "good", "score": 1}).status_code == 200
    dataset = api.post("/datasets", {"name": "made by a client"}).json()["id"]
    assert api.post("/examples", {"dataset_id": dataset, "inputs": {"q": 1}}).status_code == 200
    gone = next(iter(sim.workspace.datasets))
    assert api.session.delete(f"https://api.smith.langchain.com/api/v1/datasets/{gone}").status_code == 200
    again, _ = started(tmp_path / "journal", "2026-06-02T00:00:00Z")
    sim.clock.advance(days=1)
    assert again.workspace.truth() == sim.workspace.truth()
    assert run in again.workspace.runs
    assert gone not in again.workspace.datasets


def test_it_keeps_the_moment_and_the_port_of_the_first_start(tmp_path: Path) -> None:
    """Whatever the later start says: the address is part of what a client keeps."""
    _, first = started(tmp_path / "journal")
    _, later = started(tmp_path / "journal", "2026-06-09T00:00:00Z", 9999)
    moment = parse_time(NOW)
    assert (first.made_at, first.port) == (later.made_at, later.port) == (moment, 8901)


def test_it_holds_changes_alone(tmp_path: Path) -> None:
    """A read leaves no line, and a change made again at a start is not written twice."""
    sim, _ = started(tmp_path / "journal")
    Api(sim).get("/sessions")
    Api(sim).post("/datasets", {"name": "one"})
    _, later = started(tmp_path / "journal")
    assert [request.path for _, request in later.changes()] == ["/api/v1/datasets"]


@pytest.mark.parametrize("hours", [0, 30])
def test_a_change_is_made_again_at_its_own_time(tmp_path: Path, hours: int) -> None:
    """A back-dated run is taken again, though by then it is too old for LangSmith to take."""
    sim, _ = started(tmp_path / "journal")
    start = (sim.clock.now() - timedelta(hours=20)).isoformat()
    Api(sim).post("/runs", {"id": "7a2f4c3e-1111-4222-8333-444455556666", "name": "late", "start_time": start})
    later = (sim.clock.now() + timedelta(hours=hours)).isoformat()
    again, _ = started(tmp_path / "journal", later)
    assert again.workspace.runs["7a2f4c3e-1111-4222-8333-444455556666"].name == "late"
