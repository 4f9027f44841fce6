"""Datasets: their table, their list, and the versions to look at that it leads to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from langsmith_core.records.columns import Kind, Table, column, raw
from langsmith_core.records.ids import Ids
from langsmith_core.records.rows import Row
from langsmith_core.streams.dataset_versions import DATASET_VERSION, NewestVersion
from langsmith_core.streams.examples import EXAMPLE
from langsmith_core.streams.listing import opened
from langsmith_core.streams.work import Context, Listing, Stream

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
    """The newest version of each dataset on a page is looked at."""
    wanted = context.on(EXAMPLE.name) or context.on(DATASET_VERSION.name)
    ids = Ids(row["dataset_id"] for row in rows)
    return (NewestVersion(waiting=ids),) if ids and wanted else ()


STREAM = Stream(
    DATASET,
    listing=Listing("/api/v1/datasets", (("sort_by", "created_at"), ("sort_by_desc", "false")), found=_found),
    opens=opened(DATASET.name),
    deleted=True,
    children=EXAMPLE,
)
