"""The v1 run query. Not here: v2 (test_sim_runs_v2)."""

import json
from pathlib import Path

import pytest

from simulator import RawJson
from simulator.client import make

FIXTURE = Path(__file__).parent.parent / "data" / "fixtures" / "01_v1_run_get.real_shape_anonymised.json"
PLANTED = b'{"big":123456789012345678901234567890,"nan":NaN,"low":"\\ud800","nul":"\\u0000"}'
DEEP = b"[" * 10_000 + b"]" * 10_000
NO_SCOPE = "At least one of 'session', 'id', 'parent_run', 'trace' or 'reference_example' must be specified"


def test_run_has_the_fields_and_types_of_a_recorded_one() -> None:
    """A run has the keys of a recorded answer, and values of the same types where both have one."""
    recorded = json.loads(FIXTURE.read_text())
    sim, api = make()
    run = sim.workspace.add_run(
        sim.workspace.add_project("one"),
        start_time="2026-05-31T16:46:01.068924Z",
        end_time="2026-05-31T16:46:04.510089Z",
        first_token_time="2026-05-31T16:46:03.605517Z",
        total_tokens=624,
        prompt_tokens=570,
        completion_tokens=54,
        prompt_token_details={"audio": 0},
        completion_token_details={"audio": 0},
        total_cost=0.001572,
        prompt_cost=0.00114,
        completion_cost=0.000432,
        prompt_cost_details={"audio": 0.0},
        completion_cost_details={"audio": 0.0},
        thread_id="t",
        events=[{"name": "start", "time": "2026-05-31T16:46:01.068924+00:00"}],
    )
    own = api.get(f"/runs/{run}").json()
    assert own.keys() == recorded.keys()
    odd = {key for key, value in recorded.items() if value is not None and type(own[key]) is not type(value)}
    assert odd == set()
    assert {key: own[key] for key in ("start_time", "end_time", "total_cost", "dotted_order", "ttl_seconds")} == {
        "start_time": "2026-05-31T16:46:01.068924",
        "end_time": "2026-05-31T16:46:04.510089",
        "total_cost": 0.001572,
        "dotted_order": f"20260531T164601068924Z{run}",
        "ttl_seconds": 1_209_600,
    }


def test_scope_is_required() -> None:
    """A query without a scope is refused: nothing lists the runs of a whole workspace."""
    _, api = make()
    answer = api.post("/runs/query", {"filter": 'eq(name, "x")'})
    assert (answer.status_code, answer.json()) == (400, {"detail": NO_SCOPE})


@pytest.mark.parametrize(
    ("extra", "status", "detail"),
    [
        ({"limit": 101}, 400, "Limit exceeds maximum allowed value of 100"),
        ({"limit": 0}, 422, None),
        ({"select": ["color"]}, 422, None),
        ({"order": "up"}, 422, None),
        ({"start_time": "yesterday"}, 422, None),
        ({"cursor": "nonsense"}, 400, "Invalid cursor"),
        ({"filter": "eq(color, 1)"}, 400, "Invalid filter: Unknown attribute: color"),
        ({"filter": "gt(total_tokens, 1)"}, 400, "Invalid filter: Unknown attribute: total_tokens"),
        ({"filter": 'gt(start_time, "soon")'}, 400, "Invalid filter: 'soon' is no time"),
        ({"filter": "in(id, 3)"}, 400, "Invalid filter: in() wants a list"),
        ({"filter": 'has(name, "a")'}, 400, "Invalid filter: has() wants tags or metadata"),
        ({"filter": 'gt(latency, "5m")'}, 400, "Invalid filter: '5m' is no seconds"),
        ({"trace_filter": "eq(name"}, 400, "Invalid filter: expected ',', got ''"),
    ],
)
def test_bad_queries_are_refused_whole(extra: dict[str, object], status: int, detail: str | None) -> None:
    """Invalid bounds, columns, times, cursors and filters are refused; nothing is clamped or ignored."""
    sim, api = make()
    answer = api.post("/runs/query", {"session": [sim.workspace.add_project("one")], **extra})
    assert answer.status_code == status
    assert detail is None or answer.json() == {"detail": detail}


