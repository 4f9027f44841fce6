"""The v2 run query, and its differences from v1."""

import pytest

from simulator.client import make
from simulator.render_v2 import SELECTABLE


def test_only_ids_without_selects() -> None:
    """Without `selects` an item has its id only; with them it has the selected fields only."""
    sim, api = make("smithdb")
    project = sim.workspace.add_project("one")
    run = sim.workspace.add_run(project)
    assert api.v2_runs(project_ids=[project]) == []  # the run starts now, and max_start_time is exclusive
    sim.clock.advance(seconds=1)
    assert api.v2_runs(project_ids=[project]) == [{"id": run}]
    assert api.v2_runs(project_ids=[project], selects=["NAME"]) == [{"name": "run"}]


def test_item_is_whole() -> None:
    """An item has every selectable field: capitals, milliseconds, wrapped details, ancestors with the direct parent last."""
    sim, api = make("smithdb")
    project = sim.workspace.add_project("one")
    root = sim.workspace.add_run(project, start_time="2026-05-31T10:00:00Z")
    middle = sim.workspace.add_run(project, parent_run_id=root, start_time="2026-05-31T10:00:01Z")
    leaf = sim.workspace.add_run(
        project,
        parent_run_id=middle,
        name="ChatModel",
        run_type="llm",
        start_time="2026-05-31T10:00:02.123456Z",
        end_time="2026-05-31T10:00:03.5Z",
        events=[{"name": "start", "time": "2026-05-31T10:00:02.123456+00:00"}],
        tags=["prod"],
        metadata={"thread_id": "t-1"},
        serialized={"lc": 1},
        total_tokens=3,
        total_cost=0.5,
        prompt_token_details={"cache_read": 1},
    )
    item = next(run for run in api.v2_runs(project_ids=[project], selects=sorted(SELECTABLE)) if run["id"] == leaf)
    stamps = [f"20260531T10000{second}000000Z{run}" for second, run in ((0, root), (1, middle))]
    assert item == {
        "id": leaf,
        "name": "ChatModel",
        "run_type": "LLM",
        "status": "SUCCESS",
        "start_time": "2026-05-31T10:00:02.123Z",
        "end_time": "2026-05-31T10:00:03.500Z",
        "latency_seconds": 1.377,
        "first_token_time": None,
        "error": None,
        "error_preview": None,
        "inputs_preview": '{"question":"what is it?"}',
        "outputs_preview": '{"answer":"it is that"}',
        "parent_run_ids": [root, middle],
        "project_id": project,
        "trace_id": root,
        "thread_id": "t-1",
        "dotted_order": f"{stamps[0]}.{stamps[1]}.20260531T100002123456Z{leaf}",
        "is_root": False,
        "reference_example_id": None,
        "reference_dataset_id": None,
        "total_tokens": 3,
        "prompt_tokens": 0,
        "completion_tokens": 0,
        "total_cost": 0.5,
        "prompt_cost": None,
        "completion_cost": None,
        "prompt_token_details": {"raw": {"cache_read": 1}},
        "completion_token_details": None,
        "prompt_cost_details": None,
        "completion_cost_details": None,
        "price_model_id": None,
        "tags": ["prod"],
        "app_path": f"/projects/p/{project}/r/{leaf}",
        "attachments": {},
        "thread_evaluation_time": None,
        "is_in_dataset": False,
        "last_queued_at": None,
        "share_url": None,
        "feedback_stats": {},
        "ls_user_id": None,
        "inputs": {"question": "what is it?"},
        "outputs": {"answer": "it is that"},
        "extra": {"metadata": {"thread_id": "t-1"}},
        "metadata": {"thread_id": "t-1"},
        "events": [{"name": "start", "time": "2026-05-31T10:00:02.123Z"}],
        "manifest": {"lc": 1},
    }


