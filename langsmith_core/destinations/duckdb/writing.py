"""Write rows into the file's tables in bulk, and mark rows as deleted.

Here: one table at a time, within whatever transaction is open. Not here: transactions (file), or the statements (sql).
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import datetime

from duckdb import DuckDBPyConnection as Connection

from langsmith_core.destinations.duckdb import sql
from langsmith_core.records.columns import Table
from langsmith_core.streams.registry import CHILDREN


def upsert(connection: Connection, folder: str, stream: Table, lines: Mapping[str, bytes], trusted: datetime) -> None:
    """Upsert lines of JSON by key, with one statement. `folder`: where they lie on their way."""
    # Only a file of JSON lines loads in bulk without a further library; executemany writes 100 rows a second.
    with tempfile.NamedTemporaryFile(suffix=".ndjson", dir=folder) as file:
        # Every line ends with a newline: DuckDB 2.0 reads past a last line without one where two threads share the file.
        file.writelines(line + b"\n" for line in lines.values())
        file.flush()
        # In most of a first sync all keys are new, and rows need no check one by one.
        known = holds_any(connection, stream, list(lines))
        statement = sql.upsert(stream) if known else sql.insert(stream)
        given = [file.name, max(map(len, lines.values())) + 16]
        connection.execute(statement, [*given, trusted] if known else given)


def holds_any(connection: Connection, stream: Table, keys: list[str]) -> bool:
    """Return whether the table has a row of one of the keys."""
    held = f"SELECT EXISTS (SELECT 1 FROM {stream.name} WHERE {stream.key} IN (SELECT unnest($1)))"
    return bool(connection.execute(held, [keys]).fetchall()[0][0])


def delete(connection: Connection, stream: Table, keys: Mapping[str, datetime], trusted: datetime) -> None:
    """Mark rows and their children as deleted, unless they were read again later."""
    children = [(child.name, child.parent) for child in CHILDREN.get(stream.name, ())]
    for table, column in ((stream.name, stream.key), *children):
        connection.execute(
            f"UPDATE {table} SET _deleted_at = gone.at, _synced_at = gone.at "
            f"FROM (SELECT unnest($1) AS key, unnest($2) AS at) AS gone "
            f"WHERE {column} = gone.key AND _deleted_at IS NULL AND (_synced_at <= gone.at OR _synced_at > $3)",
            [list(keys), list(keys.values()), trusted],
        )
