"""The columns of dataset versions. How they are read is in dataset_versions."""

from __future__ import annotations

from langsmith_core.records.columns import Column, Kind, Table, column, raw

DATASET_VERSION = Table(
    "langsmith_dataset_version",
    (
        Column("version_id", Kind.STRING, (), "dataset_id and as_of, joined by @", made_of=("dataset_id", "as_of")),
        Column("dataset_id", Kind.STRING, (), "Dataset the version belongs to"),
        column("as_of", Kind.TIMESTAMP, "When the version was made: runs of experiments name it"),
        column("tags", Kind.JSON, "Tags such as latest and prod"),
        raw(),
    ),
    how_read="new ones with each sync; all once a day, because the API hides when a tag moves",
    time="as_of",
    partition="MONTH",
    cluster=("dataset_id",),
    parent="dataset_id",
    is_keyed_by_id=False,
)
