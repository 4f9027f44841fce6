"""Projects on the simulator: records, counters, filters, pages."""

import pytest

from simulator.client import make
from simulator.stats import COUNTERS

MISSING = "00000000-0000-4000-8000-000000000009"


def test_session_record_is_whole_and_mixes_its_times() -> None:
    """A session has every field of the schema, without counters; its start is naive, its end has an offset."""
    sim, api = make()
    dataset = sim.workspace.add_dataset("cases")
    ident = sim.workspace.add_project(
        "trial",
        start_time="2026-05-01T10:00:00.25Z",
        end_time="2026-05-01T11:00:00Z",
        description="first",
        metadata={"team": "blue"},
        reference_dataset_id=dataset,
    )
    assert api.get(f"/sessions/{ident}").json() == {
        "start_time": "2026-05-01T10:00:00.250000",
        "end_time": "2026-05-01T11:00:00+00:00",
        "extra": {"metadata": {"team": "blue"}},
        "name": "trial",
        "description": "first",
        "default_dataset_id": None,
        "reference_dataset_id": dataset,
        "trace_tier": "longlived",
        "id": ident,
        **dict.fromkeys(COUNTERS),
        "tenant_id": sim.tenant_id,
        "run_facets": None,
        "test_run_number": 1,
    }


def test_counters_are_null_unless_asked_for_and_served() -> None:
    """Counters are null without include_stats, and with `stats_served = False`. Without runs there is no last run."""
    sim, api = make()
    full, empty = sim.workspace.add_project("full"), sim.workspace.add_project("empty")
    sim.workspace.add_run(full, start_time="2026-05-31T00:00:00Z", end_time="2026-05-31T00:00:02Z", total_tokens=7)
    sim.workspace.add_run(full, start_time="2026-05-31T01:00:00Z", end_time="2026-05-31T01:00:04Z", error="no")
    plain = {row["id"]: row for row in api.rows("/sessions")}
    assert all(plain[full][name] is None for name in COUNTERS)
    asked = {row["id"]: row for row in api.rows("/sessions", include_stats="true")}
    assert {name: asked[full][name] for name in ("run_count", "total_tokens", "latency_p99", "error_rate")} == {
        "run_count": 2,
        "total_tokens": 7,
        "latency_p99": 4.0,
        "error_rate": 0.5,
    }
    assert asked[full]["last_run_start_time"] == "2026-05-31T01:00:00"
    assert (asked[empty]["run_count"], asked[empty]["last_run_start_time"]) == (0, None)
    sim.stats_served = False
    unserved = api.rows("/sessions", include_stats="true")
    assert all(row[name] is None for row in unserved for name in COUNTERS)


def test_counters_follow_every_change() -> None:
    """Runs, their indexing and feedback change the counters, and nothing else of the session."""
    sim, api = make()
    project = sim.workspace.add_project("one")

    def counted() -> tuple[int, object]:
        row = api.get(f"/sessions/{project}", include_stats="true").json()
        return row["run_count"], row["feedback_stats"] and row["feedback_stats"]["stars"]["avg"]

    assert counted() == (0, None)
    run = sim.workspace.add_run(project, visible_at="2026-06-01T00:01:00Z")
    assert counted() == (0, None)
    sim.clock.advance(minutes=2)
    assert counted() == (1, None)
    feedback = sim.workspace.add_feedback(run, "stars", score=4)
    assert counted() == (1, 4.0)
    sim.workspace.edit_feedback(feedback, score=5)
    assert counted() == (1, 5.0)
    sim.workspace.delete_feedback(feedback)
    sim.workspace.delete_run(run)
    assert counted() == (0, None)


def test_filters_choose_sessions() -> None:
    """Ids, names, metadata, and being a project or an experiment filter sessions."""
    sim, api = make()
    dataset = sim.workspace.add_dataset("cases")
    alpha = sim.workspace.add_project("Alpha", metadata={"team": "blue", "cost": 1})
    beta = sim.workspace.add_project("beta")
    trial = sim.workspace.add_project("beta-trial", reference_dataset_id=dataset)

    def found(**params: str | list[str]) -> set[str]:
        return {row["id"] for row in api.get("/sessions", **params).json()}

    assert found() == {alpha, beta, trial}
    assert found(id=[alpha, trial]) == {alpha, trial}
    assert found(name="beta") == {beta}
    assert found(name_contains="BETA") == {beta, trial}
    assert found(reference_free="true") == {alpha, beta}
    assert found(reference_free="false") == {trial}
    assert found(reference_dataset=dataset) == {trial}
    assert found(metadata='{"team": "blue"}') == {alpha}


