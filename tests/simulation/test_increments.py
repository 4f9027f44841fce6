"""Later syncs bring each new row, and read the last 24 hours again. Here too: the order of the first sync."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from product import World
from simulator.settings import Mode

MODES = ("clickhouse", "dual", "smithdb")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("face", ["fivetran", "duckdb"])
def test_later_syncs_bring_what_is_new(world: Callable[..., World], mode: str, face: str) -> None:
    """The next sync brings new runs, feedback, projects, datasets and examples."""
    w = world(mode)
    w.sim.corpus(projects=3, runs=300, days=20)
    sync = w.fivetran.sync if face == "fivetran" else w.sync_locally
    sync()
    for hour in range(3):
        w.clock.advance(hours=1)
        project = w.workspace.add_project(f"new-{hour}")
        run = w.workspace.add_run(project, inputs={"hour": hour}, end_time=w.clock.now())
        w.workspace.add_feedback(run, "helpful", score=True)
        w.workspace.add_example(w.workspace.add_dataset(f"set-{hour}"), {"q": hour}, {"a": hour})
        w.clock.advance(minutes=20)
        sync()
        w.assert_complete(face)


@pytest.mark.parametrize("mode", MODES)
def test_late_arrivals_up_to_a_day_old_are_found(world: Callable[..., World], mode: str) -> None:
    """The next sync brings a run that arrives after a sync, back-dated by 24 hours."""
    w = world(mode)
    project = w.workspace.add_project("late")
    w.workspace.add_run(project)
    w.fivetran.sync()
    w.clock.advance(minutes=30)
    w.workspace.add_run(project, start_time=w.clock.now() - timedelta(hours=24))
    w.fivetran.sync()
    w.assert_complete("fivetran")


@pytest.mark.parametrize("mode", MODES)
def test_late_arrivals_are_found_soon_after_a_first_sync_of_many_calls(world: Callable[..., World], mode: str) -> None:
    """The second sync finds them too, though the first one was more than a call could hold."""
    w = world(mode)
    w.sim.corpus(projects=2, runs=200, days=20)
    w.configure(MAX_RESPONSE_MB="0.05")
    assert w.fivetran.sync().calls > 2
    w.clock.advance(minutes=30)
    project = next(iter(w.workspace.projects))
    w.workspace.add_run(project, start_time=w.clock.now() - timedelta(hours=20))
    w.fivetran.sync()
    w.assert_complete("fivetran")


def test_the_newest_week_of_every_project_comes_before_any_history(world: Callable[..., World]) -> None:
    """A first sync delivers every project's newest week before any older run."""
    w = world()
    for number in range(4):
        project = w.workspace.add_project(f"p{number}")
        for day in range(30):
            w.workspace.add_run(project, start_time=w.clock.now() - timedelta(days=day, minutes=1))
    w.configure(MAX_RESPONSE_MB="0.05")
    week = (w.clock.now() - timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%S")
    ages: list[bool] = []
    has_more = True
    while has_more:
        before = set(w.in_fivetran("langsmith_run"))
        has_more = w.fivetran.step().has_more
        new = [row for key, row in w.in_fivetran("langsmith_run").items() if key not in before]
        ages += sorted(row["start_time"] < week for row in new)
    assert (ages.count(False), ages.count(True)) == (4 * 7, 4 * 23)
    assert ages == sorted(ages)


def test_recent_runs_are_refreshed_hourly_while_history_drains(world: Callable[..., World]) -> None:
    """A run that starts during a backfill of days arrives within about an hour, before the backfill ends."""
    w = world()
    project = w.workspace.add_project("busy")
    for number in range(400):
        w.workspace.add_run(project, start_time=w.clock.now() - timedelta(hours=2 * number))
    w.configure(MAX_RESPONSE_MB="0.06", PAGE_SIZE="20")
    while not (w.fivetran.state or {}).get("backfill") or (w.fivetran.state or {}).get("look"):
        w.fivetran.step()
    fresh = w.workspace.add_run(project)
    w.clock.advance(minutes=61)
    while w.fivetran.step().has_more and fresh not in w.in_fivetran("langsmith_run"):
        pass
    assert fresh in w.in_fivetran("langsmith_run")
    assert "backfill" in (w.fivetran.state or {})
    w.fivetran.sync()
    w.assert_complete("fivetran")


@pytest.mark.parametrize(("before", "after"), [("clickhouse", "smithdb"), ("smithdb", "clickhouse"), ("dual", "smithdb")])
def test_the_api_may_change_in_the_middle_of_a_sync(world: Callable[..., World], before: Mode, after: Mode) -> None:
    """A 501 in the middle of a sync switches the run API, and no row is lost."""
    w = world(before)
    w.sim.corpus(projects=3, runs=600, days=30)
    w.configure(MAX_RESPONSE_MB="0.5", PAGE_SIZE="50")
    w.fivetran.step()
    w.sim.mode = after
    w.fivetran.sync()
    w.assert_complete("fivetran")


@pytest.mark.parametrize(("before", "after"), [("smithdb", "clickhouse"), ("clickhouse", "smithdb")])
def test_a_history_in_progress_moves_to_the_other_api_too(world: Callable[..., World], before: Mode, after: Mode) -> None:
    """A backfill goes on by the other run API. For v1 the batch of projects is split, since v1 honours only the first."""
    w = world(before)
    for number in range(4):
        project = w.workspace.add_project(f"p{number}")
        for day in range(8, 60):
            w.workspace.add_run(project, start_time=w.clock.now() - timedelta(days=day))
    w.configure(MAX_RESPONSE_MB="0.05", PAGE_SIZE="20")
    while not any(task["work"].get("parents") for task in ((w.fivetran.state or {}).get("backfill") or {}).get("agenda", ())):
        w.fivetran.step()
    w.sim.mode = after
    w.clock.advance(minutes=61)
    w.fivetran.sync()
    w.assert_complete("fivetran")


def test_a_quiet_workspace_costs_a_handful_of_requests(world: Callable[..., World]) -> None:
    """An idle sync asks for `/info`, each list's page, each dataset's newest version, and unfinished runs by id."""
    w = world()
    w.sim.corpus(projects=3, runs=200, datasets=2, days=20)
    w.fivetran.sync()
    w.clock.advance(days=3)
    w.fivetran.sync()
    w.sim.requests.clear()
    w.clock.advance(minutes=15)
    w.fivetran.sync()
    kinds = sorted(request.kind for request in w.sim.requests)
    assert kinds == ["datasets", "feedback", "feedback_configs", "info", "runs", "sessions", "versions", "versions"]


@pytest.mark.parametrize("mode", MODES)
def test_projects_are_asked_where_statistics_are_not_served(world: Callable[..., World], mode: str) -> None:
    """Every project is asked for runs where the whole list has no `last_run_start_time`. No run is lost."""
    w = world(mode)
    w.sim.corpus(projects=3, runs=200, days=20)
    w.sim.stats_served = False
    w.fivetran.sync()
    w.assert_complete("fivetran")
    assert (w.fivetran.state or {})["memory"]["projects"] == {"stats_served": False}


@pytest.mark.parametrize("mode", MODES)
def test_an_overlap_that_a_call_cannot_hold_is_read_hourly(world: Callable[..., World], mode: Mode) -> None:
    """The 24 hours before are read again hourly where that takes several calls. A sync in between reads only new rows."""
    w = world(mode)
    project = w.workspace.add_project("busy")
    for minute in range(600):
        w.workspace.add_run(project, start_time=w.clock.now() - timedelta(minutes=2 * minute))
    w.configure(MAX_RESPONSE_MB="0.2", PAGE_SIZE="100")
    w.fivetran.sync()
    w.clock.advance(minutes=5)
    w.fivetran.sync()
    assert (w.fivetran.state or {})["heavy"] is True
    w.clock.advance(minutes=5)
    late = w.workspace.add_run(project, start_time=w.clock.now() - timedelta(hours=20))
    new = w.workspace.add_run(project)
    summary = w.fivetran.sync()
    assert summary.rows["langsmith_run"] < 30
    assert new in w.in_fivetran("langsmith_run")
    w.clock.advance(minutes=56)
    w.fivetran.sync()
    assert late in w.in_fivetran("langsmith_run")
    w.assert_complete("fivetran")