def test_only_the_first_session_is_honoured() -> None:
    """Only the first of several sessions is searched, without an error; a switch makes all count."""
    sim, api = make()
    first, second = sim.workspace.add_project("one"), sim.workspace.add_project("two")
    runs = [sim.workspace.add_run(project) for project in (first, second)]
    assert [run["id"] for run in api.v1_runs(session=[first, second])] == runs[:1]
    sim.first_session_only = False
    assert {run["id"] for run in api.v1_runs(session=[first, second], limit=1)} == set(runs)


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_runs_of_one_moment_page_without_loss(order: str) -> None:
    """Pages of any size visit each of the runs with one start time exactly once."""
    sim, api = make()
    project = sim.workspace.add_project("one")
    made = {sim.workspace.add_run(project, start_time="2026-05-31T00:00:00Z") for _ in range(25)}
    for limit in (1, 7, 24, 25):
        found = [run["id"] for run in api.v1_runs(session=[project], limit=limit, order=order)]
        assert (len(found), set(found)) == (25, made)


def test_pages_hold_while_runs_arrive() -> None:
    """A cursor is a position: newer runs that arrive between two pages shift nothing."""
    sim, api = make()
    project = sim.workspace.add_project("one")
    made = [sim.workspace.add_run(project, start_time=f"2026-05-31T00:00:0{number}Z") for number in range(4)]
    body = {"session": [project], "limit": 2}
    first = api.post("/runs/query", body).json()
    sim.workspace.add_run(project)
    second = api.post("/runs/query", {**body, "cursor": first["cursors"]["next"]}).json()
    assert [run["id"] for run in first["runs"] + second["runs"]] == made[::-1]


def test_page_size_and_columns_may_change_between_pages_and_the_query_may_not() -> None:
    """A cursor works with another page size or other columns, and is refused with another query."""
    sim, api = make()
    project = sim.workspace.add_project("one")
    for _ in range(3):
        sim.workspace.add_run(project)
    cursor = api.post("/runs/query", {"session": [project], "limit": 1}).json()["cursors"]["next"]
    body = {"session": [project], "limit": 2, "select": ["id"], "cursor": cursor}
    assert len(api.post("/runs/query", body).json()["runs"]) == 2
    assert api.post("/runs/query", {**body, "order": "asc"}).status_code == 400


def test_expired_cursors_are_a_400() -> None:
    """After `expire_cursors` every older cursor is a 400; a new query works."""
    sim, api = make()
    project = sim.workspace.add_project("one")
    for _ in range(2):
        sim.workspace.add_run(project)
    body = {"session": [project], "limit": 1}
    cursor = api.post("/runs/query", body).json()["cursors"]["next"]
    sim.expire_cursors()
    assert api.post("/runs/query", {**body, "cursor": cursor}).status_code == 400
    assert len(api.v1_runs(**body)) == 2


@pytest.mark.parametrize(
    ("variant", "cursors"),
    [("null", {"next": None, "prev": None}), ("empty", {}), ("missing", None)],
)
def test_last_page_tells_in_several_ways(variant: str, cursors: dict[str, None] | None) -> None:
    """The last page has a null cursor, no cursor in the object, or no object at all."""
    sim, api = make()
    sim.last_page = variant  # type: ignore[assignment]  # a row of the table
    project = sim.workspace.add_project("one")
    sim.workspace.add_run(project)
    assert api.post("/runs/query", {"session": [project]}).json().get("cursors") == cursors


def test_trailing_cursor_leads_to_an_empty_page() -> None:
    """With `trailing`, a full last page has a cursor that leads to an empty page."""
    sim, api = make()
    sim.last_page = "trailing"
    project = sim.workspace.add_project("one")
    for _ in range(2):
        sim.workspace.add_run(project)
    assert len(api.v1_runs(session=[project], limit=2)) == 2
    assert len(sim.requests) == 2


