"""List the fields in which LangSmith repeats a value, so that a hidden value is hidden there, too.

Repeats are in the same record or in another table's. Each entry names its source.
Not here: which values are hidden, and the action on them (privacy.rules).
Sources: [1], [2] the OpenAPI documents of v1 and v2; [sdk] langsmith 0.15.0; [lc] langchain-core 1.7; [01] fixture 01.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from langsmith_core.privacy.places import RAW, Place, Steps
from langsmith_core.streams.registry import DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN

TablePath: TypeAlias = tuple[str, Steps]
"""A table, and a path into its records."""

STATISTICS = ((RUN.name, "feedback_stats"), (PROJECT.name, "feedback_stats"), (PROJECT.name, "session_feedback_stats"))
"""Feedback aggregated by key: of a run, of a project's runs, of the project itself."""
THREAD_KEYS = ("session_id", "thread_id", "conversation_id")
"""Metadata of a run from which LangSmith takes the run's thread."""
PROJECT_KEYS = ("LANGSMITH_PROJECT", "LANGCHAIN_PROJECT", "LANGSMITH_SESSION", "LANGCHAIN_SESSION", "experiment")
"""Metadata of a run that names its project: the application's environment [01], an evaluator's experiment [sdk _runner]."""
GRAPH_KEYS = ("graph_id", "langgraph_node", "langgraph_path", "langgraph_triggers", "langgraph_checkpoint_ns", "checkpoint_ns")
"""Metadata of a run that LangGraph derives from its name [01]; `lc_agent_name` does so for an agent."""
PROMPT_PARAMETERS = (
    *("messages", "prompt", "prompts", "input", "contents", "context", "system", "system_prompt", "system_instruction"),
    *("instructions", "tools", "functions", "prediction", "response_format"),
)
"""Parameters of a model call that are part of its prompt. LangChain copies them into metadata
[lc _filter_invocation_params_for_tracing]."""

CONSTRUCTION = tuple(f"{where}.{name}" for where in ("serialized", "manifest") for name in ("kwargs", "repr", "graph"))
"""How a runnable was constructed: prompt templates and variables, bound tags and metadata, names of its parts [lc dumpd]."""


def _statistics(*names: str) -> tuple[TablePath, ...]:
    """Return these figures of each feedback key; without names, the whole statistics with the keys."""
    ends: list[Steps] = [(None, one) for one in names] or [()]
    return tuple((table, (field, *end)) for table, field in STATISTICS for end in ends)


def _of_a_run(*paths: str) -> tuple[TablePath, ...]:
    """Return these fields or members of a run, and a project's facets, which count the values of its runs [1]."""
    return (*((RUN.name, tuple(path.split("."))) for path in paths), (PROJECT.name, ("run_facets",)))


def _metadata(*names: str) -> tuple[str, ...]:
    """Return these members of a run's metadata, which v2 also shows beside `extra` [2]."""
    return tuple(f"{where}.{name}" for where in ("extra.metadata", "metadata") for name in names)


EVALUATOR_NOTES: tuple[TablePath, ...] = ((FEEDBACK.name, ("feedback_source", "metadata")), (FEEDBACK.name, ("extra",)))
"""Free text of an evaluator beside its feedback [sdk: source_info, evaluator_info]."""

