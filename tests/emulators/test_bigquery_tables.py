"""BigQuery's tables are made, widened or refused. The status changes nothing."""

import pytest
from emulators.warehouse import Warehouse
from google.cloud import bigquery

from destinations.files import EARLY, LATER, batch
from langsmith_core.completeness.values import COMPLETENESS
from langsmith_core.destinations.bigquery import status
from langsmith_core.errors import ConfigError
from langsmith_core.records import rows
from langsmith_core.records.columns import JSON_KINDS, Kind
from langsmith_core.records.rows import Row
from langsmith_core.streams.registry import RUN, TABLES
from samples import encoded

TYPES = {
    Kind.STRING: "STRING",
    Kind.LOWER: "STRING",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.INTEGER: "INTEGER",
    Kind.FLOAT: "FLOAT",
    Kind.NUMERIC: "BIGNUMERIC",
    Kind.TIMESTAMP: "TIMESTAMP",
    **dict.fromkeys(JSON_KINDS, "JSON"),
}
PARTITIONS = {
    "langsmith_run": ("DAY", "start_time", ["project_id", "run_type"]),
    "langsmith_feedback": ("DAY", "created_at", ["run_id"]),
    "langsmith_example": ("MONTH", "created_at", ["dataset_id"]),
    "langsmith_dataset_version": ("MONTH", "as_of", ["dataset_id"]),
    "langsmith_annotation_queue_item": ("MONTH", "added_at", ["queue_id"]),
}


def run(name: str) -> Row:
    """Make a run's row."""
    return rows.to_row(RUN, encoded({"id": "r", "name": name, "start_time": "2026-05-01T00:00:00", "total_cost": "1.5"}), {})


def test_every_table_is_as_declared(warehouse: Warehouse) -> None:
    """Each table has its stream's columns, types and descriptions, its own three columns, key, partitions and clusters."""
    warehouse.write()
    for stream in (*TABLES, COMPLETENESS):
        table = warehouse.client.get_table(f"{warehouse.dataset}.{stream.name}")
        declared = {c.name: (TYPES[c.kind], c.description) for c in stream.columns}
        fields = {field.name: (field.field_type, field.description) for field in table.schema}
        assert {name: fields.pop(name) for name in declared} == declared
        assert {name: kind for name, (kind, _) in fields.items()} == {
            "_synced_at": "TIMESTAMP",
            "_deleted_at": "TIMESTAMP",
            "_row_hash": "INTEGER",
        }
        assert all(description for _, description in fields.values())
        assert table.description
        assert [field.name for field in table.schema if field.mode == "REQUIRED"] == [stream.key]
        assert table.table_constraints is not None
        assert table.table_constraints.primary_key is not None
        assert table.table_constraints.primary_key.columns == [stream.key]
        cut = table.time_partitioning
        found = (cut.type_, cut.field, table.clustering_fields) if cut else None
        assert found == PARTITIONS.get(stream.name)


def test_a_column_of_a_later_version_is_added(warehouse: Warehouse) -> None:
    """The next pass adds a column that a table lacks, and keeps the rows. The next change of a row fills it."""
    warehouse.write(batch(RUN, run("old"), at=EARLY))
    warehouse.ask("ALTER TABLE `{}.langsmith_run` DROP COLUMN total_cost")
    assert "total_cost" not in warehouse.names(RUN)
    warehouse.write()
    assert warehouse.names(RUN)[-1] == "total_cost"
    assert warehouse.ask("SELECT name, total_cost FROM `{}.langsmith_run`") == [("old", None)]
    warehouse.write(batch(RUN, run("new"), at=LATER))
    ((name, cost),) = warehouse.ask("SELECT name, total_cost FROM `{}.langsmith_run`")
    assert (name, str(cost)) == ("new", "1.5")


def test_columns_of_ones_own_are_left_alone(warehouse: Warehouse) -> None:
    """A column that somebody added stays, and rows are written beside it."""
    warehouse.write()
    warehouse.ask("ALTER TABLE `{}.langsmith_run` ADD COLUMN mine STRING")
    warehouse.write(batch(RUN, run("a")))
    assert warehouse.ask("SELECT name, mine FROM `{}.langsmith_run`") == [("a", None)]


ALTERED = [
    ("CREATE TABLE `{}.langsmith_run` (run_id STRING, total_tokens STRING)", "langsmith_run.total_tokens is NULLABLE STRING"),
    ("CREATE TABLE `{}.langsmith_run` (run_id STRING, tags ARRAY<STRING>)", "langsmith_run.tags is REPEATED STRING"),
    ("CREATE TABLE `{}.langsmith_run` (run_id STRING, name STRING NOT NULL)", "langsmith_run.name is required"),
    ("CREATE TABLE `{}.langsmith_run` (run_id STRING, mine STRING NOT NULL)", "langsmith_run.mine is required"),
    ("CREATE VIEW `{}.langsmith_run` AS SELECT 'r' AS run_id", "langsmith_run is a view"),
]


@pytest.mark.parametrize(("statement", "message"), ALTERED)
def test_an_altered_table_stops_the_pass_before_it_writes(statement: str, message: str, warehouse: Warehouse) -> None:
    """A table that could not take the rows is a 400 that names its column. The pass changes nothing in it."""
    warehouse.client.create_dataset(warehouse.dataset)
    warehouse.ask(statement)
    before = warehouse.names(RUN)
    with pytest.raises(ConfigError, match=message) as caught:
        warehouse.write(batch(RUN, run("a")))
    assert caught.value.status == 400
    assert str(caught.value).startswith("BIGQUERY_DATASET: ")
    assert warehouse.names(RUN) == before


def test_the_status_has_no_side_effect(warehouse: Warehouse) -> None:
    """The status counts rows by table without a job, and makes no dataset."""
    assert status.status(warehouse.settings) == {"exists": False, "rows": {}}
    assert warehouse.settings.bigquery_dataset not in [one.dataset_id for one in warehouse.client.list_datasets()]
    warehouse.write(batch(RUN, run("a")))
    jobs = len(list(warehouse.client.list_jobs(all_users=True)))
    assert status.status(warehouse.settings) == {
        "exists": True,
        "rows": {**{stream.name: 0 for stream in TABLES}, "langsmith_run": 1, "langsmith_rejected": 0},
    }
    assert len(list(warehouse.client.list_jobs(all_users=True))) == jobs


def test_a_dataset_that_is_there_is_used(warehouse: Warehouse) -> None:
    """Tables are made in the dataset that exists, as Terraform makes it, and the dataset stays as it is."""
    made = bigquery.Dataset(warehouse.dataset)
    made.location, made.description = "EU", "made by hand"
    warehouse.client.create_dataset(made)
    warehouse.write(batch(RUN, run("a")))
    left = warehouse.client.get_dataset(warehouse.dataset)
    assert (left.location, left.description) == ("EU", "made by hand")
    assert warehouse.ask("SELECT name FROM `{}.langsmith_run`") == [("a",)]
