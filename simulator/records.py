"""The records of a workspace as plain data: no rules, no JSON, no HTTP.

Timestamps are aware and in UTC. A payload is any JSON value or a RawJson. Enum values are lower case.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

PAYLOADS = ("inputs", "outputs", "extra", "events", "serialized")


@dataclass(slots=True, eq=False)
class Project:
    """A tracing project, or an experiment if it has a reference dataset."""

    id: str
    name: str
    start_time: datetime
    description: str | None = None
    end_time: datetime | None = None
    extra: Any = None
    reference_dataset_id: str | None = None
    test_run_number: int | None = None
    stats: dict[str, Any] | None = None  # cached counters, dropped by every change of a run or feedback


@dataclass(slots=True, eq=False)
class Dataset:
    """A dataset; `versions` are the moments at which its examples changed, oldest first."""

    id: str
    name: str
    created_at: datetime
    modified_at: datetime
    description: str | None = None
    data_type: str = "kv"
    metadata: Any = None
    inputs_schema_definition: Any = None
    outputs_schema_definition: Any = None
    versions: list[datetime] = field(default_factory=list)
    tags: dict[str, datetime] = field(default_factory=dict)
    examples: dict[str, Example] = field(default_factory=dict)
    listings: dict[Any, list[Revision]] = field(default_factory=dict)  # cached sorted examples: a version never changes


@dataclass(slots=True, eq=False)
class Revision:
    """One state of an example, from `modified_at` on. A deletion is a revision too: a tombstone."""

    example: Example
    modified_at: datetime
    inputs: Any = None
    outputs: Any = None
    metadata: Any = None
    deleted: bool = False
    encoded: bytes | None = None


@dataclass(slots=True, eq=False)
class Example:
    """An example with its whole history, oldest first."""

    id: str
    dataset_id: str
    name: str
    created_at: datetime
    source_run_id: str | None = None
    revisions: list[Revision] = field(default_factory=list)
    attachments: dict[str, tuple[str, bytes]] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Run:
    """One run of a trace. `payloads` and `renderings` cache encoded JSON."""

    id: str
    project_id: str
    trace_id: str
    dotted_order: str
    name: str
    run_type: str
    start_time: datetime
    end_time: datetime | None
    status: str
    parent_run_id: str | None = None
    parent_run_ids: tuple[str, ...] = ()
    inputs: Any = None
    outputs: Any = None
    extra: Any = None
    events: Any = None
    serialized: Any = None
    error: str | None = None
    tags: list[str] = field(default_factory=list)
    thread_id: str | None = None
    total_tokens: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_token_details: dict[str, int] | None = None
    completion_token_details: dict[str, int] | None = None
    total_cost: float | None = None
    prompt_cost: float | None = None
    completion_cost: float | None = None
    prompt_cost_details: dict[str, float] | None = None
    completion_cost_details: dict[str, float] | None = None
    first_token_time: datetime | None = None
    reference_example_id: str | None = None
    visible_at: datetime | None = None
    in_smithdb: bool = True  # False: it arrived before SmithDB was installed, and was not migrated
    offloaded: tuple[str, ...] = ()
    attachments: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    payloads: dict[str, bytes] = field(default_factory=dict)
    renderings: dict[Any, bytes] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Feedback:
    """One piece of feedback on a run, or on a whole project if `run_id` is None."""

    id: str
    key: str
    created_at: datetime
    modified_at: datetime
    run_id: str | None = None
    trace_id: str | None = None
    project_id: str | None = None
    score: float | bool | None = None
    value: Any = None
    comment: str | None = None
    correction: Any = None
    source_type: str = "api"
    source_metadata: Any = None
    user_id: str | None = None
    extra: Any = None
    feedback_group_id: str | None = None
    comparative_experiment_id: str | None = None