def test_window_is_the_last_day_unless_given_and_excludes_its_end() -> None:
    """Without min_start_time the answer has the last day only, without a sign; the window's end is exclusive."""
    sim, api = make("smithdb")
    project = sim.workspace.add_project("one")
    old, edge, recent = (
        sim.workspace.add_run(project, start_time=f"2026-05-{moment}Z")
        for moment in ("30T23:59:59", "31T00:00:00", "31T23:59:59.999999")
    )

    def found(**body: object) -> list[str]:
        return [run["id"] for run in api.v2_runs(project_ids=[project], **body)]

    assert found() == [recent, edge]
    assert found(min_start_time="2026-05-01T00:00:00Z") == [recent, edge, old]
    assert found(min_start_time="2026-05-01T00:00:00Z", max_start_time="2026-05-31T00:00:00Z") == [old]


def test_default_window_does_not_move_while_pages_are_read() -> None:
    """The first page fixes the end of the default window; runs that start later are not in later pages."""
    sim, api = make("smithdb")
    project = sim.workspace.add_project("one")
    made = [sim.workspace.add_run(project, start_time=f"2026-05-31T10:00:0{second}Z") for second in range(3)]
    sim.workspace.add_run(project, start_time="2026-05-31T00:30:00Z")
    body = {"project_ids": [project], "page_size": 2}
    first = api.post("/api/v2/runs/query", body).json()
    sim.clock.advance(hours=2)
    second = api.post("/api/v2/runs/query", {**body, "cursor": first["next_cursor"]}).json()
    assert [run["id"] for run in first["items"]] == made[:0:-1]
    assert (len(second["items"]), second["next_cursor"]) == (2, None)


def test_cursor_in_the_query_string_is_not_looked_at() -> None:
    """A cursor in the query string is ignored: the first page comes again with the same cursor, without end."""
    sim, api = make("smithdb")
    project = sim.workspace.add_project("one")
    for second in range(3):
        sim.workspace.add_run(project, start_time=f"2026-05-31T10:00:0{second}Z")
    body = {"project_ids": [project], "page_size": 1}
    first = api.post("/api/v2/runs/query", body).json()
    again = api.post(f"/api/v2/runs/query?cursor={first['next_cursor']}", body).json()
    assert again == first


@pytest.mark.parametrize("size", [1, 4, 100, 1000])
def test_batches_of_projects_merge_newest_first(size: int) -> None:
    """Several projects are one list, newest first, for any page size, also with equal start times."""
    sim, api = make("smithdb")
    projects = [sim.workspace.add_project(str(number)) for number in range(3)]
    for number in range(30):
        sim.workspace.add_run(projects[number % 3], start_time=f"2026-05-31T10:00:{number // 2:02}Z")
    selects = ["ID", "START_TIME"]
    found = api.v2_runs(project_ids=projects, page_size=size, selects=selects)
    assert [run["start_time"] for run in found] == sorted((run["start_time"] for run in found), reverse=True)
    assert {run["id"] for run in found} == set(sim.workspace.runs)
    assert len(found) == 30


def test_short_pages_lose_nothing() -> None:
    """With `short_pages`, cut and empty pages carry a new cursor each, and all runs come in the end."""
    sim, api = make("smithdb")
    sim.short_pages = True
    project = sim.workspace.add_project("one")
    made = {sim.workspace.add_run(project, start_time=f"2026-05-31T10:00:{second:02}Z") for second in range(40)}
    pages, cursors = [], []
    body: dict[str, object] = {"project_ids": [project], "page_size": 10}
    while True:
        answer = api.post("/api/v2/runs/query", body).json()
        pages.append([run["id"] for run in answer["items"]])
        if not answer["next_cursor"]:
            break
        cursors.append(answer["next_cursor"])
        body["cursor"] = answer["next_cursor"]
    assert sorted(run for page in pages for run in page) == sorted(made)
    assert len(set(cursors)) == len(cursors)
    assert [] in pages
    assert {len(page) for page in pages} >= {0, 6}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"reference_dataset_id": "00000000-0000-4000-8000-000000000001"}, 400),
        ({"page_size": 0}, 400),
        ({"page_size": 1001}, 400),
        ({"selects": ["COLOR"]}, 400),
        ({"filter": "eq(color, 1)"}, 400),
        ({"cursor": "nonsense"}, 400),
        ({"min_start_time": "2025-04-25T00:00:00Z"}, 400),
        ({"min_start_time": "yesterday"}, 422),
        ({"project_ids": ["one"]}, 422),
        ({"project_ids": ["00000000-0000-4000-8000-000000000009"]}, 404),
        ({"min_feedback_modified_at": "2026-05-01T00:00:00Z"}, 400),
    ],
)
def test_bad_queries_are_refused_with_problem_details(body: dict[str, object], status: int) -> None:
    """Every refusal has the shape of RFC 7807, and one missing project fails the whole query."""
    sim, api = make("smithdb")
    project = sim.workspace.add_project("one")
    whole = {"project_ids": [project], **body} if body else {}
    answer = api.post("/api/v2/runs/query", whole)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["status"], answer.json()["instance"]) == (
        status,
        status,
        "/api/v2/runs/query",
    )


