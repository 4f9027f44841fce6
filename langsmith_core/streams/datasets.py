"""Datasets: their table, their list, and the versions that the list leads to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from langsmith_core.records.columns import Kind, Table, column, raw
from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.rows import Row
from langsmith_core.streams.context import Context
from langsmith_core.streams.dataset_version_columns import DATASET_VERSION
from langsmith_core.streams.dataset_versions import NewestVersion, is_wanted
from langsmith_core.streams.example_columns import EXAMPLE
from langsmith_core.streams.example_pages import noted
from langsmith_core.streams.listing import opened
from langsmith_core.streams.memory import Memory
from langsmith_core.streams.stream import Listing, Stream

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item

DATASET = Table(
    "langsmith_dataset",
    (
        column("dataset_id", Kind.STRING, "Dataset id", "id"),
        column("name", Kind.STRING, "Dataset name"),
        column("description", Kind.STRING, "Description"),
        column("created_at", Kind.TIMESTAMP, "Creation time"),
        column("updated_at", Kind.TIMESTAMP, "Modification time (modified_at in the API)", "modified_at"),
        column("data_type", Kind.LOWER, "kv, llm or chat"),
        column("example_count", Kind.INTEGER, "Number of examples"),
        column("metadata", Kind.JSON, "Metadata"),
        raw(),
    ),
    how_read="listed whole",
    time="created_at",
)


def _found(rows: Sequence[Row], context: Context) -> tuple[Item, ...]:
    """Look at the newest version of each dataset on a page."""
    ids = Ids(row["dataset_id"] for row in rows)
    return (NewestVersion(waiting=ids),) if ids and is_wanted(context) else ()


def _forgotten(dataset: str, context: Context) -> Memory:
    """Forget the version of a deleted dataset."""
    return noted(context, dataset, None)


ORDER = (("sort_by", "created_at"), ("sort_by_desc", "false"))
"""Oldest first: what is added while pages are read comes at the end and shifts nothing."""
STREAM = Stream(
    DATASET,
    listing=Listing("/api/v1/datasets", ORDER, found=_found, forgotten=_forgotten, oldest_first=True),
    opens=opened(DATASET.name),
    deleted=True,
    children=(EXAMPLE, DATASET_VERSION),
)
