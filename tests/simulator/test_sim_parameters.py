"""Every documented parameter of a served operation is implemented, or is a 501 that names it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from simulator import Simulator
from simulator.client import make
from simulator.messages import Headers, Request, Response
from simulator.query import Query
from simulator.routes import OPERATIONS
from simulator.unimplemented import UNIMPLEMENTED

DATA = Path(__file__).parent.parent / "data"
DOCUMENTS = [
    json.loads((DATA / f"langsmith-openapi-{name}.json").read_text()) for name in ("v1", "v2-alpha", "2026-08-newer-streams")
]
SERVED = {f"{method} {path}" for method, path, _, _ in OPERATIONS}
IDENT = "00000000-0000-4000-8000-000000000009"
VALUES: dict[str, Any] = {
    "string": "x",
    "integer": 1,
    "number": 1,
    "boolean": True,
    "object": {"attribute": "name"},
    "array": [],
    "uuid": IDENT,
    "date-time": "2026-06-01T00:00:00Z",
}
WORDED = {
    "metadata": "{}",
    **dict.fromkeys(("filter", "trace_filter", "tree_filter"), 'eq(name, "x")'),
    "stats_filter": 'lt(start_time, "2026-06-01T00:00:00Z")',
}
"""Valid values of parameters that refuse arbitrary text."""
NEEDED: dict[str, dict[str, Any]] = {
    "GET /examples": {"dataset": IDENT},
    "GET /examples/count": {"dataset": IDENT},
    "GET /orgs/current/billing/granular-usage": {
        "start_time": "2026-06-01T00:00:00Z",
        "end_time": "2026-06-01T00:00:00Z",
        "workspace_ids": [IDENT],
    },
    "GET /v2/runs/{run_id}": {"project_id": IDENT},
    "POST /runs/query": {"session": [IDENT]},
    "POST /runs/stats": {"session": [IDENT]},
    "POST /v2/runs/query": {"project_ids": [IDENT]},
    "random_seed": {"order": "random"},
    **{name: {"include_stats": "true"} for name in ("stats_filter", "stats_select", "stats_start_time")},
}
"""Parameters without which an operation refuses the request, or ignores another parameter."""
NEWER = {
    ("GET /feedback-configs", "include_all_configs"),
    ("GET /feedback-configs", "is_enforced"),
    ("POST /feedback-configs", "is_enforced"),
    ("PATCH /feedback-configs", "id"),
    ("PATCH /feedback-configs", "add_categories"),
    ("PATCH /feedback-configs", "remove_categories"),
    ("DELETE /feedback-configs", "id"),
    ("GET /repos", "match_prefix"),
    *(
        ("GET /platform/annotation-queues/{queue_id}/items", name)
        for name in ("agreement", "direction", "has_unresolved_keys", "item_type", "max_start_time", "min_start_time")
    ),
}
"""Parameters that the official SDK sends and the documents do not have (client.py, annotation_queues/items.py)."""

Parameter = tuple[str, str, Any]


def documented() -> Iterator[Parameter]:
    """Operation, name and a value for it, of every parameter in a query or a body."""
    for document in DOCUMENTS:
        for path, methods in document["paths"].items():
            for method, described in methods.items():
                operation = f"{method.upper()} {path.removeprefix('/api/v1')}"
                body = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
                named = [(one["name"], one["schema"]) for one in described.get("parameters", ()) if one["in"] == "query"]
                named += resolved(document, body).get("properties", {}).items()
                yield from ((operation, name, sample(document, name, schema)) for name, schema in named if operation in SERVED)


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema that a reference names."""
    where = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document["components"]["schemas"][where] if where else schema
    return found


def sample(document: dict[str, Any], name: str, schema: dict[str, Any]) -> Any:
    """A value that the schema allows."""
    if name in WORDED:
        return WORDED[name]
    plain = resolved(document, next(iter(schema.get("anyOf") or schema.get("allOf") or [schema])))
    if "enum" in plain:
        return plain["enum"][0]
    if plain.get("type") == "array":
        return [sample(document, "", plain["items"])]
    return VALUES[plain.get("format", plain["type"])]