def test_span_limit_is_a_switch() -> None:
    """Windows over 401 days are refused unless the limit is lifted."""
    sim, api = make("smithdb")
    body = {"project_ids": [sim.workspace.add_project("one")], "min_start_time": "2020-01-01T00:00:00Z"}
    assert api.post("/api/v2/runs/query", body).status_code == 400
    sim.max_span_days = None
    assert api.post("/api/v2/runs/query", body).status_code == 200


def test_filters_of_the_body() -> None:
    """Ids, trace, type, root, error and examples filter runs, and so does `filter` with attributes that v1 lacks."""
    sim, api = make("smithdb")
    project = sim.workspace.add_project("one")
    example = "00000000-0000-4000-8000-000000000007"
    start = "2026-05-31T10:00:00Z"
    root = sim.workspace.add_run(project, start_time=start, total_tokens=9, reference_example_id=example)
    leaf = sim.workspace.add_run(project, start_time=start, parent_run_id=root, run_type="llm", error="no")

    def found(**body: object) -> set[str]:
        return {run["id"] for run in api.v2_runs(project_ids=[project], **body)}

    assert (found(ids=[root]), found(trace_id=root), found(run_type="LLM")) == ({root}, {root, leaf}, {leaf})
    assert (found(is_root=True), found(is_root=False)) == ({root}, {leaf})
    assert (found(has_error=True), found(has_error=False)) == ({leaf}, {root})
    assert found(reference_examples=[example]) == {root}
    assert found(filter="gt(total_tokens, 5)") == {root}
    assert found(filter='eq(run_type, "llm")', trace_filter="gt(total_tokens, 5)") == {leaf}
    assert found(filter="eq(is_root, true)", tree_filter="neq(error, null)") == {root}


def test_experiments_are_found_by_their_dataset() -> None:
    """reference_dataset_id selects the dataset's experiments; the window begins with the earliest of them."""
    sim, api = make("smithdb")
    dataset = sim.workspace.add_dataset("cases")
    trial = sim.workspace.add_project("trial", reference_dataset_id=dataset, start_time="2024-04-01T00:00:00Z")
    run = sim.workspace.add_run(trial, start_time="2024-04-02T00:00:00Z")
    sim.workspace.add_run(sim.workspace.add_project("other"), start_time="2026-05-31T10:00:00Z")
    assert api.v2_runs(reference_dataset_id=dataset) == [{"id": run}]


def test_runs_are_found_by_changed_feedback() -> None:
    """The window of feedback changes limits the feedback that a condition may match; its upper end is exclusive."""
    sim, api = make("smithdb")
    project = sim.workspace.add_project("one")
    runs = [sim.workspace.add_run(project, start_time="2026-05-31T10:00:00Z") for _ in range(2)]
    feedback = [sim.workspace.add_feedback(run, "stars", score=1) for run in runs]
    sim.clock.advance(hours=1)
    sim.workspace.edit_feedback(feedback[1], score=2)

    def found(**body: object) -> set[str]:
        return {run["id"] for run in api.v2_runs(project_ids=[project], filter='neq(feedback_key, "")', **body)}

    assert found() == set(runs)
    assert found(min_feedback_modified_at="2026-06-01T01:00:00Z") == {runs[1]}
    assert found(max_feedback_modified_at="2026-06-01T01:00:00Z") == {runs[0]}


