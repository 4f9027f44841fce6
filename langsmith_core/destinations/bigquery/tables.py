"""BigQuery's tables: columns, partitions, clusters and descriptions derived from the streams; making and widening them.

Not here: what is wrong with a table that somebody altered (altered), rows (sink) or statements (sql).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial

from google.api_core import exceptions
from google.cloud import bigquery
from google.cloud.bigquery.table import PrimaryKey, TableConstraints
from msgspec import Struct

from langsmith_core.completeness.values import COMPLETENESS
from langsmith_core.destinations.bigquery import altered
from langsmith_core.destinations.bigquery.errors import RETRY
from langsmith_core.records.columns import JSON_KINDS, Column, Kind, Table
from langsmith_core.records.conversions import DIGITS_MAX, PLACES_MAX
from langsmith_core.streams.registry import TABLES

TYPES: Mapping[Kind, str] = {
    Kind.STRING: "STRING",
    Kind.LOWER: "STRING",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.INTEGER: "INTEGER",
    Kind.FLOAT: "FLOAT",
    Kind.NUMERIC: "BIGNUMERIC",  # NUMERIC has nine decimal places, and the cost of one token needs more
    Kind.TIMESTAMP: "TIMESTAMP",
    **dict.fromkeys(JSON_KINDS, "JSON"),
}
SYNCED, DELETED, HASH = "_synced_at", "_deleted_at", "_row_hash"
EXTRA = (
    Column(
        SYNCED, Kind.TIMESTAMP, (), "When LangSmith first answered with these values; an older reading never replaces a newer one"
    ),
    Column(DELETED, Kind.TIMESTAMP, (), "When the record was seen to be gone from LangSmith; null while it lives"),
    Column(HASH, Kind.INTEGER, (), "Hash of the row's values: a row that is read again unchanged is not written again"),
)


WORKSPACE = Column("workspace_id", Kind.STRING, (), "The workspace that the row was read from: its id, LANGSMITH_TENANT_ID")
"""The column of a dataset that several workspaces share. Two of them may have the same key: of a feedback configuration, or of a
run that was sent to both.
"""


class Layout(Struct, frozen=True):
    """How BigQuery stores a table. `partition` is a timestamp column cut by `unit`, DAY or MONTH; empty: no partitions.

    `workspace`: the id of the workspace that writes, where the dataset has the column; else empty.
    """

    stream: Table
    partition: str = ""
    unit: str = "DAY"
    cluster: tuple[str, ...] = ()
    workspace: str = ""

    @property
    def daily(self) -> bool:
        """Whether the table has a partition for each day."""
        return bool(self.partition) and self.unit == "DAY"

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns, ours included."""
        return (*self.stream.columns, *EXTRA, *([WORKSPACE] if self.workspace else []))

    @property
    def keys(self) -> list[str]:
        """The columns that tell rows apart."""
        return [self.stream.key, *([WORKSPACE.name] if self.workspace else [])]


REJECTED = Table(
    "langsmith_rejected",
    (
        Column("rejected_id", Kind.STRING, (), "Hash of table, row and reason: the same refusal is one row"),
        Column("rejected_at", Kind.TIMESTAMP, (), "When it was first refused"),
        Column("table_name", Kind.STRING, (), "The table the row was for"),
        Column("row_key", Kind.STRING, (), "The row's key, as far as it could be read"),
        Column("reason", Kind.STRING, (), "What is wrong with it; holds no payload"),
        Column("raw_text", Kind.STRING, (), "The row as it was, cut where it is very long"),
    ),
    how_read="",
    time="rejected_at",
)
LAYOUTS = tuple(Layout(table, table.time if table.partition else "", table.partition or "DAY", table.cluster) for table in TABLES)
REJECTIONS, VERDICTS = Layout(REJECTED), Layout(COMPLETENESS)
EVERY = (*LAYOUTS, REJECTIONS, VERDICTS)
"""All tables: those of the streams, and two of this program's own."""
SEARCHED = "keys_searched"
"""The label of a table with the day on which it was last searched for keys that stand twice."""
_log = logging.getLogger(__name__)


