"""The embedded face: one DuckDB file holds the rows and the cursor; one transaction writes both.

Here: opening the file (its lock is the lease and dies with its process), tables from the streams' declaration, bulk upserts.
Not here: which rows, or when. duckdb is imported by nothing else and only deployed where this face is used.
"""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from langsmith_core.batch import Batch
from langsmith_core.errors import BusyError, ConfigError, SyncError
from langsmith_core.state import State, dump
from langsmith_core.streams import BY_TABLE, CHILDREN, JSON_KINDS, STREAMS, Kind, Stream

TYPES = {
    Kind.STRING: "VARCHAR",
    Kind.LOWER: "VARCHAR",
    Kind.INTEGER: "BIGINT",
    Kind.FLOAT: "DOUBLE",
    Kind.NUMERIC: "DECIMAL(38, 18)",
    Kind.TIMESTAMP: "TIMESTAMPTZ",
    **dict.fromkeys(JSON_KINDS, "JSON"),
}
EXTRA = {"_synced_at": "TIMESTAMPTZ", "_deleted_at": "TIMESTAMPTZ"}
STATE_TABLE = "_langsmith_state"
# DuckDB holds 2,048 values of a column at once: with rows of 250 KB half a gigabyte is not enough, and a commit fails.
CONFIG: dict[str, str | bool | int | float | list[str]] = {"memory_limit": "2GB", "threads": 2, "wal_autocheckpoint": "1GB"}
"""A checkpoint after every batch would rewrite the key index each time: six times slower for fresh rows (docs/benchmarks.md)."""
LOCKED = "Could not set lock"
_open_here: set[str] = set()
_guard = threading.Lock()


class LocalFile:
    """Sink and store in one file: `write` opens the transaction that `save` commits."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: str) -> None:
        self._connection, self._folder = connection, folder

    def load(self) -> Any:
        """The state last saved, as plain values; None before the first."""
        if STATE_TABLE not in self._tables():
            return None
        row = self._connection.execute(f"SELECT state FROM {STATE_TABLE}").fetchone()
        return json.loads(row[0]) if row else None

    def write(self, batch: Batch) -> None:
        """Upsert by primary key, one statement a table; an older `_synced_at` never replaces a newer one."""
        self._connection.begin()
        for table, lines in batch.lines.items():
            if lines:
                self._upsert(BY_TABLE[table], list(lines.values()))
        for table, keys in batch.deletes.items():
            if keys:
                self._delete(BY_TABLE[table], keys)

    def save(self, state: State) -> None:
        """Keep the state and commit what was written before it."""
        self._connection.execute(f"INSERT OR REPLACE INTO {STATE_TABLE} VALUES (1, ?)", [dump(state).decode()])
        self._connection.commit()

    def counts(self) -> dict[str, int]:
        """Rows by table, deleted ones included."""
        tables = [stream.table for stream in STREAMS if stream.table in self._tables()]
        return {table: self._connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in tables}

    def _tables(self) -> set[str]:
        return {row[0] for row in self._connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}

    def _delete(self, stream: Stream, keys: dict[str, datetime]) -> None:
        """Mark rows as deleted, and those that are gone with them, unless a newer reading has them."""
        child = CHILDREN.get(stream.table)
        for table, column in ((stream.table, stream.key), *(((child.table, child.parent),) if child else ())):
            self._connection.execute(
                f"UPDATE {table} SET _deleted_at = $2, _synced_at = $2 "
                f"WHERE {column} IN (SELECT unnest($1)) AND _deleted_at IS NULL AND _synced_at <= $2",
                [list(keys), max(keys.values())],
            )

    def _upsert(self, stream: Stream, lines: list[bytes]) -> None:
        # A file of JSON lines is the one bulk way in that needs no further library; executemany is 100 rows a second.
        with tempfile.NamedTemporaryFile(suffix=".ndjson", dir=self._folder) as file:
            file.write(b"\n".join(lines))
            file.flush()
            self._connection.execute(_upsert_sql(stream), [file.name, max(map(len, lines)) + 16])


@contextmanager
def opened(path: str) -> Iterator[LocalFile]:
    """The file, its tables made or widened, held alone until the block ends.

    Raises BusyError where another pass holds it, ConfigError where it is no database or cannot be opened.
    """
    resolved = str(Path(path).resolve())
    with _guard:
        if resolved in _open_here:
            raise BusyError(f"LOCAL_DB: another pass of this process is writing {path}; wait for it to end")
        _open_here.add(resolved)
    try:
        connection = _connected(path, resolved)
        try:
            _made_ready(path, connection)
            with tempfile.TemporaryDirectory() as folder:
                yield LocalFile(connection, folder)
        finally:
            connection.close()
    finally:
        with _guard:
            _open_here.discard(resolved)


def status(path: str) -> dict[str, Any]:
    """What the file holds, without creating or changing it: `{"exists": bool, "busy": bool, "rows": {...}, "state": {...}}`.

    Raises ConfigError where it is no database.
    """
    resolved = str(Path(path).resolve())
    if not Path(resolved).exists():
        return {"exists": False, "busy": False, "rows": {}, "state": None}
    with _guard:
        busy = resolved in _open_here
    try:
        if busy:
            raise BusyError(path)
        with _connected(path, resolved, read_only=True) as connection:
            file = LocalFile(connection, "")
            return {"exists": True, "busy": False, "rows": file.counts(), "state": file.load()}
    except BusyError:
        return {"exists": True, "busy": True, "rows": {}, "state": None}


def _connected(path: str, resolved: str, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(resolved, read_only=read_only, config={} if read_only else CONFIG)
    except duckdb.Error as error:
        raise _meaning(path, error) from error


def _meaning(path: str, error: duckdb.Error) -> SyncError:
    """What DuckDB's refusal to open a file means to a user."""
    if isinstance(error, duckdb.ConnectionException) or LOCKED in str(error):
        return BusyError(f"LOCAL_DB: another process has {path} open; one process at a time can write it, so close the other")
    return ConfigError(f"LOCAL_DB: {path} cannot be opened; give a DuckDB file's path, or a new one's in a folder that exists")


def _made_ready(path: str, connection: duckdb.DuckDBPyConnection) -> None:
    try:
        _prepare(connection)
    except duckdb.Error as error:
        raise _meaning(path, error) from error


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE TABLE IF NOT EXISTS {STATE_TABLE} (id INTEGER PRIMARY KEY, state JSON)")
    for stream in STREAMS:
        columns = {c.name: TYPES[c.kind] for c in stream.columns} | EXTRA
        declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        connection.execute(f"CREATE TABLE IF NOT EXISTS {stream.table} ({declared}, PRIMARY KEY ({stream.key}))")
        for name, kind in columns.items():
            connection.execute(f"ALTER TABLE {stream.table} ADD COLUMN IF NOT EXISTS {name} {kind}")


def _upsert_sql(stream: Stream) -> str:
    names = [c.name for c in stream.columns] + list(EXTRA)
    # JSON is read as text and then declared JSON: DuckDB's own reader would turn long integers into floats.
    types = {c.name: "VARCHAR" if c.kind in JSON_KINDS else TYPES[c.kind] for c in stream.columns} | EXTRA
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in types.items())
    updates = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    return f"""
        INSERT INTO {stream.table} ({", ".join(names)})
        SELECT {", ".join(names)}
        FROM read_json($1, format = 'newline_delimited', maximum_object_size = $2, columns = {{{columns}}})
        ON CONFLICT ({stream.key}) DO UPDATE SET {updates} WHERE excluded._synced_at >= {stream.table}._synced_at
    """