def test_one_run_needs_its_project() -> None:
    """GET /api/v2/runs/{id} without the project is a 400, with another project a 404."""
    sim, api = make("smithdb")
    project, other = sim.workspace.add_project("one"), sim.workspace.add_project("two")
    run = sim.workspace.add_run(project)
    path = f"/api/v2/runs/{run}"
    assert [api.get(path, **params).status_code for params in ({}, {"project_id": other})] == [400, 404]
    assert api.get(path, project_id=project).json() == {"id": run}
    assert api.get(path, project_id=project, selects=["NAME", "STATUS"]).json() == {"name": "run", "status": "SUCCESS"}


@pytest.mark.parametrize("status", [501, 404])
def test_without_smithdb_there_is_no_v2(status: int) -> None:
    """A deployment with ClickHouse only answers v2 with 501, an older one with 404."""
    sim, api = make("clickhouse")
    sim.v2_missing_status = status  # type: ignore[assignment]  # a row of the table
    project = sim.workspace.add_project("one")
    assert api.post("/api/v2/runs/query", {"project_ids": [project]}).status_code == status
    assert api.get(f"/api/v2/runs/{project}", project_id=project).status_code == status


@pytest.mark.parametrize(("variant", "last"), [("null", {"next_cursor": None}), ("missing", {})])
def test_last_page_has_a_null_cursor_or_none(variant: str, last: dict[str, None]) -> None:
    """The last page has a null cursor or none."""
    sim, api = make("smithdb")
    sim.last_page = variant  # type: ignore[assignment]  # a row of the table
    assert api.post("/api/v2/runs/query", {"project_ids": [sim.workspace.add_project("one")]}).json() == {
        **last,
        "items": [],
    }


@pytest.mark.parametrize("migrated", [True, False])
def test_smithdb_has_the_past_only_if_it_was_migrated(migrated: bool) -> None:
    """SmithDB beside ClickHouse has older runs only if they were migrated; v1 shows all, v2 what SmithDB has."""
    sim, api = make("clickhouse")
    project = sim.workspace.add_project("one")
    old = sim.workspace.add_run(project, start_time="2026-05-31T10:00:00Z")
    sim.workspace.start_smithdb(migrated=migrated)
    new = sim.workspace.add_run(project, start_time="2026-05-31T11:00:00Z")
    assert [run["id"] for run in api.v1_runs(session=[project])] == [new, old]
    found = [new, old] if migrated else [new]
    assert [run["id"] for run in api.v2_runs(project_ids=[project])] == found
    assert [run["id"] for run in api.v2_runs(project_ids=[project], ids=[old])] == [run for run in found if run == old]
    assert api.get(f"/api/v2/runs/{old}", project_id=project).status_code == (200 if migrated else 404)


@pytest.mark.parametrize("of_smithdb", [True, False])
def test_projects_may_be_counted_in_smithdb(of_smithdb: bool) -> None:
    """With `stats_of_smithdb`, a project with older runs only is counted as empty (which store counts is undocumented)."""
    sim, api = make("clickhouse")
    project = sim.workspace.add_project("one")
    sim.workspace.add_run(project)
    sim.stats_of_smithdb = of_smithdb
    sim.workspace.start_smithdb(migrated=False)
    (record,) = api.rows("/sessions", include_stats="true")
    assert (record["run_count"], record["last_run_start_time"] is None) == ((0, True) if of_smithdb else (1, False))


@pytest.mark.parametrize("status", [501, 410, 404])
def test_v1_may_end_before_info_says_so(status: int) -> None:
    """With `v1_ended`, v1 run queries fail with each configured status, although /info still announces both APIs."""
    sim, api = make("dual")
    sim.v1_ended, sim.v1_missing_status = True, status  # type: ignore[assignment]  # a row of the table
    project = sim.workspace.add_project("one")
    assert api.post("/runs/query", {"session": [project]}).status_code == status
    assert api.get("/info").json()["instance_flags"]["ch_query_enabled"] is True
