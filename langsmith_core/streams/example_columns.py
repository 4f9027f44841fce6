"""The columns of examples. How they are read is in examples."""

from __future__ import annotations

from langsmith_core.records.columns import Kind, Table, column, joined, raw

EXAMPLE = Table(
    "langsmith_example",
    (
        column("example_id", Kind.STRING, "Example id", "id"),
        column("dataset_id", Kind.STRING, "Dataset the example belongs to"),
        joined("dataset_name", "Name of that dataset when the row was read"),
        column("created_at", Kind.TIMESTAMP, "Creation time"),
        column("updated_at", Kind.TIMESTAMP, "Modification time (modified_at in the API)", "modified_at"),
        column("inputs", Kind.JSON, "Inputs"),
        column("outputs", Kind.JSON, "Reference outputs"),
        column("metadata", Kind.JSON, "Metadata; metadata.dataset_split lists the splits"),
        column("source_run_id", Kind.STRING, "The run the example was made from"),
        raw(),
    ),
    how_read="by the difference between its dataset's versions; at first the whole version",
    time="created_at",
    partition="MONTH",
    cluster=("dataset_id",),
    parent="dataset_id",
    name_of_parent="dataset_name",
)
