"""Regression tests: step sequences that the state machine found, or that its authors thought of, each under a name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from fivetran_model import CallFailed
from product import World
from simulator import Fault
from simulator.settings import Mode

every_mode = pytest.mark.parametrize("mode", ["clickhouse", "smithdb"])


@every_mode
def test_feedback_that_arrives_back_dated_touches_its_run(world: Callable[..., World], mode: Mode) -> None:
    """Feedback back-dated by an hour, on a run of nine days ago, arrives. So do the run's new statistics."""
    w = world(mode)
    run = w.workspace.add_run(w.workspace.add_project("judged"), start_time=w.clock.now() - timedelta(days=9))
    w.fivetran.sync()
    w.clock.advance(minutes=30)
    w.workspace.add_feedback(run, "good", score=1.0, created_at=w.clock.now() - timedelta(hours=1))
    for _ in range(3):
        w.clock.advance(hours=25)
        w.fivetran.sync()
    w.assert_complete("fivetran")


@pytest.mark.parametrize("fault", [{"status": 200, "body": b'{"examples_'}, {"status": 400, "body": {"detail": "no"}}])
def test_examples_are_deleted_though_their_difference_failed_once(world: Callable[..., World], fault: dict[str, Any]) -> None:
    """An example deleted while the difference fails is deleted all the same, then or in a later sync."""
    w = world()
    dataset = w.workspace.add_dataset("set")
    gone, _ = w.workspace.add_example(dataset, {"q": 1}), w.workspace.add_example(dataset, {"q": 2})
    w.fivetran.sync()
    w.clock.advance(hours=1)
    w.workspace.delete_example(gone)
    w.sim.faults.add(Fault(kind="diff", times=1, **fault))
    for _ in range(3):
        w.clock.advance(hours=25)
        w.fivetran.sync()
    w.assert_complete("fivetran")


def test_a_slice_that_goes_on_failing_after_its_first_page_does_not_stand_still(world: Callable[..., World]) -> None:
    """A sync fails where LangSmith repeats every cursor among runs of one time. The next one loses nothing."""
    w = world()
    project = w.workspace.add_project("repeating")
    for _ in range(9):
        w.workspace.add_run(project)
    w.configure(PAGE_SIZE="3")
    w.sim.faults.add(Fault(kind="runs", cursor="repeat", times=None))
    with pytest.raises(CallFailed, match="same page cursor twice"):
        w.fivetran.sync()
    w.sim.faults.clear()
    w.fivetran.sync()
    w.assert_complete("fivetran")


@every_mode
def test_cursors_that_always_die_among_runs_of_one_time_are_not_asked_for_ever(world: Callable[..., World], mode: Mode) -> None:
    """A sync fails within 40 requests where every cursor dies among runs of one time. The next one is complete."""
    w = world(mode)
    project = w.workspace.add_project("tied")
    for _ in range(9):
        w.workspace.add_run(project)
    w.configure(PAGE_SIZE="3")
    w.sim.faults.add(Fault(kind="runs", cursor="expire", times=None))
    with pytest.raises(CallFailed, match="Cursor has expired"):
        w.fivetran.sync()
    assert len(w.sim.requests) < 40
    w.sim.faults.clear()
    w.fivetran.sync()
    w.assert_complete("fivetran")


def test_a_call_shorter_than_the_pace_still_gets_on(world: Callable[..., World]) -> None:
    """No call fails where MAX_SECONDS is 2 and LangSmith's limits ask for 3.4 seconds between two wide queries."""
    w = world()
    for number in range(4):
        w.workspace.add_run(w.workspace.add_project(f"p{number}"), start_time=w.clock.now() - timedelta(days=60))
    w.configure(MAX_SECONDS="2")
    for _ in range(9):
        w.fivetran.sync()
    w.assert_complete("fivetran")


def test_a_404_on_v2_in_mid_sync_loses_no_window(world: Callable[..., World]) -> None:
    """A v2 that ends may answer 404 instead of 501. The projects' runs are then read through v1."""
    w = world("dual")
    for number in range(3):
        w.workspace.add_run(w.workspace.add_project(f"p{number}"))
    w.fivetran.step()
    w.sim.v2_missing_status = 404
    w.sim.mode = "clickhouse"
    w.fivetran.resync()
    w.sim.faults.add(Fault(kind="info", body=b'{"instance_flags": {"sdb_query_enabled": true}}', times=None, status=200))
    w.fivetran.sync()
    w.assert_complete("fivetran")


@every_mode
def test_a_late_project_is_read_whole_in_the_sync_that_finds_statistics_gone(world: Callable[..., World], mode: Mode) -> None:
    """A project's past is read even where the project appears just as LangSmith stops serving statistics."""
    w = world(mode)
    w.workspace.add_run(w.workspace.add_project("first"))
    w.fivetran.sync()
    w.clock.advance(hours=1)
    w.sim.stats_served = False
    late = w.workspace.add_project("late")
    w.workspace.add_run(late, start_time=w.clock.now() - timedelta(days=20))
    for _ in range(3):
        w.fivetran.sync()
        w.clock.advance(hours=25)
    w.assert_complete("fivetran")


def test_a_call_that_runs_out_of_time_before_it_sends_leaves_a_state_that_can_be_read(world: Callable[..., World]) -> None:
    """A call that runs out of time before it sends its request leaves a readable state. Once it counted minus one retry."""
    w = world()
    w.workspace.add_run(w.workspace.add_project("p"))
    w.sync_locally()
    w.clock.advance(hours=1)
    w.sim.faults.add(Fault(status=429, headers={"Retry-After": "50"}, times=1))
    w.configure(MAX_SECONDS="2")
    for _ in range(6):
        w.pass_locally()
    w.configure(MAX_SECONDS="240")
    w.clock.advance(minutes=5)
    w.sync_locally()
    w.assert_complete("duckdb")


@pytest.mark.parametrize("left", [0, 1])
@pytest.mark.parametrize("size", ["2", "100"])
def test_a_whole_page_of_examples_is_deleted_though_their_difference_failed(
    world: Callable[..., World], size: str, left: int
) -> None:
    """A 404 for a page of examples by id means that the examples are gone, and not their dataset."""
    w = world()
    w.configure(PAGE_SIZE=size)
    dataset = w.workspace.add_dataset("d")
    examples = [w.workspace.add_example(dataset, {"q": number}) for number in range(4 + left)]
    w.fivetran.sync()
    w.clock.advance(hours=1)
    for example in examples[:4]:
        w.workspace.delete_example(example)
    w.sim.faults.add(Fault(kind="diff", status=400, body={"detail": "no"}, times=1))
    w.fivetran.sync()
    assert set(w.in_fivetran("langsmith_example")) == set(examples[4:])


def test_examples_of_a_version_that_was_read_in_part_are_deleted(world: Callable[..., World]) -> None:
    """Examples that came before a list broke off, and are deleted before it is read whole, leave the destination."""
    w = world()
    dataset = w.workspace.add_dataset("shifting")
    examples = [w.workspace.add_example(dataset, {"q": number}) for number in range(8)]
    w.configure(PAGE_SIZE="3")
    w.sim.faults.add(Fault(kind="examples", offset_shift=1, times=None))
    w.fivetran.sync()
    w.sim.faults.clear()
    for example in examples[:5]:
        w.clock.advance(minutes=1)
        w.workspace.delete_example(example)
    for _ in range(3):
        w.clock.advance(hours=25)
        w.fivetran.sync()
    w.assert_complete("fivetran")