def schema(layout: Layout) -> list[bigquery.SchemaField]:
    """Return the table's columns."""
    return [_field(column, required=column.name == layout.stream.key) for column in layout.columns]


def staging_schema(layout: Layout) -> list[bigquery.SchemaField]:
    """Return the columns of the staging table. JSON comes as text, which the MERGE parses. Keys may repeat."""
    columns = (*layout.stream.columns, *EXTRA)
    return [bigquery.SchemaField(c.name, "STRING" if c.kind in JSON_KINDS else TYPES[c.kind]) for c in columns]


def _field(column: Column, *, required: bool) -> bigquery.SchemaField:
    mode, kind = "REQUIRED" if required else "NULLABLE", TYPES[column.kind]
    made = partial(bigquery.SchemaField, column.name, kind, mode=mode, description=column.description)
    # The same bounds as DuckDB's DECIMAL(38, 18).
    return made(precision=DIGITS_MAX + PLACES_MAX, scale=PLACES_MAX) if column.kind is Kind.NUMERIC else made()


def declared(layout: Layout, name: str) -> bigquery.Table:
    """Return the table as this program creates it."""
    table = bigquery.Table(name, schema=schema(layout))
    table.description = f"LangSmith, {layout.stream.how_read}" if layout.stream.how_read else "Rows that BigQuery could not take"
    table.labels = {SEARCHED: today()}
    table.table_constraints = _constraints(layout)
    if layout.partition:
        table.time_partitioning = bigquery.TimePartitioning(type_=layout.unit, field=layout.partition)
    if layout.cluster:
        table.clustering_fields = list(layout.cluster)
    return table


def _constraints(layout: Layout) -> TableConstraints:
    return TableConstraints(primary_key=PrimaryKey(columns=layout.keys), foreign_keys=[])


def today() -> str:
    """Return the day in UTC, as a label holds it."""
    return datetime.now(UTC).date().isoformat()


def prepare_dataset(
    client: bigquery.Client, name: str, layouts: Iterable[Layout]
) -> tuple[str | None, dict[str, bigquery.Table]]:
    """Create the dataset where it is missing, and prepare its tables. Return its location, and the tables by name."""
    try:
        found = client.get_dataset(name, retry=RETRY)
    except exceptions.NotFound:
        found = client.create_dataset(name, exists_ok=True, retry=RETRY)
        _log.warning(
            "made the dataset %s in %s; for another location, delete it and create it there yourself", name, found.location
        )
    return found.location, prepare(client, name, layouts)


def prepare(client: bigquery.Client, dataset: str, layouts: Iterable[Layout] = EVERY) -> dict[str, bigquery.Table]:
    """Create missing tables and add missing columns. Return the tables by name.

    Raises ConfigError for a table that somebody altered.
    """
    prepared: dict[str, bigquery.Table] = {}
    for layout in layouts:
        name = f"{dataset}.{layout.stream.name}"
        try:
            table = client.get_table(name, retry=RETRY)
        except exceptions.NotFound:
            table = client.create_table(declared(layout, name), exists_ok=True, retry=RETRY)
        prepared[layout.stream.name] = table
        missing = altered.absent(table, schema(layout))
        if missing:
            _widen(client, layout, table, missing)
    return prepared


def _widen(client: bigquery.Client, layout: Layout, table: bigquery.Table, missing: list[bigquery.SchemaField]) -> None:
    """Add these columns, and `workspace_id` to the primary key."""
    names = [field.name for field in missing]
    table.schema, table.table_constraints = [*table.schema, *missing], _constraints(layout)
    shared = WORKSPACE.name in names
    client.update_table(table, ["schema", *(["table_constraints"] if shared else [])], retry=RETRY)
    fields = {"fields": {"stream": layout.stream.name}}
    if shared and table.num_rows:
        _log.warning("%s: added workspace_id, which its rows lack; fill it in, see docs/workspaces.md", table, extra=fields)
    else:
        _log.warning("%s: added %s; no action is needed, older rows have null there", table, ", ".join(names), extra=fields)
