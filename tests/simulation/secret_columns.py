"""A workspace with one secret for each column, at every place where LangSmith, its SDK and LangChain show it.

The places come from recorded traces (data/fixtures/01), the SDK (langsmith 0.15.0) and langchain-core 1.7. The product's own
table is not used. test_privacy_everywhere checks what is hidden.
"""

from __future__ import annotations

from typing import Any

from product import World

COLUMNS = {
    "langsmith_project": ("name", "description", "metadata"),
    "langsmith_dataset": ("name", "description", "metadata"),
    "langsmith_example": ("inputs", "outputs", "metadata", "dataset_name"),
    "langsmith_run": (
        *("name", "inputs", "outputs", "error", "tags", "metadata", "thread_id", "project_name"),
        *("model_name", "model_provider", "prompt_commit", "user_id", "environment"),
    ),
    "langsmith_feedback": ("key", "value", "comment", "correction", "source_metadata", "source_user_id", "evaluator_run_id"),
}
"""Columns of texts and payloads, which may be hidden: no ids, timestamps or figures."""
OF_METADATA = ("thread_id", "model_name", "model_provider", "prompt_commit", "user_id", "environment")
"""Columns of a run that are made of its metadata."""
TEXTS = ("name", "description", "error", "key", "comment", "dataset_name", "project_name", "source_user_id", *OF_METADATA)


def secret(table: str, column: str) -> str:
    """The secret of a column, which no other column contains."""
    column = {"project_name": "name", "dataset_name": "name"}.get(column, column) if column.endswith("_name") else column
    return f"SECRET-{table.removeprefix('langsmith_')}-{column}-"


def joined(table: str, column: str) -> str:
    """Return the secret of a column. A joined column has the secret of its parent's name."""
    parents = {"project_name": "langsmith_project", "dataset_name": "langsmith_dataset"}
    return secret(parents.get(column, table), column)


def filled(w: World) -> None:
    """Fill a workspace: a project, a chat model's run as LangChain traces it, an example made of it, an evaluator's feedback."""
    r = {column: joined("langsmith_run", column) for column in COLUMNS["langsmith_run"]}
    project = w.workspace.add_project(
        secret("langsmith_project", "name"),
        description=secret("langsmith_project", "description"),
        metadata={"m": secret("langsmith_project", "metadata")},
    )
    run = w.workspace.add_run(project, **_run(r))
    _judged(w, run, project)
    dataset = w.workspace.add_dataset(
        secret("langsmith_dataset", "name"),
        description=secret("langsmith_dataset", "description"),
        metadata={"m": secret("langsmith_dataset", "metadata")},
    )
    e = {column: {"m": secret("langsmith_example", column)} for column in ("inputs", "outputs", "metadata")}
    w.workspace.add_example(
        dataset, e["inputs"], e["outputs"], e["metadata"], attachments=_file(secret("langsmith_example", "inputs"))
    )
    w.workspace.add_example(dataset, {"m": r["inputs"]}, {"m": r["outputs"]}, source_run_id=run)  # use_source_run_io
    corrected = {"m": secret("langsmith_feedback", "correction")}
    w.workspace.add_example(dataset, {"q": 1}, corrected, source_run_id=run)  # add_to_dataset_prefer_correction


def _file(name: str) -> dict[str, tuple[str, bytes]]:
    return {f"{name}.txt": ("text/plain", b"a note")}


def _run(r: dict[str, str]) -> Any:
    """The fields of a run."""
    graph = {"langgraph_node": r["name"], "langgraph_path": ["__pregel_pull", r["name"]], "checkpoint_ns": f"{r['name']}:1"}
    parameters = {
        "model": r["model_name"],
        "_type": r["model_provider"],
        "messages": [r["inputs"]],
        "tools": [{"name": r["inputs"]}],
        "system": r["inputs"],
    }
    metadata = {
        "m": r["metadata"],
        "thread_id": r["thread_id"],
        "LANGSMITH_PROJECT": r["project_name"],
        "experiment": r["project_name"],
        "graph_id": r["name"],
        "ls_model_name": r["model_name"],
        "ls_provider": r["model_provider"],
        "lc_hub_commit_hash": r["prompt_commit"],
        "user_id": r["user_id"],
        "environment": r["environment"],
        "ls_invocation_params": {"prediction": r["inputs"]},
        "system": r["inputs"],
        **graph,
    }
    template = {"kwargs": {"prompt": {"kwargs": {"template": r["inputs"]}}}}
    return {
        "name": r["name"],
        "run_type": "llm",
        "inputs": {"m": r["inputs"], "messages": [[{"kwargs": {"m": r["inputs"]}}]]},
        "outputs": {"m": r["outputs"]},
        "error": r["error"],
        "tags": [r["tags"]],
        "extra": {
            "metadata": metadata,
            "invocation_params": parameters,
            "options": {"stop": None, "any": r["inputs"]},
            "tags": [r["tags"]],
            "runtime": {"sdk": "langsmith-py"},
        },
        "events": [
            {
                "name": "new_token",
                "time": "2026-01-01T00:00:00Z",
                "kwargs": {"token": r["outputs"], "chunk": {"text": r["outputs"]}},
            },
            {"name": "retry", "time": "2026-01-01T00:00:00Z", "kwargs": {"outcome": "failed", "exception": r["error"]}},
        ],
        "serialized": {
            "lc": 1,
            "id": ["langchain", r["name"]],
            "name": r["name"],
            "repr": f"{r['name']}(metadata={{'m': '{r['metadata']}'}}, tags=['{r['tags']}'])",
            "kwargs": {"messages": [template], "config": {"metadata": {"m": r["metadata"]}, "tags": [r["tags"]]}},
            "graph": {"nodes": [{"id": 0, "data": r["name"]}]},
        },
        "attachments": _file(r["inputs"]),
    }


def _judged(w: World, run: str, project: str) -> None:
    """Give feedback to the run and the project, by a model that adds metadata and extra fields."""
    f = {column: secret("langsmith_feedback", column) for column in COLUMNS["langsmith_feedback"]}
    copies = {"comment": f["comment"], "value": f["value"], "correction": {"m": f["correction"]}, "prompt": f["key"]}
    own = {"m": f["source_metadata"], "__run": {"run_id": f["evaluator_run_id"]}}
    for run_id in (run, None):
        w.workspace.add_feedback(
            run_id,
            f["key"],
            project_id=project,
            score=0.25,
            value=f["value"],
            comment=f["comment"],
            correction={"m": f["correction"]},
            source_type="model",
            source_metadata={**copies, **own},
            user_id=f["source_user_id"],
            extra=copies,
        )
