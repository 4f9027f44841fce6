"""The keyword arguments of the workspace's editing methods, as typed dictionaries.

A moment may be given as text; a payload may be any JSON value or a RawJson.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict


class ProjectFields(TypedDict, total=False):
    """Fields to create or change a project."""

    id: str | None
    start_time: datetime | str | None
    end_time: datetime | str | None
    description: str | None
    metadata: Any
    extra: Any
    reference_dataset_id: str | None


class DatasetFields(TypedDict, total=False):
    """Fields to create or change a dataset."""

    id: str | None
    description: str | None
    data_type: str
    metadata: Any
    created_at: datetime | str | None
    inputs_schema_definition: Any
    outputs_schema_definition: Any


class ExampleFields(TypedDict, total=False):
    """Fields to create an example, beside its content."""

    id: str | None
    name: str
    split: str | list[str] | None
    created_at: datetime | str | None
    source_run_id: str | None
    attachments: dict[str, tuple[str, bytes]]
    as_of: datetime  # joins the version of this moment, or makes it


class ExampleChanges(ExampleFields, total=False):
    """Fields to change an example."""

    inputs: Any
    outputs: Any
    metadata: Any


class RunFields(TypedDict, total=False):
    """Fields to create or change a run."""

    id: str | None
    name: str
    run_type: str
    start_time: datetime | str | None
    end_time: datetime | str | None
    status: str
    inputs: Any
    outputs: Any
    error: str | None
    parent_run_id: str | None
    trace_id: str | None
    dotted_order: str
    tags: list[str]
    metadata: Any
    extra: Any
    events: Any
    serialized: Any
    total_tokens: int
    prompt_tokens: int
    completion_tokens: int
    prompt_token_details: dict[str, int] | None
    completion_token_details: dict[str, int] | None
    total_cost: float | None
    prompt_cost: float | None
    completion_cost: float | None
    prompt_cost_details: dict[str, float] | None
    completion_cost_details: dict[str, float] | None
    first_token_time: datetime | str | None
    thread_id: str | None
    reference_example_id: str | None
    visible_at: datetime | str | None
    offloaded: tuple[str, ...]
    attachments: dict[str, tuple[str, bytes]]


class FeedbackFields(TypedDict, total=False):
    """Fields to create or change feedback."""

    id: str | None
    score: float | bool | None
    value: Any
    comment: str | None
    correction: Any
    created_at: datetime | str | None
    source_type: str
    source_metadata: Any
    user_id: str | None
    project_id: str | None
    trace_id: str | None
    extra: Any
    feedback_group_id: str | None
    comparative_experiment_id: str | None
