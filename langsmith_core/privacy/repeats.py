"""What LangSmith shows more than once: where else a value that is hidden stands, in the same record or in another table's.

Here: declarations only. Not here: what is hidden, and what becomes of it there (privacy).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from langsmith_core.privacy.places import RAW, Place, Steps
from langsmith_core.streams.datasets import DATASET
from langsmith_core.streams.examples import EXAMPLE
from langsmith_core.streams.feedback import FEEDBACK
from langsmith_core.streams.projects import PROJECT
from langsmith_core.streams.run_columns import RUN

Way: TypeAlias = tuple[str, Steps]
"""A table, and a way into its records."""

STATISTICS = ((RUN.name, "feedback_stats"), (PROJECT.name, "feedback_stats"), (PROJECT.name, "session_feedback_stats"))
"""Feedback summed up by key: of a run, of a project's runs, of the project itself."""
THREAD_KEYS = ("session_id", "thread_id", "conversation_id")
"""Metadata of a run that LangSmith makes its thread of."""


def _statistics(*names: str) -> tuple[Way, ...]:
    """These figures of each feedback key; no names: all of it, the keys too."""
    ends: list[Steps] = [(None, one) for one in names] or [()]
    return tuple((table, (field, *end)) for table, field in STATISTICS for end in ends)


def _of_a_run(*fields: str) -> tuple[Way, ...]:
    return tuple((RUN.name, (field,)) for field in fields)


ECHOES: Mapping[tuple[str, str], tuple[Way, ...]] = {
    # By table and field of the record: previews, addresses that open the stored copy, an answer token by token, statistics. Taken
    # out, whatever becomes of the field: they show it in another form.
    (RUN.name, "inputs"): _of_a_run("inputs_preview", "inputs_s3_urls", "messages", "s3_urls"),
    (RUN.name, "outputs"): _of_a_run("outputs_preview", "outputs_s3_urls", "messages", "s3_urls", "events"),
    (RUN.name, "error"): _of_a_run("error_preview", "s3_urls"),
    (RUN.name, "extra"): _of_a_run("s3_urls"),
    (RUN.name, "metadata"): _of_a_run("s3_urls"),
    (RUN.name, "events"): _of_a_run("s3_urls"),
    (RUN.name, "serialized"): _of_a_run("s3_urls"),
    (FEEDBACK.name, "key"): _statistics(),
    (FEEDBACK.name, "score"): _statistics("avg", "min", "max", "stdev"),
    (FEEDBACK.name, "value"): _statistics("values"),
    (FEEDBACK.name, "comment"): _statistics("comments"),
    (FEEDBACK.name, "feedback_source"): _statistics("sources"),
}


def _twins() -> Iterator[tuple[Place, Place]]:
    yield Place(PROJECT.name, "name"), Place(RUN.name, "project_name")
    yield Place(DATASET.name, "name"), Place(EXAMPLE.name, "dataset_name")
    thread = Place(RUN.name, "thread_id")
    of_feedback = Place(FEEDBACK.name, RAW, ("feedback_thread_id",))
    yield thread, of_feedback
    for key in (Place(RUN.name, "metadata", (name,)) for name in THREAD_KEYS):
        yield from ((key, thread), (key, of_feedback), (thread, key))


TWINS = tuple(_twins())
"""A place, and one that holds the same value: what becomes of the first becomes of the second, so that hashes still join."""