class Looked(dict[str, Any]):
    """A body that records which members were read."""

    def __init__(self, body: dict[str, Any], names: set[str]) -> None:
        super().__init__(body)
        self.names = names

    def get(self, key: str, default: Any = None) -> Any:
        """A member, or the default."""
        self.names.add(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> Any:
        self.names.add(key)
        return super().__getitem__(key)


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the query parameters that a handler has read."""
    names: set[str] = set()
    many = Query.many

    def noting(query: Query, name: str) -> list[str]:
        names.add(name)
        return many(query, name)

    monkeypatch.setattr(Query, "many", noting)
    return names


def asked(sim: Simulator, operation: str, given: dict[str, Any], names: set[str]) -> Response:
    """Request an operation with parameters, in the body for a POST, and record which members of the body are read."""
    method, _, path = operation.partition(" ")
    work = sim.workspace
    project, run, dataset = next(iter(work.projects)), next(iter(work.runs)), next(iter(work.datasets))
    example = next(iter(work.datasets[dataset].examples))
    where = path.format(session_id=project, run_id=run, dataset_id=dataset, example_id=example, owner="-", repo="refund-policy")
    real = json.loads(json.dumps(given).replace(IDENT, dataset if "dataset" in given else project))
    query = [] if method == "POST" else [(name, str(value)) for name, value in MultiDict(real).items(multi=True)]
    headers = Headers({"X-API-Key": sim.api_key, "X-Organization-Id": IDENT}.items())
    sim.usage_readable = True
    prefix = "" if where.startswith("/commits/") else "/api" if "/v2/" in where else "/api/v1"
    place = f"{prefix}{where}"
    request = Request(method, "https://api.smith.langchain.com", place, query, headers, b"")
    if method == "POST":
        request.body = Looked(real, names)
    return sim.handle(request)


@pytest.mark.parametrize(("operation", "name", "value"), list(documented()), ids=lambda one: str(one)[:60])
def test_a_documented_parameter_is_looked_at_or_refused(operation: str, name: str, value: Any, looked: set[str]) -> None:
    """A parameter is either a 501 that names it, or the operation reads it."""
    sim, _ = make("dual")
    sim.corpus(projects=1, runs=1, datasets=1, examples=1)
    answer = asked(sim, operation, {**NEEDED.get(operation, {}), **NEEDED.get(name, {}), name: value}, looked)
    refused = name in UNIMPLEMENTED.get(operation, ())
    assert (answer.status == 501, name in looked) == (refused, not refused)
    assert not refused or repr(name) in answer.content.decode()


def test_nothing_is_refused_that_is_not_documented() -> None:
    """Every refused parameter is in the documents, or is sent by a newer SDK."""
    names = NEWER | {(operation, name) for operation, name, _ in documented()}
    assert {(operation, name) for operation, refused in UNIMPLEMENTED.items() for name in refused} <= names


def test_a_switch_that_is_off_asks_for_nothing() -> None:
    """An unimplemented parameter that is false or null is accepted."""
    sim, api = make()
    project = sim.workspace.add_project("one")
    assert api.get("/sessions", facets="false").status_code == 200
    assert api.post("/runs/query", {"session": [project], "data_source_type": None, "skip_pagination": False}).status_code == 200


def test_feedback_by_its_giver_and_by_its_comparison() -> None:
    """`user` and `comparative_experiment_id` filter feedback."""
    sim, api = make()
    run, mine, other = sim.workspace.add_run(sim.workspace.add_project("one")), IDENT, IDENT.replace("9", "8")
    by_me = sim.workspace.add_feedback(run, "good", user_id=mine)
    compared = sim.workspace.add_feedback(run, "better", comparative_experiment_id=other)
    assert [row["id"] for row in api.rows("/feedback", user=[mine])] == [by_me]
    assert [row["id"] for row in api.rows("/feedback", comparative_experiment_id=other)] == [compared]


def test_what_locates_a_record_has_to_be_true_of_it() -> None:
    """A run under a wrong project or start time is a 404, and so is an example under a wrong dataset. Ids filter the count."""
    sim, api = make("dual")
    project, dataset = sim.workspace.add_project("one"), sim.workspace.add_dataset("two")
    run = sim.workspace.add_run(project, start_time="2026-05-31T10:00:00.123456Z")
    example, _ = (sim.workspace.add_example(dataset, {"q": number}) for number in range(2))
    at, before = "2026-05-31T10:00:00.123Z", "2026-05-31T10:00:00.122Z"
    assert [api.get(f"/runs/{run}", session_id=one).status_code for one in (project, dataset)] == [200, 404]
    assert [api.get(f"/runs/{run}", start_time=one).status_code for one in (at, before)] == [200, 404]
    assert [api.get(f"/api/v2/runs/{run}", project_id=project, start_time=one).status_code for one in (at, before)] == [200, 404]
    assert [api.get(f"/examples/{example}", dataset=one).status_code for one in (dataset, project)] == [200, 404]
    assert [api.get("/examples/count", dataset=dataset).json(), api.get("/examples/count", id=[example]).json()] == [2, 1]