def test_unselected_fields_hold_defaults_not_truth() -> None:
    """Columns that were not selected are null or zero, which looks like data."""
    sim, api = make()
    project = sim.workspace.add_project("one")
    run = sim.workspace.add_run(project, total_tokens=7, thread_id="t", inputs={"a": 1})
    row = api.v1_runs(session=[project], select=["id"])[0]
    assert {name: row[name] for name in ("id", "name", "total_tokens", "thread_id", "inputs", "session_id")} == {
        "id": run,
        "name": "run",
        "total_tokens": 0,
        "thread_id": None,
        "inputs": None,
        "session_id": project,
    }
    assert api.v1_runs(session=[project], select=["inputs", "total_tokens"])[0]["inputs"] == {"a": 1}
    row = api.v1_runs(session=[project])[0]
    assert (row["inputs_preview"], row["child_run_ids"]) == (None, None)
    previewed = api.v1_runs(session=[project], select=["inputs_preview", "child_run_ids"])[0]
    assert (previewed["inputs_preview"], previewed["child_run_ids"]) == ('{"a":1}', [])


def test_scopes_other_than_a_session() -> None:
    """Ids ignore every other condition, a trace ignores the limit, parents and examples select their runs."""
    sim, api = make()
    project, other = sim.workspace.add_project("one"), sim.workspace.add_project("two")
    root = sim.workspace.add_run(project, reference_example_id="00000000-0000-4000-8000-000000000007")
    children = [sim.workspace.add_run(project, parent_run_id=root) for _ in range(3)]
    far = sim.workspace.add_run(other, error="no")

    def found(**body: object) -> set[str]:
        return {run["id"] for run in api.v1_runs(**body)}

    assert found(id=[root, far], error=False, session=[project]) == {root, far}
    assert found(id=["00000000-0000-4000-8000-000000000009"]) == set()
    answer = api.post("/runs/query", {"trace": root, "limit": 2, "cursor": "anything"}).json()
    assert (len(answer["runs"]), answer["cursors"]["next"]) == (4, None)
    assert found(parent_run=root) == set(children)
    assert found(reference_example=["00000000-0000-4000-8000-000000000007"]) == {root}
    assert found(session=[project], is_root=True) == {root}
    assert found(session=[project], execution_order=1) == {root}
    assert (found(session=[other], error=True), found(session=[other], error=False)) == ({far}, set())


def test_ids_page_like_everything_else() -> None:
    """A query by a hundred ids is one page; more ids take several pages."""
    sim, api = make()
    project = sim.workspace.add_project("one")
    made = [sim.workspace.add_run(project) for _ in range(120)]
    assert len(api.post("/runs/query", {"id": made[:100]}).json()["runs"]) == 100
    assert {run["id"] for run in api.v1_runs(id=made)} == set(made)


def test_time_parameters() -> None:
    """`start_time` is the lower bound of starts; `end_time` bounds the run's end, or by a switch the window."""
    sim, api = make()
    project = sim.workspace.add_project("one")
    early, late, pending = (
        sim.workspace.add_run(project, start_time=f"2026-05-{day}T00:00:00Z", **fields)
        for day, fields in (
            (10, {"end_time": "2026-05-20T00:00:00Z"}),
            (12, {"end_time": "2026-05-12T00:00:01Z"}),
            (14, {"end_time": None}),
        )
    )

    def found(**body: object) -> set[str]:
        return {run["id"] for run in api.v1_runs(session=[project], **body)}

    assert found(start_time="2026-05-12T00:00:00") == {late, pending}
    assert found(end_time="2026-05-13T00:00:00Z") == {late}
    sim.end_time_param = "window_end"
    assert found(end_time="2026-05-13T00:00:00Z") == {early, late}


def test_smithdb_answers_501_from_one_request_to_the_next() -> None:
    """If the mode changes to SmithDB during a sync, v1 run queries answer 501; v1 lists go on."""
    sim, api = make("dual")
    project = sim.workspace.add_project("one")
    run = sim.workspace.add_run(project)
    assert len(api.v1_runs(session=[project])) == 1
    sim.mode = "smithdb"
    assert api.post("/runs/query", {"session": [project]}).status_code == 501
    assert api.get(f"/runs/{run}").status_code == 501
    assert len(api.rows("/sessions")) == 1


def test_deprecation_is_announced_in_headers() -> None:
    """Both run endpoints of v1 name the day they end."""
    sim, api = make()
    run = sim.workspace.add_run(sim.workspace.add_project("one"))
    for answer in (api.get(f"/runs/{run}"), api.post("/runs/query", {"id": [run]})):
        assert answer.headers["Deprecation"] == "true"
        assert answer.headers["Sunset"] == "Sun, 31 Jan 2027 00:00:00 GMT"
    assert "Deprecation" not in api.get("/sessions").headers