REPEATS: Mapping[tuple[str, str], tuple[TablePath, ...]] = {
    # By table and field of the record. These repeat the value in another form, so they are removed whatever the action is.
    (RUN.name, "inputs"): _of_a_run(
        *("inputs_preview", "messages", "inputs_s3_urls", "inputs_or_signed_url", "s3_urls"),  # [1]
        "attachments",  # [2]; the SDK sends parts of inputs as attachments
        *CONSTRUCTION,
        *("extra.invocation_params", "extra.options"),  # what is bound to a model, also parts of a prompt [lc chat_models]
        *_metadata("ls_invocation_params", *PROMPT_PARAMETERS),  # [sdk wrappers], [lc]
    ),
    (RUN.name, "outputs"): _of_a_run(
        *("outputs_preview", "messages", "outputs_s3_urls", "outputs_or_signed_url", "s3_urls", "attachments"),  # [1], [2]
        "events",  # new_token: an answer token by token; retry: a result [lc tracers/core]
    ),
    (RUN.name, "error"): _of_a_run(
        *("error_preview", "error_or_signed_url", "s3_urls"),  # [2], [1]
        "events",  # retry: kwargs.exception [lc tracers/core]
    ),
    (RUN.name, "name"): _of_a_run(
        *("serialized", "manifest"),  # name, id, repr and graph of what ran [lc]
        *_metadata(*GRAPH_KEYS, "lc_agent_name"),
    ),
    (RUN.name, "tags"): _of_a_run("extra.tags", *CONSTRUCTION),
    (RUN.name, "extra"): _of_a_run("extra_or_signed_url", "s3_urls", *CONSTRUCTION),  # [1]
    (RUN.name, "metadata"): _of_a_run("extra_or_signed_url", "s3_urls", *CONSTRUCTION),
    (RUN.name, "events"): _of_a_run("events_or_signed_url", "s3_urls"),  # [1]
    (RUN.name, "serialized"): _of_a_run("manifest", "serialized_or_signed_url", "s3_urls"),  # [1], [2]
    (RUN.name, "manifest"): _of_a_run("serialized", "s3_urls"),
    (RUN.name, "end_time"): ((RUN.name, ("latency_seconds",)),),  # [2]
    (RUN.name, "parent_run_id"): ((RUN.name, ("is_root",)),),  # [2]
    (RUN.name, "status"): _of_a_run(),
    (RUN.name, "thread_id"): _of_a_run(),
    (EXAMPLE.name, "inputs"): ((EXAMPLE.name, ("attachment_urls",)),),  # [1]
    (FEEDBACK.name, "key"): (
        *_statistics(),
        *EVALUATOR_NOTES,
        (PROJECT.name, ("experiment_progress",)),
    ),  # evaluator_progress by key [1]
    (FEEDBACK.name, "score"): (*_statistics("avg", "min", "max", "stdev"), *EVALUATOR_NOTES),
    (FEEDBACK.name, "value"): (*_statistics("values"), *EVALUATOR_NOTES),
    (FEEDBACK.name, "comment"): (*_statistics("comments"), *EVALUATOR_NOTES),
    (FEEDBACK.name, "correction"): EVALUATOR_NOTES,
    (FEEDBACK.name, "feedback_source"): _statistics("sources"),
}


def _same_values() -> Iterator[tuple[Place, Place]]:
    named = Place(RUN.name, "project_name")
    yield Place(PROJECT.name, "name"), named
    for name in PROJECT_KEYS:
        key = Place(RUN.name, "metadata", (name,))
        yield from ((Place(PROJECT.name, "name"), key), (named, key))
    yield Place(DATASET.name, "name"), Place(EXAMPLE.name, "dataset_name")
    thread = Place(RUN.name, "thread_id")
    of_feedback = Place(FEEDBACK.name, RAW, ("feedback_thread_id",))
    yield thread, of_feedback
    for key in (Place(RUN.name, "metadata", (name,)) for name in THREAD_KEYS):
        yield from ((key, thread), (key, of_feedback), (thread, key))


SAME_VALUES = tuple(_same_values())
"""Pairs of places that hold the same value. The action on the first applies to the second, so that hashes still join."""

COPIES = (
    (Place(RUN.name, "inputs"), Place(EXAMPLE.name, "inputs")),  # [sdk use_source_run_io]
    (Place(RUN.name, "outputs"), Place(EXAMPLE.name, "outputs")),
    (Place(FEEDBACK.name, "correction"), Place(EXAMPLE.name, "outputs")),  # [sdk add_to_dataset_prefer_correction]
)
"""Pairs that hold the same value if an example was made from a run."""
COPIED_FROM = "source_run_id"
"""The field of an example that names the run it was made from."""
