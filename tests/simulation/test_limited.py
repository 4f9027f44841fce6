"""Rate limits: Retry-After is obeyed by every request of the tier and every call, and a burst that has passed stops nothing."""

from __future__ import annotations

from collections.abc import Callable

from product import World
from simulator import Fault


def projects(w: World, count: int) -> None:
    for i in range(count):
        w.workspace.add_run(w.workspace.add_project(f"p{i}"))


def test_a_long_retry_after_is_obeyed_across_slices_and_calls(world: Callable[..., World]) -> None:
    """Ten minutes on run queries alone: one such request until a call may wait for the rest, whatever projects are left."""
    w = world()
    projects(w, 3)
    w.sim.faults.add(Fault(kind="runs", status=429, headers={"Retry-After": "600"}, times=None))
    begun, statuses = w.clock.now(), []
    while (w.clock.now() - begun).total_seconds() < 600 - 240:
        statuses.append(w.pass_locally()[0])
        w.clock.advance(minutes=1)
    assert w.requests("runs") == 1
    assert set(statuses) == {200, 503}
    w.sim.faults.clear()
    w.clock.advance(minutes=4)
    w.sync_locally()
    w.assert_complete("duckdb")


def test_a_burst_that_has_passed_does_not_stop_short_calls(world: Callable[..., World]) -> None:
    """On a host that is unpaced until its first 429, with two seconds a call: calls every ten seconds get on."""
    w = world()
    projects(w, 3)
    w.sim.faults.add(Fault(status=429, times=6))
    assert w.pass_locally()[0] == 503
    w.configure(MAX_SECONDS="2")
    for _ in range(30):
        w.clock.advance(seconds=10)
        status, answer = w.pass_locally()
        if status == 200 and not answer["hasMore"]:
            break
    w.assert_complete("duckdb")
