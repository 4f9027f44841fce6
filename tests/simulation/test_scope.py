"""The configuration takes streams, projects and times out of a sync and puts them back. Rows and requests show it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from werkzeug.datastructures import MultiDict

from product import World
from simulator.settings import Mode
from simulator.times import parse_time


def asked_projects(w: World) -> set[str]:
    """Return the projects asked for runs and feedback, by each way in which a request may name one."""
    bodies = [request.body for request in w.sim.requests if request.kind == "runs"]
    named = {project for body in bodies for project in [*body.get("session", ()), *body.get("project_ids", ())]}
    assert all(body.get("session") or body.get("project_ids") or owners(w, body["id"]) <= named for body in bodies)
    queries = [MultiDict(request.query) for request in w.sim.requests if request.kind == "feedback"]
    assert all("session" in query or owners(w, query.getlist("run")) <= named for query in queries)
    return named | {session for query in queries for session in query.getlist("session")}


def owners(w: World, runs: list[str]) -> set[str]:
    """Return the projects of runs that were asked for by id."""
    return {w.workspace.runs[run].project_id for run in runs}


def lower_bounds(w: World) -> list[datetime]:
    """Return the oldest start that each query for runs asks for. Fail where a query has none."""
    bodies = [request.body for request in w.sim.requests if request.kind == "runs"]
    return [parse_time(body.get("start_time") or body["min_start_time"]) for body in bodies if not body.get("id")]


@pytest.mark.parametrize(
    ("key", "table", "kinds"),
    [
        ("SYNC_EXAMPLES", "langsmith_example", {"examples", "example", "versions", "version", "diff"}),
        ("SYNC_RUNS", "langsmith_run", {"runs", "run"}),
        ("SYNC_FEEDBACK", "langsmith_feedback", {"feedback", "feedback_item"}),
    ],
)
def test_a_stream_switched_off_costs_nothing_and_comes_back_whole(
    world: Callable[..., World], key: str, table: str, kinds: set[str]
) -> None:
    """A stream switched off has no rows and no requests. Switched on again, it arrives from its beginning."""
    w = world()
    w.sim.corpus(projects=3, runs=400, days=40)
    for _ in range(2):
        w.fivetran.sync(secrets={key: "false", **({"SYNC_DATASET_VERSIONS": "false"} if key == "SYNC_EXAMPLES" else {})})
        assert not kinds & {request.kind for request in w.sim.requests}
        assert w.in_fivetran(table) == {}
        w.clock.advance(hours=2)
        w.workspace.add_example(next(iter(w.workspace.datasets)), {"q": "new"})
        w.workspace.add_feedback(w.workspace.add_run(next(iter(w.workspace.projects))), "new", score=1)
    w.fivetran.sync()
    assert kinds & {request.kind for request in w.sim.requests}
    w.assert_complete("fivetran")


@pytest.mark.parametrize("mode", ["clickhouse", "smithdb"])
def test_projects_limits_runs_and_feedback_and_widening_reads_the_rest(world: Callable[..., World], mode: Mode) -> None:
    """Only projects in PROJECTS are asked for. A narrower PROJECTS deletes nothing, and a wider one reads the rest whole."""
    w = world(mode)
    w.sim.corpus(projects=4, runs=800, days=40)
    projects = w.workspace.truth()["langsmith_project"]
    (first, one), (second, _) = list(projects.items())[:2]
    w.fivetran.sync(secrets={"PROJECTS": f"{one['name']}, {second}"})
    assert asked_projects(w) == {first, second}
    assert {row["project_id"] for row in w.in_fivetran("langsmith_run").values()} == {first, second}
    assert {row["project_id"] for row in w.in_fivetran("langsmith_feedback").values()} == {first, second}
    assert len(w.in_fivetran("langsmith_project")) == 4
    w.clock.advance(hours=2)
    for project in projects:
        w.workspace.add_feedback(w.workspace.add_run(project), "new", score=1)
    w.sim.requests.clear()
    w.fivetran.sync(secrets={"PROJECTS": one["name"]})
    assert asked_projects(w) == {first}
    assert {row["project_id"] for row in w.in_fivetran("langsmith_run").values()} == {first, second}
    w.fivetran.sync()
    w.assert_complete("fivetran")


@pytest.mark.parametrize("mode", ["clickhouse", "smithdb"])
def test_start_time_limits_runs_and_an_earlier_one_reads_what_lies_before(world: Callable[..., World], mode: Mode) -> None:
    """No query reaches below START_TIME. An earlier START_TIME reads the time between."""
    w = world(mode)
    w.sim.corpus(projects=2, runs=500, days=60, feedback=0)
    start = w.clock.now() - timedelta(days=20)
    runs = w.workspace.truth()["langsmith_run"]
    w.fivetran.sync(secrets={"START_TIME": start.isoformat()})
    assert min(lower_bounds(w)) == start
    assert set(w.in_fivetran("langsmith_run")) == {key for key, run in runs.items() if run["start_time"] >= start}
    earlier = start - timedelta(days=20)
    w.sim.requests.clear()
    w.fivetran.sync(secrets={"START_TIME": earlier.isoformat()})
    assert min(lower_bounds(w)) == earlier
    assert set(w.in_fivetran("langsmith_run")) == {key for key, run in runs.items() if run["start_time"] >= earlier}
    w.fivetran.sync()
    w.assert_complete("fivetran")


def test_a_scope_changed_in_the_middle_of_a_sync_takes_effect_at_once(world: Callable[..., World]) -> None:
    """A changed configuration drops the work begun for the old one. No request follows for it, and nothing is lost later."""
    w = world()
    w.sim.corpus(projects=3, runs=600, days=40)
    w.configure(MAX_RESPONSE_MB="0.3", PAGE_SIZE="50")
    w.fivetran.step()
    w.sim.requests.clear()
    w.fivetran.sync(secrets={"SYNC_RUNS": "false"})
    assert w.requests("runs") == 0
    w.fivetran.sync()
    w.assert_complete("fivetran")


def test_an_unknown_project_is_refused_at_first_and_passed_over_later(world: Callable[..., World]) -> None:
    """An unknown name in PROJECTS is a 400 at the setup test and the first sync. Once a sync has worked, it is no failure."""
    from fivetran_model import CallFailed  # noqa: PLC0415  beside its only use

    w = world()
    project = w.workspace.add_project("short-lived")
    secrets = {"PROJECTS": "short-lived,nowhere"}
    for call in (w.fivetran.setup_test, w.fivetran.sync):
        with pytest.raises(CallFailed, match="400: PROJECTS: no project is named 'nowhere'"):
            call(secrets=secrets)
    w.fivetran.sync(secrets={"PROJECTS": "short-lived"})
    w.workspace.delete_project(project)
    w.fivetran.sync(secrets={"PROJECTS": "short-lived"})