def test_run_is_invisible_until_it_is_indexed() -> None:
    """A run that is not indexed yet is hidden from queries, reads and the truth."""
    sim, api = make()
    project = sim.workspace.add_project("one")
    run = sim.workspace.add_run(project, visible_at="2026-06-01T00:01:30Z")
    assert (api.v1_runs(session=[project]), api.get(f"/runs/{run}").status_code) == ([], 404)
    assert sim.workspace.truth()["langsmith_run"] == {}
    sim.clock.advance(seconds=90)
    assert [one["id"] for one in api.v1_runs(session=[project])] == [run]
    assert set(sim.workspace.truth()["langsmith_run"]) == {run}


def test_pending_run_is_finished_without_a_sign_but_its_end() -> None:
    """A run that ends late changes in place; only its end announces it, and a filter on end_time finds it."""
    sim, api = make()
    project = sim.workspace.add_project("one")
    run = sim.workspace.add_run(project, status="pending", start_time="2026-05-25T00:00:00Z")
    before = api.get(f"/runs/{run}").json()
    assert (before["status"], before["end_time"], before["outputs"]) == ("pending", None, None)
    sim.workspace.finish_run(run, outputs={"a": 1})
    found = api.v1_runs(session=[project], filter='gt(end_time, "2026-05-31T00:00:00Z")')
    assert [(one["id"], one["status"], one["outputs"]) for one in found] == [(run, "success", {"a": 1})]
    sim.workspace.update_run(run, error="too late")
    assert api.get(f"/runs/{run}").json()["status"] == "error"


def test_costs_may_be_texts() -> None:
    """Costs are numbers as in recorded answers, or by a switch strings as the specification says."""
    sim, api = make()
    run = sim.workspace.add_run(sim.workspace.add_project("one"), total_cost=0.001572, prompt_cost_details={"cache_read": 0.0})
    assert api.get(f"/runs/{run}").json()["total_cost"] == 0.001572
    sim.costs_as_strings = True
    row = api.get(f"/runs/{run}").json()
    assert (row["total_cost"], row["prompt_cost"], row["prompt_cost_details"]) == ("0.001572", None, {"cache_read": "0.0"})


@pytest.mark.parametrize("data", [PLANTED, DEEP], ids=["planted", "deep"])
def test_planted_payloads_arrive_byte_for_byte(data: bytes) -> None:
    """v1 and v2 serve planted payloads byte for byte: numbers beyond 64 bits, NaN, surrogates, null bytes, deep nesting."""
    sim, api = make("dual")
    project = sim.workspace.add_project("one")
    run = sim.workspace.add_run(project, inputs=RawJson(data), outputs={"x": RawJson(data)}, extra=RawJson(data))
    sim.clock.advance(seconds=1)
    selects = ["INPUTS", "OUTPUTS", "EXTRA"]
    for answer in (
        api.get(f"/runs/{run}"),
        api.post("/runs/query", {"session": [project]}),
        api.post("/api/v2/runs/query", {"project_ids": [project], "selects": selects}),
    ):
        content = answer.content
        assert b'"inputs":' + data in content
        assert b'"outputs":{"x":' + data + b"}" in content
        assert b'"extra":' + data in content
    assert sim.workspace.truth()["langsmith_run"][run]["inputs"] == RawJson(data)


def test_payload_of_twelve_megabytes_is_served_whole() -> None:
    """A payload of twelve megabytes is served whole, although it is larger than a destination takes."""
    sim, api = make()
    run = sim.workspace.add_run(sim.workspace.add_project("one"), inputs={"text": "x" * 12_000_000})
    assert len(api.post("/runs/query", {"id": [run]}).content) > 12_000_000


def test_validation_names_the_broken_filter() -> None:
    """POST /runs/query/validate checks without running."""
    _, api = make()
    assert api.post("/runs/query/validate", {"filter": 'eq(name, "a")'}).json() == {"valid": True, "errors": []}
    broken = api.post("/runs/query/validate", {"filter": "eq(color, 1)", "tree_filter": "("}).json()
    assert (broken["valid"], [error["field"] for error in broken["errors"]]) == (False, ["filter", "tree_filter"])
