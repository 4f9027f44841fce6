"""DuckDB's SQL: column types and statements, derived from the streams' declarations.

Pure: a table in, SQL out. Not here: running it (file). Every name in it comes from a declaration.
"""

from __future__ import annotations

from collections.abc import Collection

from langsmith_core.completeness.values import COMPLETENESS
from langsmith_core.records.columns import JSON_KINDS, Kind, Table
from langsmith_core.streams.registry import TABLES

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
STATE_TABLE = "_langsmith_state"
MADE = (*TABLES, COMPLETENESS)
"""The tables that a file has beside the state's."""
EXTRA = {"_synced_at": "TIMESTAMPTZ", "_deleted_at": "TIMESTAMPTZ"}
EXTRA_COMMENTS = {
    "_synced_at": "When LangSmith first answered with these values; an older reading never replaces a newer one",
    "_deleted_at": "When the record was seen to be gone from LangSmith; null while it lives",
}
COMMENTED = """
    SELECT table_name, column_name FROM duckdb_columns()
    WHERE database_name = current_database() AND schema_name = current_schema() AND comment IS NOT NULL
    UNION ALL SELECT table_name, '' FROM duckdb_tables()
    WHERE database_name = current_database() AND schema_name = current_schema() AND comment IS NOT NULL"""
"""Selects what has a comment: pairs of table and column, with an empty name for the table itself."""


def prepare() -> list[str]:
    """Return the statements that set the time zone, and make or widen all tables, the state's included."""
    widened = [f"ALTER TABLE {STATE_TABLE} ADD COLUMN IF NOT EXISTS {column}" for column in ("widest BIGINT", "heavy BOOLEAN")]
    return [
        "SET TimeZone = 'UTC'",
        f"CREATE TABLE IF NOT EXISTS {STATE_TABLE} (id INTEGER PRIMARY KEY, state JSON)",
        *widened,
        *(statement for stream in MADE for statement in table(stream)),
    ]


def table(stream: Table) -> list[str]:
    """Return the statements that make a table, or add the columns that a table of an earlier version lacks."""
    columns = {c.name: TYPES[c.kind] for c in stream.columns} | EXTRA
    declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    made = f"CREATE TABLE IF NOT EXISTS {stream.name} ({declared}, PRIMARY KEY ({stream.key}))"
    return [made, *(f"ALTER TABLE {stream.name} ADD COLUMN IF NOT EXISTS {name} {kind}" for name, kind in columns.items())]


def comments(commented: Collection[tuple[str, str]]) -> list[str]:
    """Return the statements that comment tables and columns which have no comment. One that somebody has written stays."""
    texts = {
        (stream.name, name): text
        for stream in MADE
        for name, text in {
            "": f"LangSmith, {stream.how_read}",
            **{c.name: c.description for c in stream.columns},
            **EXTRA_COMMENTS,
        }.items()
    }
    return [_comment(table, name, text) for (table, name), text in texts.items() if (table, name) not in commented]


def _comment(table: str, column: str, text: str) -> str:
    target = f"COLUMN {table}.{column}" if column else f"TABLE {table}"
    return f"COMMENT ON {target} IS {quoted(text)}"


def quoted(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def insert(stream: Table) -> str:
    """Return the INSERT of a file of JSON lines ($1, whose longest has $2 bytes). No key in it may be in the table."""
    names = [c.name for c in stream.columns] + list(EXTRA)
    # JSON is read as text and then declared JSON, because DuckDB's own reader turns long integers into floats.
    types = {c.name: "VARCHAR" if c.kind in JSON_KINDS else TYPES[c.kind] for c in stream.columns} | EXTRA
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in types.items())
    return (
        f"INSERT INTO {stream.name} ({', '.join(names)}) SELECT {', '.join(names)} "
        f"FROM read_json($1, format = 'newline_delimited', maximum_object_size = $2, columns = {{{columns}}})"
    )


def upsert(stream: Table) -> str:
    """Return the same where keys may be in the table.

    An older `_synced_at` never replaces a newer one, unless the newer one lies past $3.
    """
    names = [c.name for c in stream.columns[1:]] + list(EXTRA)
    updates = ", ".join(f"{name} = excluded.{name}" for name in names)
    newer = f"excluded._synced_at >= {stream.name}._synced_at OR {stream.name}._synced_at > $3"
    return f"{insert(stream)} ON CONFLICT ({stream.key}) DO UPDATE SET {updates} WHERE {newer}"
