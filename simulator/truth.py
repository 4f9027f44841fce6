"""The truth about a workspace: the rows that a complete destination holds, under its column names, in no API's format.

Timestamps are aware, costs are floats, tokens and costs are totals of a run's subtree. Payloads are the values that were put in
(RawJson stays RawJson). Feedback statistics hold what both API versions agree on: the average and the counts by label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.edit_runs import metadata_of
from simulator.feedback_stats import summaries
from simulator.names import split_names
from simulator.records import Dataset, Feedback, Project, Revision, Run
from simulator.resources import RESOURCES
from simulator.taken_out import inside, taken_out
from simulator.usage import with_totals
from simulator.versions import newest

if TYPE_CHECKING:
    from datetime import datetime

    from simulator.store import Store
    from simulator.workspace import Workspace

Record = dict[str, Any]
SAME = split_names(
    "project_id trace_id parent_run_id run_type start_time end_time name status inputs outputs error tags thread_id "
    "dotted_order total_tokens prompt_tokens completion_tokens total_cost prompt_cost completion_cost "
    "first_token_time reference_example_id"
)


def truth_of(store: Workspace) -> dict[str, dict[str, Record]]:
    """The row of every record that the API shows now, by table and key."""
    now = store.clock.now()
    return {
        "langsmith_project": {project.id: _project(project) for project in store.projects.values()},
        "langsmith_dataset": {dataset.id: _dataset(dataset) for dataset in store.datasets.values()},
        "langsmith_example": {
            revision.example.id: _example(revision, dataset)
            for dataset in store.datasets.values()
            for revision in newest(dataset)
        },
        "langsmith_run": {run.id: _run(store, run, now) for run in store.runs.values() if store.shows(run, now)},
        "langsmith_feedback": {
            feedback.id: _feedback(feedback) for feedback in store.feedback.values() if store.shows_feedback(feedback, now)
        },
        **{resource.table: resource.rows(store) for resource in RESOURCES},
    }


def _project(project: Project) -> Record:
    return {
        "project_id": project.id,
        "name": project.name,
        "description": project.description,
        "start_time": project.start_time,
        "end_time": project.end_time,
        "reference_dataset_id": project.reference_dataset_id,
        "metadata": (project.extra or {}).get("metadata"),
        "is_experiment": project.reference_dataset_id is not None,
    }


def _dataset(dataset: Dataset) -> Record:
    return {
        "dataset_id": dataset.id,
        "name": dataset.name,
        "description": dataset.description,
        "created_at": dataset.created_at,
        "updated_at": dataset.modified_at,
        "data_type": dataset.data_type,
        "example_count": len(newest(dataset)),
        "metadata": dataset.metadata,
    }


def _example(revision: Revision, dataset: Dataset) -> Record:
    return {
        "example_id": revision.example.id,
        "dataset_id": dataset.id,
        "dataset_name": dataset.name,
        "created_at": revision.example.created_at,
        "updated_at": revision.modified_at,
        "inputs": revision.inputs,
        "outputs": revision.outputs,
        "metadata": revision.metadata,
        "source_run_id": revision.example.source_run_id,
    }


def _run(store: Store, run: Run, now: datetime) -> Record:
    shown = with_totals(store, run)
    stats = summaries([item for item in store.run_feedback.get(run.id, ()) if store.shows_feedback(item, now)])
    return {
        "run_id": run.id,
        **{column: getattr(shown, column) for column in SAME},
        "project_name": store.projects[run.project_id].name,
        "metadata": metadata_of(run),
        "feedback_stats": {key: {"avg": stat.avg, "values": stat.values} for key, stat in stats.items()} or None,
        **taken_out(shown),
    }


def _feedback(feedback: Feedback) -> Record:
    return {
        "feedback_id": feedback.id,
        "run_id": feedback.run_id,
        "trace_id": feedback.trace_id,
        "project_id": feedback.project_id,
        "key": feedback.key,
        "score": feedback.score,
        "value": feedback.value,
        "comment": feedback.comment,
        "correction": feedback.correction,
        "source_type": feedback.source_type,
        "created_at": feedback.created_at,
        "updated_at": feedback.modified_at,
        "evaluator_run_id": inside(feedback.source_metadata, "__run", "run_id"),
        "source_name": None,
        "source_user_id": feedback.user_id,
        "source_metadata": feedback.source_metadata,
    }
