"""DuckDB's types and statements, derived from the streams' declaration.

Pure: a stream in, SQL out. Not here: running it (duckdb). Every name in it is the declaration's own.
"""

from __future__ import annotations

from langsmith_core.records.columns import JSON_KINDS, Kind, Table

TYPES = {
    Kind.STRING: "VARCHAR",
    Kind.LOWER: "VARCHAR",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.INTEGER: "BIGINT",
    Kind.FLOAT: "DOUBLE",
    Kind.NUMERIC: "DECIMAL(38, 18)",
    Kind.TIMESTAMP: "TIMESTAMPTZ",
    **dict.fromkeys(JSON_KINDS, "JSON"),
}
EXTRA = {"_synced_at": "TIMESTAMPTZ", "_deleted_at": "TIMESTAMPTZ"}


def table(stream: Table) -> list[str]:
    """The statements that make a table, or bring one of an earlier version up to this one's columns."""
    columns = {c.name: TYPES[c.kind] for c in stream.columns} | EXTRA
    declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    made = f"CREATE TABLE IF NOT EXISTS {stream.name} ({declared}, PRIMARY KEY ({stream.key}))"
    return [made, *(f"ALTER TABLE {stream.name} ADD COLUMN IF NOT EXISTS {name} {kind}" for name, kind in columns.items())]


def insert(stream: Table) -> str:
    """Insert a file of JSON lines ($1, whose longest has $2 bytes), none of whose keys is in the table."""
    names = [c.name for c in stream.columns] + list(EXTRA)
    # JSON is read as text and then declared JSON: DuckDB's own reader would turn long integers into floats.
    types = {c.name: "VARCHAR" if c.kind in JSON_KINDS else TYPES[c.kind] for c in stream.columns} | EXTRA
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in types.items())
    return (
        f"INSERT INTO {stream.name} ({', '.join(names)}) SELECT {', '.join(names)} "
        f"FROM read_json($1, format = 'newline_delimited', maximum_object_size = $2, columns = {{{columns}}})"
    )


def upsert(stream: Table) -> str:
    """The same where keys may be there: an older `_synced_at` never replaces a newer one."""
    names = [c.name for c in stream.columns[1:]] + list(EXTRA)
    updates = ", ".join(f"{name} = excluded.{name}" for name in names)
    newer = f"excluded._synced_at >= {stream.name}._synced_at"
    return f"{insert(stream)} ON CONFLICT ({stream.key}) DO UPDATE SET {updates} WHERE {newer}"
