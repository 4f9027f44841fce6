"""The machine's clock may run ahead of LangSmith's, run behind it, or jump. Rows and looks follow LangSmith's clock.

langsmith_client/test_transport tests how the `Date` header is read.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import main
from langsmith_core.langsmith import source_clock
from product import World
from simulator import Clock

SKEWS = {"3 days ahead": timedelta(hours=72), "3 days behind": -timedelta(hours=72), "10 minutes ahead": timedelta(minutes=10)}


class Skewed:
    """The simulator's clock, shown with an error of `off`, as a machine's clock shows it."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self.off = timedelta(0)

    def now(self) -> datetime:
        """The machine's time."""
        moment: datetime = self._clock.now() + self.off
        return moment

    def sleep(self, seconds: float) -> None:
        """Wait on the real clock."""
        self._clock.sleep(seconds)


@pytest.fixture
def machine(world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> tuple[World, Skewed]:
    """A workspace with a run that is not finished, and the clock of the machine that syncs it."""
    w = world()
    clock = Skewed(w.clock)
    monkeypatch.setattr(main, "CLOCK", clock)
    w.sim.corpus(projects=2, runs=40, datasets=1, examples=5)
    return w, clock


def synced(w: World, face: str) -> None:
    """Sync to the end through a face."""
    w.fivetran.sync() if face == "fivetran" else w.sync_locally()


def changed(w: World, project: str, run: str) -> None:
    """End a pending run, rename its project, and add a new run."""
    w.workspace.finish_run(run, outputs={"late": True}, total_tokens=7, total_cost=0.5)
    w.workspace.rename_project(project, f"renamed at {w.clock.now():%d %H}")
    w.workspace.add_run(project)


@pytest.mark.parametrize("off", SKEWS.values(), ids=SKEWS)
@pytest.mark.parametrize("face", ["duckdb", "fivetran"])
def test_rows_are_the_newest_whatever_the_clock_was(face: str, off: timedelta, machine: tuple[World, Skewed]) -> None:
    """The next sync brings every change, made while the machine's clock is off or after it was set right."""
    w, clock = machine
    project = w.workspace.add_project("p")
    runs = [w.workspace.add_run(project, status="pending", end_time=None, outputs=None) for _ in range(3)]
    clock.off = off
    synced(w, face)
    for run, then in zip(runs, (off, timedelta(0), -off), strict=True):
        clock.off = then
        w.clock.advance(hours=2)
        changed(w, project, run)
        synced(w, face)
        w.assert_complete(face)


@pytest.mark.parametrize("face", ["duckdb", "fivetran"])
def test_what_a_clock_ahead_has_written_before_is_mended(
    face: str, machine: tuple[World, Skewed], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows and bounds in the future, which an older version wrote by the machine's clock, stop no later change."""
    w, clock = machine
    project = w.workspace.add_project("p")
    run = w.workspace.add_run(project, status="pending", end_time=None, outputs=None)
    clock.off = timedelta(hours=72)
    with monkeypatch.context() as patch:
        patch.setattr(source_clock, "BELIEVED", timedelta(0))
        synced(w, face)
    clock.off = timedelta(0)
    w.clock.advance(hours=2)
    changed(w, project, run)
    synced(w, face)
    w.assert_complete(face)


@pytest.mark.parametrize(
    ("off", "warning"), [(timedelta(hours=72), "4320 minutes ahead of"), (-timedelta(hours=72), "4320 minutes behind")]
)
def test_a_clock_that_is_off_is_told(
    off: timedelta, warning: str, machine: tuple[World, Skewed], caplog: pytest.LogCaptureFixture
) -> None:
    """One warning and the status say how far the machine's clock is off. An error of half a minute gets no warning."""
    w, clock = machine
    clock.off = timedelta(seconds=30)
    w.sync_locally()
    assert "clock is" not in caplog.text
    clock.off = off
    w.clock.advance(hours=2)
    w.sync_locally()
    assert caplog.text.count(warning) == 1
    ahead = json.loads(w.request("GET", "/sync").data)["clock_ahead_seconds"]
    assert round(ahead / 60) == off / timedelta(minutes=1)


def test_a_date_that_is_years_off_is_a_mistake_of_its_writer() -> None:
    """A `Date` of another year is ignored. What is known of LangSmith's clock stays."""
    now = datetime(2026, 6, 1, tzinfo=UTC)
    clock = source_clock.SourceClock(Skewed(Clock("2026-06-01T00:00:00Z")))
    assert clock.learn(now + timedelta(hours=5), now) == now + timedelta(hours=5)
    assert clock.learn(now.replace(year=2038), now) == now + timedelta(hours=5)
    assert clock.learn(None, now) == now + timedelta(hours=5)
    assert clock.now() == now + timedelta(hours=5)
