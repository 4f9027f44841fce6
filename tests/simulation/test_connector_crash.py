"""A connector that dies at any of its operations goes on from its last checkpoint, and loses and doubles nothing (law 2)."""

from __future__ import annotations

from pathlib import Path

import pytest
from simulation.face_calls import called

from connector_model import SyncFailed
from product import World
from simulator import Clock, Fault, Simulator

EVERY = 3
"""Of the operations of a first sync each third is one at which it dies; `make soak` has the machine die anywhere."""


class Died(BaseException):
    """Raised where the process is killed: nothing of the program catches it."""


def filled(patch: pytest.MonkeyPatch, folder: Path) -> World:
    """Make a workspace with some records of every table, whose answers come so late that checkpoints lie between rows."""
    simulator = Simulator(clock=Clock("2026-06-01T00:00:00Z"), mode="smithdb", seed=2)
    simulator.corpus(projects=2, runs=20, datasets=1, examples=4, feedback=0.3)
    w = World(patch, folder, "smithdb", sim=simulator)
    w.configure(PAGE_SIZE="5", MAX_RESPONSE_MB="0.05")
    simulator.faults.add(Fault(kind=None, slow=25.0, times=None))
    return w


def test_it_may_die_anywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By `kill -9`, and by an error of the SDK: rows stay that came, and the next sync completes the tables."""
    operations = _operations(filled(monkeypatch, tmp_path))
    assert operations > 30
    for number in range(0, operations, EVERY):
        for dies in (_killed, _failed):
            w = filled(monkeypatch, tmp_path)
            dies(w, number)
            w.restart()
            assert called(w, "connector").status == 200
            w.assert_complete("connector")


def _operations(w: World) -> int:
    w.connection.fail_after(1_000_000)
    assert called(w, "connector").status == 200
    assert w.connection.checkpoints > 3
    return 1_000_000 - (w.connection.left or 0)


def _killed(w: World, number: int) -> None:
    w.connection.fail_after(number, Died)
    with pytest.raises(Died):
        w.connection.sync()
    w.connection.fail_after(None)


def _failed(w: World, number: int) -> None:
    w.connection.fail_after(number)
    with pytest.raises(SyncFailed, match=r"^Fivetran's SDK did not accept"):
        w.connection.sync()
    w.connection.fail_after(None)
