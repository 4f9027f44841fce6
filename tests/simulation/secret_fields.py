"""A workspace with a secret in every field, and a search of everything that the product wrote.

test_hidden, test_privacy_echoes and test_privacy_requests check what is hidden.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from product import Table, World

FACES, MODES = ["fivetran", "duckdb", "connector"], ["clickhouse", "smithdb"]
TABLES = ("langsmith_project", "langsmith_dataset", "langsmith_example", "langsmith_run", "langsmith_feedback")
HASH_KEY = "a key of sixteen or more"

FIELDS = {
    "langsmith_project.name": "SECRET-project-name",
    "langsmith_project.metadata": "SECRET-project-metadata",
    "langsmith_dataset.name": "SECRET-dataset-name",
    "langsmith_dataset.description": "SECRET-dataset-description",
    "langsmith_example.inputs": "SECRET-example-inputs",
    "langsmith_example.outputs": "SECRET-example-outputs",
    "langsmith_example.metadata": "SECRET-example-metadata",
    "langsmith_run.name": "SECRET-run-name",
    "langsmith_run.inputs": "SECRET-run-inputs",
    "langsmith_run.outputs": "SECRET-run-outputs",
    "langsmith_run.error": "SECRET-run-error",
    "langsmith_run.tags": "SECRET-run-tags",
    "langsmith_run.metadata": "SECRET-run-metadata",
    "langsmith_feedback.value": "SECRET-feedback-value",
    "langsmith_feedback.comment": "SECRET-feedback-comment",
    "langsmith_feedback.correction": "SECRET-feedback-correction",
}
"""The secret of each column."""
STREAMED = "SECRET-run-token"
"""The secret in a run's events, which hold a streamed answer."""
TEXTS = {column for column in FIELDS if column.split(".")[1] in ("name", "description", "error", "comment")}


def planted(w: World) -> None:
    """Fill a workspace with a secret in every field, in a form that both APIs and all previews repeat."""

    def secret(column: str) -> Any:
        return FIELDS[column] if column in TEXTS else {"who": FIELDS[column], "n": 1}

    project = w.workspace.add_project(FIELDS["langsmith_project.name"], metadata=secret("langsmith_project.metadata"))
    dataset = w.workspace.add_dataset(FIELDS["langsmith_dataset.name"], description=secret("langsmith_dataset.description"))
    example = w.workspace.add_example(
        dataset, secret("langsmith_example.inputs"), secret("langsmith_example.outputs"), secret("langsmith_example.metadata")
    )
    run = w.workspace.add_run(
        project,
        name=FIELDS["langsmith_run.name"],
        inputs=secret("langsmith_run.inputs"),
        outputs=secret("langsmith_run.outputs"),
        error=FIELDS["langsmith_run.error"],
        tags=[FIELDS["langsmith_run.tags"]],
        metadata=secret("langsmith_run.metadata"),
        events=[{"name": "new_token", "time": "2026-01-01T00:00:00Z", "kwargs": {"token": STREAMED}}],
        reference_example_id=example,
    )
    w.workspace.add_feedback(
        run,
        "helpful",
        score=1,
        value=FIELDS["langsmith_feedback.value"],
        comment=FIELDS["langsmith_feedback.comment"],
        correction=secret("langsmith_feedback.correction"),
    )


def digest(text: str) -> str:
    """The hash of a text."""
    return hmac.new(HASH_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def synced(w: World, face: str) -> dict[str, Table]:
    """Sync, then return every table of the face."""
    w.configure(JSON_COLUMNS="string")
    w.sync(face)
    return {table: w.rows(face, table) for table in TABLES}


def everything(w: World, tables: dict[str, Table], log: str) -> str:
    """Return everything that the product wrote, as text: rows, the last state, its log, the status, and all requests."""
    requests = " ".join(f"{one.path} {one.query} {one.body}" for one in w.sim.requests)
    states = json.dumps([w.fivetran.state, w.connection.state])
    return " ".join([json.dumps(tables), states, log, str(w.connection.lines), w.request("GET", "/sync").text, requests])


def private(w: World) -> tuple[str, str]:
    """Add a project to read and one to exclude, with a run each. Both runs and both projects have feedback."""
    found = []
    for name in ("open", "closed"):
        project = w.workspace.add_project(name)
        run = w.workspace.add_run(project, inputs={"q": name})
        w.workspace.add_feedback(run, "helpful", score=1)
        w.workspace.add_feedback(None, "overall", project_id=project, score=1)
        found.append(project)
    return found[0], found[1]
