"""What LangSmith shows more than once: where else a value that is hidden stands, in the same record or in another table's.

Here: declarations only. Not here: what is hidden, and what becomes of it there (privacy).
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


def _statistics(*names: str) -> tuple[Way, ...]:
    """These figures of each feedback key; no names: all of it, the keys too."""
    ends: list[Steps] = [(None, one) for one in names] or [()]
    return tuple((table, (field, *end)) for table, field in STATISTICS for end in ends)


def _of_a_run(*fields: str) -> tuple[Way, ...]:
    return tuple((RUN.table, (field,)) for field in fields)


ECHOES: Mapping[tuple[str, str], tuple[Way, ...]] = {
    # By table and field of the record: previews, addresses that open the stored copy, an answer token by token, statistics. Taken
    # out, whatever becomes of the field: they show it in another form.
    (RUN.table, "inputs"): _of_a_run("inputs_preview", "inputs_s3_urls", "messages", "s3_urls"),
    (RUN.table, "outputs"): _of_a_run("outputs_preview", "outputs_s3_urls", "messages", "s3_urls", "events"),
    (RUN.table, "error"): _of_a_run("error_preview", "s3_urls"),
    (RUN.table, "extra"): _of_a_run("s3_urls"),
    (RUN.table, "metadata"): _of_a_run("s3_urls"),
    (RUN.table, "events"): _of_a_run("s3_urls"),
    (RUN.table, "serialized"): _of_a_run("s3_urls"),
    (FEEDBACK.table, "key"): _statistics(),
    (FEEDBACK.table, "score"): _statistics("avg", "min", "max", "stdev"),
    (FEEDBACK.table, "value"): _statistics("values"),
    (FEEDBACK.table, "comment"): _statistics("comments"),
    (FEEDBACK.table, "feedback_source"): _statistics("sources"),
}


def _twins() -> Iterator[tuple[Place, Place]]:
    yield Place(PROJECT.table, "name"), Place(RUN.table, "project_name")
    yield Place(DATASET.table, "name"), Place(EXAMPLE.table, "dataset_name")
    thread = Place(RUN.table, "thread_id")
    of_feedback = Place(FEEDBACK.table, RAW, ("feedback_thread_id",))
    yield thread, of_feedback
    for key in (Place(RUN.table, "metadata", (name,)) for name in THREAD_KEYS):
        yield from ((key, thread), (key, of_feedback), (thread, key))


TWINS = tuple(_twins())
"""A place, and one that holds the same value: what becomes of the first becomes of the second, so that hashes still join."""
