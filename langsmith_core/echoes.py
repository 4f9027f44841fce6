"""What LangSmith shows more than once: where else a value that is hidden stands, in the same record or in another table's.

Here: declarations only, each with where it is known from. Not here: what is hidden, and what becomes of it there (privacy_rules).
Sources: [1], [2] the OpenAPI documents of v1 and v2; [sdk] langsmith 0.15.0; [lc] langchain-core 1.7; [01] fixture 01.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from langsmith_core.privacy_paths import RAW, Place, Steps
from langsmith_core.streams import DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN

Way: TypeAlias = tuple[str, Steps]
"""A table, and a way into its records."""

STATISTICS = ((RUN.table, "feedback_stats"), (PROJECT.table, "feedback_stats"), (PROJECT.table, "session_feedback_stats"))
"""Feedback summed up by key: of a run, of a project's runs, of the project itself."""
THREAD_KEYS = ("session_id", "thread_id", "conversation_id")
"""Metadata of a run that LangSmith makes its thread of."""
PROJECT_KEYS = ("LANGSMITH_PROJECT", "LANGCHAIN_PROJECT", "LANGSMITH_SESSION", "LANGCHAIN_SESSION", "experiment")
"""Metadata of a run that names its project: the application's environment [01], an evaluator's experiment [sdk _runner]."""
GRAPH_KEYS = ("graph_id", "langgraph_node", "langgraph_path", "langgraph_triggers", "langgraph_checkpoint_ns", "checkpoint_ns")
"""Metadata of a run that LangGraph makes of its name [01], and with an agent's `lc_agent_name`."""
PROMPT_PARAMETERS = (
    *("messages", "prompt", "prompts", "input", "contents", "context", "system", "system_prompt", "system_instruction"),
    *("instructions", "tools", "functions", "prediction", "response_format"),
)
"""Parameters of a model's call that are part of its prompt, where LangChain copies them into metadata
[lc _filter_invocation_params_for_tracing]."""


BUILT = tuple(f"{where}.{name}" for where in ("serialized", "manifest") for name in ("kwargs", "repr", "graph"))
"""How what ran was built: prompt templates and their variables, tags and metadata bound to it, names of its parts [lc dumpd]."""


def _statistics(*names: str) -> tuple[Way, ...]:
    """These figures of each feedback key; no names: all of it, the keys too."""
    ends: list[Steps] = [(None, one) for one in names] or [()]
    return tuple((table, (field, *end)) for table, field in STATISTICS for end in ends)


def _of_a_run(*ways: str) -> tuple[Way, ...]:
    """These fields of a run, or members of them; and facets, which count what runs of a project hold [1]."""
    return (*((RUN.table, tuple(way.split("."))) for way in ways), (PROJECT.table, ("run_facets",)))


def _metadata(*names: str) -> tuple[str, ...]:
    """Members of a run's metadata: v2 shows it beside `extra`, too [2]."""
    return tuple(f"{where}.{name}" for where in ("extra.metadata", "metadata") for name in names)


ASIDE: tuple[Way, ...] = ((FEEDBACK.table, ("feedback_source", "metadata")), (FEEDBACK.table, ("extra",)))
"""What an evaluator says beside its feedback, in its own words [sdk: source_info, evaluator_info]."""

ECHOES: Mapping[tuple[str, str], tuple[Way, ...]] = {
    # By table and field of the record. Taken out, whatever becomes of the field: they show it in another form.
    (RUN.table, "inputs"): _of_a_run(
        *("inputs_preview", "messages", "inputs_s3_urls", "inputs_or_signed_url", "s3_urls"),  # [1]
        "attachments",  # [2]; the SDK sends parts of inputs so
        *BUILT,
        *("extra.invocation_params", "extra.options"),  # whatever is bound to a model, a prompt's part too [lc chat_models]
        *_metadata("ls_invocation_params", *PROMPT_PARAMETERS),  # [sdk wrappers], [lc]
    ),
    (RUN.table, "outputs"): _of_a_run(
        *("outputs_preview", "messages", "outputs_s3_urls", "outputs_or_signed_url", "s3_urls", "attachments"),  # [1], [2]
        "events",  # new_token: an answer token by token; retry: a result [lc tracers/core]
    ),
    (RUN.table, "error"): _of_a_run(
        *("error_preview", "error_or_signed_url", "s3_urls"),  # [2], [1]
        "events",  # retry: kwargs.exception [lc tracers/core]
    ),
    (RUN.table, "name"): _of_a_run(
        *("serialized", "manifest"),  # name, id, repr and graph of what ran [lc]
        *_metadata(*GRAPH_KEYS, "lc_agent_name"),
    ),
    (RUN.table, "tags"): _of_a_run("extra.tags", *BUILT),
    (RUN.table, "extra"): _of_a_run("extra_or_signed_url", "s3_urls", *BUILT),  # [1]
    (RUN.table, "metadata"): _of_a_run("extra_or_signed_url", "s3_urls", *BUILT),
    (RUN.table, "events"): _of_a_run("events_or_signed_url", "s3_urls"),  # [1]
    (RUN.table, "serialized"): _of_a_run("manifest", "serialized_or_signed_url", "s3_urls"),  # [1], [2]
    (RUN.table, "manifest"): _of_a_run("serialized", "s3_urls"),
    (RUN.table, "status"): _of_a_run(),
    (RUN.table, "thread_id"): _of_a_run(),
    (EXAMPLE.table, "inputs"): ((EXAMPLE.table, ("attachment_urls",)),),  # [1]
    (FEEDBACK.table, "key"): (*_statistics(), *ASIDE, (PROJECT.table, ("experiment_progress",))),  # evaluator_progress by key [1]
    (FEEDBACK.table, "score"): (*_statistics("avg", "min", "max", "stdev"), *ASIDE),
    (FEEDBACK.table, "value"): (*_statistics("values"), *ASIDE),
    (FEEDBACK.table, "comment"): (*_statistics("comments"), *ASIDE),
    (FEEDBACK.table, "correction"): ASIDE,
    (FEEDBACK.table, "feedback_source"): _statistics("sources"),
}


def _twins() -> Iterator[tuple[Place, Place]]:
    named = Place(RUN.table, "project_name")
    yield Place(PROJECT.table, "name"), named
    for name in PROJECT_KEYS:
        key = Place(RUN.table, "metadata", (name,))
        yield from ((Place(PROJECT.table, "name"), key), (named, key))
    yield Place(DATASET.table, "name"), Place(EXAMPLE.table, "dataset_name")
    thread = Place(RUN.table, "thread_id")
    of_feedback = Place(FEEDBACK.table, RAW, ("feedback_thread_id",))
    yield thread, of_feedback
    for key in (Place(RUN.table, "metadata", (name,)) for name in THREAD_KEYS):
        yield from ((key, thread), (key, of_feedback), (thread, key))


TWINS = tuple(_twins())
"""A place, and one that holds the same value: what becomes of the first becomes of the second, so that hashes still join."""

COPIES = (
    (Place(RUN.table, "inputs"), Place(EXAMPLE.table, "inputs")),  # [sdk use_source_run_io]
    (Place(RUN.table, "outputs"), Place(EXAMPLE.table, "outputs")),
    (Place(FEEDBACK.table, "correction"), Place(EXAMPLE.table, "outputs")),  # [sdk add_to_dataset_prefer_correction]
)
"""The same, where an example was made from a run."""
COPIED_FROM = "source_run_id"
"""The field of an example that says so."""
