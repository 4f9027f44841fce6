"""A run that is read again unchanged costs no download and no row. One that changed comes whole, and the daily pass reads all."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from product import World

INPUTS, OUTPUTS = {"q": "x" * 2000}, {"a": ["y"] * 300}
FACES = ("fivetran", "duckdb")


def workspace(w: World) -> str:
    """Make a project with one run whose payloads lie elsewhere. Return the run."""
    project = w.workspace.add_project("heavy")
    return w.workspace.add_run(project, inputs=INPUTS, outputs=OUTPUTS, offloaded=("inputs", "outputs"))


def synced(w: World, face: str) -> tuple[int, int]:
    """Sync, and return how many rows of runs were delivered and how many payloads were downloaded."""
    before = len(w.sim.requests)
    w.clock.advance(minutes=15)
    if face == "fivetran":
        rows = w.fivetran.sync().rows.get("langsmith_run", 0)
    else:
        status, answer = w.pass_locally()
        assert (status, answer["hasMore"]) == (200, False)
        rows = answer["rows"].get("langsmith_run", 0)
    return rows, sum(request.kind == "download" for request in w.sim.requests[before:])


def row(w: World, face: str, run: str) -> dict[str, Any]:
    """Return the run's row with its payloads as values."""
    found = (w.in_fivetran if face == "fivetran" else w.in_duckdb)("langsmith_run")[run]
    return {**found, **{name: json.loads(found[name]) for name in ("inputs", "outputs")}}


@pytest.mark.parametrize("presigned", ["absolute", "relative"])
@pytest.mark.parametrize("face", FACES)
def test_an_unchanged_run_is_downloaded_once(world: Callable[..., World], face: str, presigned: Any) -> None:
    """Each look reads the day before again. Of a run that has not changed it fetches no payload and delivers no row."""
    w = world()
    w.sim.presigned = presigned
    run = workspace(w)
    assert [synced(w, face) for _ in range(3)] == [(1, 2), (0, 0), (0, 0)]
    assert (row(w, face, run)["inputs"], row(w, face, run)["outputs"]) == (INPUTS, OUTPUTS)


@pytest.mark.parametrize("face", FACES)
def test_a_run_that_changes_and_changes_back_is_read_each_time(world: Callable[..., World], face: str) -> None:
    """Only the look that went out last is known: a run that becomes what it was is delivered again, whole."""
    w = world()
    run = workspace(w)
    assert synced(w, face) == (1, 2)
    first = row(w, face, run)
    for name in ("other", first["name"]):
        w.workspace.update_run(run, name=name)
        assert synced(w, face) == (1, 2)
        assert (row(w, face, run)["name"], row(w, face, run)["outputs"]) == (name, OUTPUTS)
    assert synced(w, face) == (0, 0)


@pytest.mark.parametrize("face", FACES)
def test_the_daily_pass_reads_payloads_anew(world: Callable[..., World], face: str) -> None:
    """Nobody documents that what lies under a key of the storage never changes: once a day it is read again."""
    w = world()
    workspace(w)
    assert [synced(w, face), synced(w, face)] == [(1, 2), (0, 0)]
    w.clock.advance(hours=24)
    assert synced(w, face) == (1, 2)


def test_other_privacy_makes_another_row(world: Callable[..., World]) -> None:
    """A run that is shown in another way is delivered again."""
    w = world()
    run = workspace(w)
    assert synced(w, "fivetran") == (1, 2)
    w.configure(REDACT_PATHS="langsmith_run.inputs.q")
    assert synced(w, "fivetran") == (1, 2)
    assert row(w, "fivetran", run)["inputs"] == {"q": "[redacted]"}
