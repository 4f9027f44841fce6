"""Rate limits: every request of a tier and every call obeys Retry-After, and a burst that is over stops nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from product import World
from simulator import Fault
from simulator.limits import documented_tiers


def projects(w: World, count: int) -> None:
    for i in range(count):
        w.workspace.add_run(w.workspace.add_project(f"p{i}"))


def busy(w: World) -> None:
    """More pages of runs than any tier takes in ten seconds: of long and short windows, by ids, of each kind of list."""
    w.sim.corpus(projects=12, runs=700, datasets=3, examples=60, feedback=0.3, days=60)
    w.configure(PAGE_SIZE="5")


def life(w: World) -> None:
    """A first sync, then runs that end late, feedback and its edits, and the daily pass."""
    w.sync_locally()
    w.clock.advance(days=2)
    for run in list(w.workspace.runs.values())[::7]:
        w.workspace.add_feedback(run.id, "late", score=1.0)
        if run.end_time is None:
            w.workspace.finish_run(run.id)
    w.sync_locally()
    w.assert_complete("duckdb")


def statuses(w: World) -> Counter[int | None]:
    """How many requests were answered with each status."""
    return Counter(request.status for request in w.sim.requests)


@pytest.mark.parametrize("mode", ["clickhouse", "dual", "smithdb"])
def test_no_429_is_provoked_within_the_documented_limits(world: Callable[..., World], mode: str) -> None:
    """On LangChain's cloud, where the simulator enforces every documented tier and answers without any latency."""
    w = world(mode)
    w.sim.rate_limits = True
    busy(w)
    life(w)
    assert statuses(w).keys() == {200}


def test_v1_queries_by_ids_keep_the_slow_tier(world: Callable[..., World]) -> None:
    """They carry no start_time, so LangSmith counts them as unbounded, however young the runs are."""
    w = world("clickhouse")
    w.sim.rate_limits = True
    project = w.workspace.add_project("p")
    runs = [w.workspace.add_run(project, status="pending") for _ in range(280)]
    w.sync_locally()
    w.clock.advance(days=2)
    w.sync_locally()
    w.clock.advance(hours=1)
    for run in runs:
        w.workspace.finish_run(run)
    w.sim.requests.clear()
    w.sync_locally()
    w.assert_complete("duckdb")
    assert sum("id" in request.body for request in w.sim.requests if request.kind == "runs") > 5
    assert statuses(w).keys() == {200}


def test_v2s_limit_is_kept_by_a_host_of_ones_own(world: Callable[..., World]) -> None:
    """A self-hosted v2 that enforces 300 in ten seconds has nothing to refuse, though nobody has told."""
    w = world("smithdb")
    w.sim.rate_limits = True
    w.sim.limits.tiers = [tier for tier in documented_tiers() if tier.name.startswith("v2")]
    w.configure(LANGSMITH_BASE_URL="https://langsmith.example")
    w.sim.corpus(projects=2, runs=1000, days=20)
    w.configure(PAGE_SIZE="1")
    w.sync_locally()
    w.assert_complete("duckdb")
    assert w.requests("runs") > 900
    assert statuses(w).keys() == {200}


def test_a_host_of_ones_own_has_v1s_tiers_from_its_first_429_on(world: Callable[..., World]) -> None:
    """It is unpaced until it refuses one request; from then on it refuses none."""
    w = world("clickhouse")
    w.sim.rate_limits = True
    w.configure(LANGSMITH_BASE_URL="https://langsmith.example")
    busy(w)
    life(w)
    assert statuses(w)[429] == 1


def test_a_v2_with_the_older_tiers_is_read_all_the_same(world: Callable[..., World]) -> None:
    """10 and 3 in ten seconds by window, as the CLI's notes say: few are refused, and the sync is complete."""
    w = world("smithdb")
    w.sim.rate_limits, w.sim.v2_rates = True, "by_window"
    busy(w)
    life(w)
    asked = [request.status for request in w.sim.requests if request.kind == "runs"]
    assert 0 < asked.count(429) <= len(asked) // 8


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
