"""Edges of time spans: the next look finds what changed within its span, however late that look comes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from product import World
from simulator.settings import Mode

FACES = pytest.mark.parametrize("face", ["fivetran", "duckdb"])
MODES = pytest.mark.parametrize("mode", ["clickhouse", "dual", "smithdb"])


def sync(w: World, face: str) -> None:
    w.fivetran.sync() if face == "fivetran" else w.sync_locally()


@FACES
@MODES
@pytest.mark.parametrize(("looks", "ends", "last"), [((24 * 13 + 15,), 13 * 24 + 20, 14 * 24 + 1), ((7 * 24,), 12 * 24, 14 * 24)])
def test_a_run_that_ended_in_time_is_found_by_the_next_look(
    world: Callable[..., World], mode: Mode, face: str, looks: tuple[int, ...], ends: int, last: int
) -> None:
    """A run that ended within 14 days of its start is found, even by a look after that time."""
    w = world(mode)
    project = w.workspace.add_project("p")
    begun = w.clock.now()
    run = w.workspace.add_run(project, start_time=begun, status="pending", end_time=None)
    sync(w, face)
    for hours in looks:
        w.clock.advance((begun + timedelta(hours=hours)) - w.clock.now())
        sync(w, face)
    w.clock.advance((begun + timedelta(hours=ends)) - w.clock.now())
    w.workspace.finish_run(run, outputs={"late": True})
    w.clock.advance((begun + timedelta(hours=last)) - w.clock.now())
    w.workspace.add_run(project)
    sync(w, face)
    w.assert_complete(face)


@FACES
@pytest.mark.parametrize("ahead", [5, 120])
def test_examples_of_a_dataset_that_was_read_empty(world: Callable[..., World], face: str, ahead: int) -> None:
    """An example added right after its empty dataset was read arrives, however far our clock is ahead."""
    w = world()
    dataset = w.workspace.add_dataset("empty at first")
    w.clock.advance(seconds=ahead)
    sync(w, face)
    w.clock.advance(seconds=2 - ahead)
    w.workspace.add_example(dataset, inputs={"q": 1})
    w.clock.advance(hours=1)
    sync(w, face)
    w.assert_complete(face)


@FACES
@pytest.mark.parametrize(("edited", "requests"), [(100, 2), (130, 3)], ids=["by the difference", "whole"])
def test_a_dataset_most_of_which_has_changed_is_read_whole(
    world: Callable[..., World], face: str, edited: int, requests: int
) -> None:
    """Changed examples are read by id, or the whole version is, by whichever takes fewer requests. Removed ones are deleted."""
    w = world()
    w.configure(PAGE_SIZE="100")
    dataset = w.workspace.add_dataset("d")
    examples = [w.workspace.add_example(dataset, {"q": i}) for i in range(210)]
    sync(w, face)
    w.clock.advance(hours=1)
    for example in examples[:edited]:
        w.workspace.edit_example(example, outputs={"edited": True})
    w.workspace.delete_example(examples[-1])
    w.clock.advance(minutes=1)
    w.sim.requests.clear()
    sync(w, face)
    w.assert_complete(face)
    assert (w.requests("diff"), w.requests("examples")) == (1, requests)


@FACES
def test_feedback_that_names_no_project_touches_its_run_on_v1(world: Callable[..., World], face: str) -> None:
    """Feedback without a project updates its run on v1, however old the run is. The API document allows a null session."""
    w = world("clickhouse")
    run = w.workspace.add_run(w.workspace.add_project("p"), start_time=w.clock.now() - timedelta(days=9))
    sync(w, face)
    w.clock.advance(hours=1)
    w.workspace.feedback[w.workspace.add_feedback(run, "good", score=1.0)].project_id = None
    sync(w, face)
    w.assert_complete(face)
