"""The streams, one line each. Schemas, tables, switches, the README and Terraform's lists derive from this page.

A look opens the streams in this order.
"""

from __future__ import annotations

from collections.abc import Mapping

from langsmith_core.records.columns import Table
from langsmith_core.streams import dataset_versions, datasets, examples, feedback, feedback_configs, projects, runs
from langsmith_core.streams.datasets import DATASET as DATASET  # noqa: PLC0414  part of this module's face
from langsmith_core.streams.example_columns import EXAMPLE as EXAMPLE  # noqa: PLC0414  as above
from langsmith_core.streams.feedback_columns import FEEDBACK as FEEDBACK  # noqa: PLC0414  as above
from langsmith_core.streams.project_columns import PROJECT as PROJECT  # noqa: PLC0414  as above
from langsmith_core.streams.run_columns import RUN as RUN  # noqa: PLC0414  as above
from langsmith_core.streams.stream import Listing, Stream

STREAMS: tuple[Stream, ...] = (
    projects.STREAM,
    runs.STREAM,
    datasets.STREAM,
    dataset_versions.STREAM,
    examples.STREAM,
    feedback.STREAM,
    feedback_configs.STREAM,
)
BY_TABLE: Mapping[str, Stream] = {stream.table.name: stream for stream in STREAMS}
TABLES: tuple[Table, ...] = tuple(stream.table for stream in STREAMS)
TABLE_OF: Mapping[str, Table] = {table.name: table for table in TABLES}
CHILDREN: Mapping[str, tuple[Table, ...]] = {stream.table.name: stream.children for stream in STREAMS if stream.children}
"""Rows that are gone with their parent: LangSmith deletes a dataset's examples with it. Runs of a deleted project are kept."""
SCHEMA = {table.name: {"primary_key": [table.key]} for table in TABLES}
SOFT_DELETE = [stream.table.name for stream in STREAMS if stream.deleted]
"""Tables whose rows LangSmith's users delete; runs and feedback only ever expire, and keeping them is why people sync."""
SWITCHES: Mapping[str, str] = {stream.switch: stream.table.name for stream in STREAMS if stream.switch}
"""Configuration keys that turn a stream off, and its table."""
METADATA_KEYS: Mapping[str, str] = {one.setting: one.name for table in TABLES for one in table.columns if one.setting}
"""Configuration keys that choose where in the metadata a column has its value, and that column."""


def listing(table: str) -> Listing:
    """Return how a table is listed. Raises ValueError for one that is not."""
    found = BY_TABLE[table].listing
    if found is None:
        raise ValueError(f"{table} is not a listed table")
    return found
