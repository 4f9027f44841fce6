"""Every answer is valid by LangSmith's OpenAPI documents, except for the deviations in the table below."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from jsonschema import Draft202012Validator

from simulator import Simulator
from simulator.client import Api, make
from simulator.render_v1 import SELECTABLE as V1_SELECTABLE
from simulator.render_v2 import SELECTABLE as V2_SELECTABLE

DATA = Path(__file__).parent.parent / "data"
V1 = json.loads((DATA / "langsmith-openapi-v1.json").read_text())
NEWER = json.loads((DATA / "langsmith-openapi-2026-08-newer-streams.json").read_text())
"""Operations of the document of August 2026 that the one of June lacks, or has in another form."""
QUEUES = {"GET /api/v1/annotation-queues", "GET /api/v1/annotation-queues/{queue_id}"}
HUB = {"GET /api/v1/repos", "GET /api/v1/repos/{owner}/{repo}", "GET /commits/{owner}/{repo}"}
USAGE = "GET /api/v1/orgs/current/billing/granular-usage"
V2 = json.loads((DATA / "langsmith-openapi-v2-alpha.json").read_text())


@dataclass(frozen=True, eq=False)
class Deviation:
    """A known deviation: the places (a pattern), the schema of allowed values, the reason, and values that stay wrong."""

    places: str
    allowed: Mapping[str, Any]
    why: str
    wrong: tuple[Any, ...]

    def excuses(self, problem: Problem) -> bool:
        """Whether this deviation covers the problem; another value at the same place is not covered."""
        fits = Draft202012Validator(self.allowed).is_valid(problem.value)
        return fits and re.fullmatch(self.places, problem.place) is not None


@dataclass(frozen=True)
class Problem:
    """An error by the document: the operation and last name of the path, the path, the value and the message."""

    place: str
    path: tuple[str | int, ...]
    value: Any
    message: str


def naive(places: str) -> Deviation:
    """A timestamp without an offset."""
    pattern = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?$"
    why = "times are naive UTC: fixtures 01, 03 and 06, langsmith-sdk 2533 and 2567"
    return Deviation(places, {"type": "string", "pattern": pattern}, why, (12345, "soon", "2026-05-31", ["x"], False))


def number(places: str, allowed: dict[str, Any], wrong: tuple[Any, ...]) -> Deviation:
    """A number in place of a string."""
    return Deviation(places, allowed, "costs are numbers in a recorded answer: fixture 01", wrong)


def null(places: str) -> Deviation:
    """Null in place of an absent field."""
    why = "what a run does not have is null: the SDK of August 2026 has every field optional, fixture 08 shows nulls"
    return Deviation(places, {"type": "null"}, why, (False, ["x"]))


NUMBER = {"type": "number"}
DEVIATIONS = (
    naive(r"GET /api/v1/sessions.* (start_time|last_run_start_time(_live)?)"),
    naive(r"GET /api/v1/feedback.* (created_at|modified_at|start_time)"),
    naive(r".* /api/v1/runs/.* (start_time|end_time|first_token_time|trace_(first_received_at|m.._start_time))"),
    number(r".* /api/v1/runs/.* (total|prompt|completion)_cost", NUMBER, (False, ["x"], {"x": 1})),
    number(
        r".* /api/v1/runs/.* (prompt|completion)_cost_details",
        {"type": "object", "additionalProperties": NUMBER},
        (0.5, ["x"], {"x": False}, {"x": {"y": 1}}),
    ),
    Deviation(
        r"POST /api/v1/runs/query start_time", {"type": "null"}, "what is not selected is null: renderings of v1", (False, ["x"])
    ),
    null(r".* /v2/runs/.* (end_time|error|first_token_time|inputs|outputs|extra|metadata|events|manifest|\w+_preview)"),
    null(r".* /v2/runs/.* (reference_\w+_id|price_model_id|share_url|thread_evaluation_time|last_queued_at|thread_id)"),
    null(r".* /v2/runs/.* (latency_seconds|(total|prompt|completion)_cost|\w+_(cost|token)_details|avg|min|max|stdev)"),
    Deviation(
        r".* /v2/runs/.* (thread_id)",
        {"type": "string", "minLength": 1},
        "thread ids are any text: documentation of threads",
        (12345, "", ["x"]),
    ),
    null(r"POST /v2/runs/query (next_cursor)"),
)

CHECKER = jsonschema.FormatChecker(formats=["uuid"])


@CHECKER.checks("date-time", raises=ValueError)
def is_date_time(text: object) -> bool:
    """RFC 3339: a date and a time with an offset."""
    return not isinstance(text, str) or datetime.fromisoformat(text).tzinfo is not None


@pytest.fixture(scope="module")
def busy() -> tuple[Simulator, Api]:
    """A workspace with every kind of record and field."""
    sim, api = make("dual")
    sim.corpus(projects=4, runs=400, datasets=2, examples=20, feedback=0.5)
    project = next(iter(sim.workspace.projects))
    run = sim.workspace.add_run(
        project,
        start_time="2026-05-31T10:00:00Z",
        offloaded=("inputs",),
        attachments={"page": ("text/plain", b"a page")},
    )
    sim.workspace.add_feedback(run, "stars", score=4)
    return sim, api


@cache
def validator(operation: str, status: int) -> Draft202012Validator:
    """A validator of the schema that the document declares for an answer."""
    document = V2 if "/v2/" in operation else NEWER if operation in {*QUEUES, *HUB, USAGE} else V1
    method, path = operation.split(" ", 1)
    answers = document["paths"][path][method.lower()]["responses"]
    schema = answers[str(status)]["content"]["application/json"]["schema"]
    return Draft202012Validator({**schema, "components": document["components"]}, format_checker=CHECKER)


def problems(operation: str, status: int, body: Any) -> Iterator[Problem]:
    """The errors of an answer by its document."""
    for error in validator(operation, status).iter_errors(body):
        names = [name for name in error.absolute_path if isinstance(name, str)]
        place = f"{operation} {names[-1] if names else ''}"
        yield Problem(place, tuple(error.absolute_path), error.instance, error.message)


def unexcused(found: Iterable[Problem]) -> list[Problem]:
    """The problems that no deviation covers."""
    return [problem for problem in found if not any(one.excuses(problem) for one in DEVIATIONS)]


def v1_answers(sim: Simulator, api: Api) -> Iterator[tuple[str, int, Any]]:
    """Request each served v1 operation of the document in every way that changes its answer."""
    work = sim.workspace
    dataset, project = next(iter(work.datasets)), next(iter(work.projects))
    versions = api.get(f"/datasets/{dataset}/versions").json()
    example = api.get("/examples", dataset=dataset).json()[0]["id"]
    diff = {"from_version": versions[-1]["as_of"], "to_version": versions[0]["as_of"]}
    sim.usage_readable, api.session.headers["X-Organization-Id"] = True, project
    span = {"start_time": "2026-05-01T00:00:00Z", "end_time": "2026-06-01T00:00:00Z", "workspace_ids": sim.tenant_id}
    everything, queue = sorted(V1_SELECTABLE), api.get("/annotation-queues").json()[0]["id"]
    asked: list[tuple[str, Any]] = [
        ("GET /api/v1/info", api.get("/info")),
        ("GET /api/v1/workspaces", api.get("/workspaces")),
        ("GET /api/v1/sessions", api.get("/sessions")),
        ("GET /api/v1/sessions", api.get("/sessions", include_stats="true")),
        ("GET /api/v1/sessions", api.get("/sessions", include_stats="true", stats_select=["run_count"])),
        ("GET /api/v1/sessions", api.get("/sessions", limit=1000)),
        ("GET /api/v1/sessions/{session_id}", api.get(f"/sessions/{project}", include_stats="true")),
        ("GET /api/v1/datasets", api.get("/datasets")),
        ("GET /api/v1/datasets/{dataset_id}", api.get(f"/datasets/{dataset}")),
        ("GET /api/v1/datasets/{dataset_id}/versions", api.get(f"/datasets/{dataset}/versions")),
        ("GET /api/v1/datasets/{dataset_id}/version", api.get(f"/datasets/{dataset}/version", tag="latest")),
        ("GET /api/v1/datasets/{dataset_id}/versions/diff", api.get(f"/datasets/{dataset}/versions/diff", **diff)),
        ("GET /api/v1/examples", api.get("/examples", dataset=dataset)),
        ("GET /api/v1/examples", api.get("/examples", dataset=dataset, select=["id"])),
        ("GET /api/v1/examples/count", api.get("/examples/count", dataset=dataset)),
        ("GET /api/v1/examples/{example_id}", api.get(f"/examples/{example}")),
        ("GET /api/v1/feedback", api.get("/feedback")),
        ("GET /api/v1/feedback", api.get("/feedback", limit=0)),
        ("GET /api/v1/feedback-configs", api.get("/feedback-configs")),
        ("GET /api/v1/feedback-configs", api.get("/feedback-configs", limit=0)),
        ("GET /api/v1/repos", api.get("/repos", is_archived="allow")),
        ("GET /api/v1/repos", api.get("/repos", limit=0)),
        ("GET /api/v1/repos/{owner}/{repo}", api.get("/repos/-/refund-policy")),
        *(
            ("GET /commits/{owner}/{repo}", api.from_root("/commits/-/refund-policy", include_stats=flag))
            for flag in ("true", "false")
        ),
        ("GET /commits/{owner}/{repo}", api.from_root("/commits/-/none")),
        *((USAGE, api.get("/orgs/current/billing/granular-usage", **span, group_by=by)) for by in ("project", "workspace")),
        (USAGE, api.get("/orgs/current/billing/granular-usage")),
        ("GET /api/v1/annotation-queues", api.get("/annotation-queues")),
        ("GET /api/v1/annotation-queues", api.get("/annotation-queues", limit=0)),
        ("GET /api/v1/annotation-queues/{queue_id}", api.get(f"/annotation-queues/{queue}")),
        ("GET /api/v1/annotation-queues/{queue_id}", api.get("/annotation-queues/none")),
        *(("GET /api/v1/runs/{run_id}", api.get(f"/runs/{run}")) for run in list(work.runs)[-5:]),
        *(
            ("POST /api/v1/runs/query", api.post("/runs/query", {"session": [ident], **extra}))
            for ident in work.projects
            for extra in ({}, {"select": ["id"]}, {"select": everything})
        ),
        ("POST /api/v1/runs/stats", api.post("/runs/stats", {"session": [project]})),
        ("POST /api/v1/runs/query/validate", api.post("/runs/query/validate", {"filter": "eq(color, 1)"})),
        ("POST /api/v1/runs", api.post("/runs", {"id": project, "session_id": project})),
        ("POST /api/v1/runs/batch", api.post("/runs/batch", {})),
    ]
    return ((operation, answer.status_code, answer.json()) for operation, answer in asked)


def v2_answers(sim: Simulator, api: Api) -> Iterator[tuple[str, int, Any]]:
    """Request both v2 operations with all fields, with no fields, and in ways that are refused."""
    projects = list(sim.workspace.projects)
    alpha = {"LAST_QUEUED_AT", "LS_USER_ID"}  # selectable since August, after the document
    selects = sorted(V2_SELECTABLE - alpha)
    body = {"project_ids": projects, "min_start_time": "2026-05-01T00:00:00Z"}
    run = list(sim.workspace.runs.values())[-1]
    path = f"/api/v2/runs/{run.id}"
    asked: list[tuple[str, Any]] = [
        ("POST /v2/runs/query", api.post("/api/v2/runs/query", body)),
        ("POST /v2/runs/query", api.post("/api/v2/runs/query", {**body, "selects": selects, "page_size": 1000})),
        ("POST /v2/runs/query", api.post("/api/v2/runs/query", {})),
        ("POST /v2/runs/query", api.post("/api/v2/runs/query", {"project_ids": ["one"]})),
        ("GET /v2/runs/{run_id}", api.get(path, project_id=run.project_id, selects=selects)),
        ("GET /v2/runs/{run_id}", api.get(path)),
        ("GET /v2/runs/{run_id}", api.get(path, project_id=projects[1])),
    ]
    return ((operation, answer.status_code, answer.json()) for operation, answer in asked)


@dataclass(frozen=True)
class Answer:
    """One answer, to be checked by its document."""

    operation: str
    status: int
    body: Any

    def problems(self) -> list[Problem]:
        """The errors of the answer as it came."""
        return list(problems(self.operation, self.status, self.body))

    def refuses(self, path: tuple[str | int, ...], value: Any) -> bool:
        """Whether another value at this path is an error that no deviation covers."""
        planted = with_value(self.body, path, value)
        return unexcused(problems(self.operation, self.status, planted)) != []


@pytest.fixture(scope="module")
def found(busy: tuple[Simulator, Api]) -> list[tuple[Answer, Problem]]:
    """Every error of every answer by the documents."""
    answers = (Answer(*answer) for answered in (v1_answers, v2_answers) for answer in answered(*busy))
    return [(answer, problem) for answer in answers for problem in answer.problems()]


def test_answers_conform_but_for_the_table(found: list[tuple[Answer, Problem]]) -> None:
    """Every error of an answer is in the table, and every row of the table covers an error."""
    assert unexcused(problem for _, problem in found) == []
    assert [one.places for one in DEVIATIONS if not any(one.excuses(problem) for _, problem in found)] == []


def test_the_table_excuses_no_other_value(found: list[tuple[Answer, Problem]]) -> None:
    """At every place that a row covers, the values that the row calls wrong are still reported."""
    places = {(row, problem.place): (answer, problem) for answer, problem in found for row in DEVIATIONS if row.excuses(problem)}
    passed = [
        (place, wrong)
        for (row, place), (answer, problem) in places.items()
        for wrong in row.wrong
        if not answer.refuses(problem.path, wrong)
    ]
    assert passed == []
    assert {row for row, _ in places} == set(DEVIATIONS)


def with_value(body: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """An answer with another value at a path. Lists on the way there keep only the member that holds it."""
    if not path:
        return value
    inner = with_value(body[path[0]], path[1:], value)
    return {**body, path[0]: inner} if isinstance(body, dict) else [inner]


def documented(document: dict[str, Any]) -> set[str]:
    """Every operation of a document."""
    return {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}


def test_every_documented_operation_is_served_or_named(busy: tuple[Simulator, Api]) -> None:
    """The tests request every operation of the documents except for those listed here."""
    sim, api = busy
    left_out = {
        "POST /api/v1/runs/multipart",  # its answer is checked with the SDK
        "GET /api/v1/annotation-queues/{queue_id}/runs",  # ends with v1
        "GET /api/v1/bulk-exports",
        "POST /api/v1/bulk-exports",
    }
    left_out_of_v2 = {
        "GET /v2/threads/{thread_id}/stats",
        "GET /v2/threads/{thread_id}/traces",
        "GET /v2/traces/{trace_id}/runs",
        "POST /v2/threads/query",
    }
    asked = {operation for operation, _, _ in v1_answers(sim, api)}
    assert documented(V1) - asked == left_out
    assert asked >= {*QUEUES, *HUB, USAGE}
    assert documented(V2) - {operation for operation, _, _ in v2_answers(sim, api)} == left_out_of_v2


def test_v1_selects_are_the_documented_ones() -> None:
    """v1's selectable columns are those of the document, and four more that a recorded answer has."""
    schemas = V1["components"]["schemas"]
    documented = set(schemas["RunSelect"]["enum"])
    assert documented <= V1_SELECTABLE
    recorded = {"direct_child_run_ids", "execution_order", "trace_max_start_time", "trace_min_start_time"}
    assert V1_SELECTABLE - documented == recorded


def test_v2_selects_are_the_documented_ones_and_two_newer() -> None:
    """v2's selectable fields are those of the document of May 2026, and two that the SDK has had since August."""
    documented = set(V2["components"]["schemas"]["query.RunSelectField"]["enum"])
    assert V2_SELECTABLE - documented == {"LAST_QUEUED_AT", "LS_USER_ID"}
    assert documented <= V2_SELECTABLE