def test_order_is_newest_first_unless_told_otherwise() -> None:
    """Sessions sort by start_time, newest first, unless a request says otherwise; those without a value come last."""
    sim, api = make()
    first = sim.workspace.add_project("b", start_time="2026-05-01T00:00:00Z")
    second = sim.workspace.add_project("a", start_time="2026-05-02T00:00:00Z")
    sim.workspace.add_run(first)

    def order(**params: str) -> list[str]:
        return [row["id"] for row in api.get("/sessions", **params).json()]

    assert order() == [second, first]
    assert order(sort_by="start_time", sort_by_desc="false") == [first, second]
    assert order(sort_by="name", sort_by_desc="false") == [second, first]
    assert order(sort_by="last_run_start_time") == [first, second]
    assert order(sort_by="runs_count") == [first, second]
    assert api.get("/sessions", sort_by="color").status_code == 422


@pytest.mark.parametrize(("name", "value"), [("include_stats", "perhaps"), ("metadata", "{"), ("metadata", "[1]"), ("id", "one")])
def test_parameters_that_cannot_be_read_are_named(name: str, value: str) -> None:
    """A 422 names the parameter."""
    _, api = make()
    answer = api.get("/sessions", **{name: value})
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["query", name])


def test_pages_of_ten_thousand_projects() -> None:
    """Offset pages of 100 visit every project once."""
    sim, api = make()
    made = {sim.workspace.add_project(f"project {number}") for number in range(10_000)}
    assert {row["id"] for row in api.rows("/sessions", include_stats="true")} == made
    assert len(sim.requests) == 101


@pytest.mark.parametrize("path", ["/sessions", "/datasets", "/feedback", "/examples"])
@pytest.mark.parametrize(("name", "value"), [("limit", 101), ("limit", 0), ("limit", "many"), ("offset", -1)])
def test_lists_refuse_bounds_that_the_specification_excludes(path: str, name: str, value: str | int) -> None:
    """A limit over 100 is refused, not clamped, and the answer names the parameter."""
    _, api = make()
    answer = api.get(path, **{name: value})
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["query", name])


def test_missing_and_deleted_projects_are_404_and_malformed_ids_422() -> None:
    """A deleted or unknown project is a 404, a malformed id a 422; a deleted project's runs and feedback are gone too."""
    sim, api = make()
    project = sim.workspace.add_project("one")
    run = sim.workspace.add_run(project)
    sim.workspace.add_feedback(run, "stars", score=1)
    sim.workspace.delete_project(project)
    assert api.get(f"/sessions/{project}").status_code == 404
    assert api.get(f"/sessions/{MISSING}").json() == {"detail": "Session not found"}
    assert api.get("/sessions/one").status_code == 422
    assert api.get(f"/runs/{run}").status_code == 404
    assert api.get("/feedback").json() == []
    assert all(not table for table in sim.workspace.truth().values())


def test_rename_changes_the_name_only() -> None:
    """A rename changes the name and no other field."""
    sim, api = make()
    project = sim.workspace.add_project("one")
    before = api.get(f"/sessions/{project}").json()
    sim.clock.advance(days=1)
    sim.workspace.rename_project(project, "two")
    assert api.get(f"/sessions/{project}").json() == {**before, "name": "two"}


def test_statistics_of_a_query_are_those_of_the_listing() -> None:
    """POST /runs/stats over a project's runs equals the project's counters; a filter counts fewer; costs are numbers."""
    sim, api = make()
    sim.corpus(projects=2, runs=60)
    project = next(iter(sim.workspace.projects))
    listed = api.get(f"/sessions/{project}", include_stats="true").json()
    stats = api.post("/runs/stats", {"session": [project]}).json()
    same = ("run_count", "latency_p50", "latency_p99", "total_tokens", "error_rate", "feedback_stats")
    assert {name: stats[name] for name in same} == {name: listed[name] for name in same}
    assert stats["total_cost"] == float(listed["total_cost"]) > 0
    assert stats["last_run_start_time"] == listed["last_run_start_time"] + "+00:00"
    roots = api.post("/runs/stats", {"session": [project], "is_root": True}).json()
    assert 0 < roots["run_count"] < stats["run_count"]
