"""Find what is wrong with a table that somebody altered: if it cannot take the program's rows, a person must act.

Here: comparing a table's columns with the declared ones. Not here: making or widening it (tables).
"""

from __future__ import annotations

from collections.abc import Iterable

from google.cloud import bigquery

from langsmith_core.errors import ConfigError

SAME_TYPE = {"BOOL": "BOOLEAN", "INT64": "INTEGER", "FLOAT64": "FLOAT"}
"""Names that BigQuery uses for the same type."""


def absent(table: bigquery.Table, columns: Iterable[bigquery.SchemaField]) -> list[bigquery.SchemaField]:
    """Return which columns a table lacks. Raises ConfigError, naming table and column, where it could not take our rows."""
    if table.table_type not in ("TABLE", None):
        raise ConfigError(
            f"BIGQUERY_DATASET: {table.table_id} is a {table.table_type.lower()}; rename it, or choose another dataset"
        )
    there = {field.name.lower(): field for field in table.schema}
    wanted = {field.name: field for field in columns}
    for name, field in there.items():
        _compare(table.table_id, field, wanted.get(name))
    return [field for name, field in wanted.items() if name not in there]


def _compare(table: str, there: bigquery.SchemaField, wanted: bigquery.SchemaField | None) -> None:
    if wanted is None:
        if there.mode == "REQUIRED":
            raise ConfigError(
                f"BIGQUERY_DATASET: {table}.{there.name} is required, and LangSmith has no such column; make it nullable"
            )
        return
    found = SAME_TYPE.get(there.field_type, there.field_type)
    if found != wanted.field_type or there.mode == "REPEATED":
        raise ConfigError(
            f"BIGQUERY_DATASET: {table}.{there.name} is {there.mode} {found} and should be {wanted.field_type}; "
            f"nothing was written. Rename the column or the table, and the next pass creates it"
        )
    if there.mode == "REQUIRED" and wanted.mode != "REQUIRED":
        raise ConfigError(
            f"BIGQUERY_DATASET: {table}.{there.name} is required, but LangSmith leaves it empty at times; make it nullable"
        )
