"""Rate limits: every request of a tier and every call obeys Retry-After. A burst of 429 that is over stops nothing."""

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
    """Add more pages of runs than any tier takes in ten seconds: long and short windows, ids, and each kind of list."""
    w.sim.corpus(projects=12, runs=700, datasets=3, examples=60, feedback=0.3, days=60)
    w.configure(PAGE_SIZE="5")


def life(w: World) -> None:
    """Sync, then let runs end late and feedback arrive, and sync by a daily pass."""
    w.sync_locally()
    w.clock.advance(days=2)
    for run in list(w.workspace.runs.values())[::7]:
        w.workspace.add_feedback(run.id, "late", score=1.0)
        if run.end_time is None:
            w.workspace.finish_run(run.id)
    w.sync_locally()
    w.assert_complete("duckdb")


def statuses(w: World) -> Counter[int | None]:
    """Count the requests by the status of their answer."""
    return Counter(request.status for request in w.sim.requests)


@pytest.mark.parametrize("mode", ["clickhouse", "dual", "smithdb"])
def test_no_429_is_provoked_within_the_documented_limits(world: Callable[..., World], mode: str) -> None:
    """No request is refused on LangChain's cloud, where the simulator enforces every documented tier without latency."""
    w = world(mode)
    w.sim.rate_limits = True
    busy(w)
    life(w)
    assert statuses(w).keys() == {200}


def test_v1_queries_by_ids_keep_the_slow_tier(world: Callable[..., World]) -> None:
    """Queries by id keep v1's slow tier: they carry no start_time, so LangSmith counts them as unbounded."""
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
    """v2's documented limit is kept on a self-hosted instance, too, before any 429."""
    w = world("smithdb")
    w.sim.rate_limits = True
    w.sim.limits.tiers = [tier for tier in documented_tiers() if tier.name.startswith("v2")]
    w.configure(LANGSMITH_BASE_URL="https://langsmith.example")
    w.sim.commits_at = "api"
    w.sim.corpus(projects=2, runs=1000, days=20)
    w.configure(PAGE_SIZE="1")
    w.sync_locally()
    w.assert_complete("duckdb")
    assert w.requests("runs") > 900
    assert statuses(w).keys() == {200}


def test_a_host_of_ones_own_has_v1s_tiers_from_its_first_429_on(world: Callable[..., World]) -> None:
    """A self-hosted v1 is unpaced until its first 429. It refuses no second request."""
    w = world("clickhouse")
    w.sim.rate_limits = True
    w.configure(LANGSMITH_BASE_URL="https://langsmith.example")
    busy(w)
    life(w)
    assert statuses(w)[429] == 1


def test_a_v2_with_the_older_tiers_is_read_all_the_same(world: Callable[..., World]) -> None:
    """A v2 with the lower tiers of the CLI's notes refuses at most one query in eight. The sync is complete."""
    w = world("smithdb")
    w.sim.rate_limits, w.sim.v2_rates = True, "by_window"
    busy(w)
    life(w)
    asked = [request.status for request in w.sim.requests if request.kind == "runs"]
    assert 0 < asked.count(429) <= len(asked) // 8


def test_a_long_retry_after_is_obeyed_across_slices_and_calls(world: Callable[..., World]) -> None:
    """A Retry-After of ten minutes holds for all projects and calls: no second run query is sent until it is over."""
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
    """Calls of two seconds make progress after a burst of 429, on a host that is paced since then."""
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
