"""The embedded face: one DuckDB file holds the rows and the cursor; one transaction writes both.

Here: opening the file (its lock is the lease and dies with its process), tables from the streams' declaration, bulk upserts.
Not here: which rows, or when. duckdb is imported by nothing else and only deployed where this face is used.
"""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from langsmith_core.adapters import duckdb_errors, duckdb_new, duckdb_sql
from langsmith_core.adapters.duckdb_room import Room
from langsmith_core.adapters.private_files import owner_only
from langsmith_core.batch import NEVER, Batch, trusted_to
from langsmith_core.errors import BusyError
from langsmith_core.state import State
from langsmith_core.state_json import dump
from langsmith_core.streams import BY_TABLE, CHILDREN, STREAMS, Stream

STATE_TABLE = "_langsmith_state"
CONFIG: dict[str, str | bool | int | float | list[str]] = {"memory_limit": "4GB", "threads": 1, "wal_autocheckpoint": "256MB"}
"""A checkpoint after every batch would rewrite the key index each time: six times slower for fresh rows (docs/benchmarks.md)."""
_open_here: set[str] = set()
_guard = threading.Lock()


class LocalFile:
    """Sink and store in one file: `write` opens the transaction that `save` commits."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: str, path: str) -> None:
        self._connection, self._folder, self._path = connection, folder, path
        self._room = Room(connection)
        self._writing = False
        self.rejected = 0

    def load(self) -> Any:
        """The state last saved, as plain values; None before the first."""
        with duckdb_errors.explained(self._path):
            if STATE_TABLE not in self._tables():
                return None
            found = self._connection.execute(f"SELECT * FROM {STATE_TABLE}")
            row = dict(zip([column[0] for column in found.description or ()], found.fetchone() or (), strict=False))
            if not row:
                return None
            self._room.remembered(row.get("widest") or 0, row.get("heavy"))
        return json.loads(row["state"])

    def write(self, batch: Batch, now: datetime = NEVER) -> None:
        """Upsert by primary key, one statement a table; an older `_synced_at` never replaces a newer one of before `now`."""
        with duckdb_errors.explained(self._path):
            self._room.make(batch)
            self._connection.begin()
            self._writing = True
            for table, lines in batch.lines.items():
                if lines:
                    self._upsert(BY_TABLE[table], lines, trusted_to(now))
            for table, keys in batch.deletes.items():
                if keys:
                    self._delete(BY_TABLE[table], keys, trusted_to(now))

    def save(self, state: State) -> None:
        """Keep the state and commit what was written before it."""
        kept = [dump(state).decode(), self._room.widest, self._room.heavy]
        with duckdb_errors.explained(self._path):
            self._connection.execute(f"INSERT OR REPLACE INTO {STATE_TABLE} VALUES (1, ?, ?, ?)", kept)
            if self._writing:
                self._connection.commit()
                self._writing = False
                self._room.written()

    def drop(self) -> None:
        """Give up what was written since the last save."""
        if self._writing:
            self._connection.rollback()
            self._writing = False

    def counts(self) -> dict[str, int]:
        """Rows by table, deleted ones included."""
        tables = [stream.table for stream in STREAMS if stream.table in self._tables()]
        return {table: self._connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in tables}

    def _tables(self) -> set[str]:
        return {row[0] for row in self._connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}

    def _delete(self, stream: Stream, keys: dict[str, datetime], trusted: datetime) -> None:
        """Mark rows as deleted, and those that are gone with them, unless a newer reading has them."""
        child = CHILDREN.get(stream.table)
        for table, column in ((stream.table, stream.key), *(((child.table, child.parent),) if child else ())):
            self._connection.execute(
                f"UPDATE {table} SET _deleted_at = gone.at, _synced_at = gone.at "
                f"FROM (SELECT unnest($1) AS key, unnest($2) AS at) AS gone "
                f"WHERE {column} = gone.key AND _deleted_at IS NULL AND (_synced_at <= gone.at OR _synced_at > $3)",
                [list(keys), list(keys.values()), trusted],
            )

    def _upsert(self, stream: Stream, lines: dict[str, bytes], trusted: datetime) -> None:
        # A file of JSON lines is the one bulk way in that needs no further library; executemany is 100 rows a second.
        with tempfile.NamedTemporaryFile(suffix=".ndjson", dir=self._folder) as file:
            # Every line ends: DuckDB 2.0 reads past a last one that does not, where two threads share the file.
            file.writelines(line + b"\n" for line in lines.values())
            file.flush()
            # Keys that are all new are most of a first sync, and need no check of each row.
            known = self._holds_any(stream, list(lines))
            statement = duckdb_sql.upsert(stream) if known else duckdb_sql.insert(stream)
            given = [file.name, max(map(len, lines.values())) + 16]
            self._connection.execute(statement, [*given, trusted] if known else given)

    def _holds_any(self, stream: Stream, keys: list[str]) -> bool:
        held = f"SELECT EXISTS (SELECT 1 FROM {stream.table} WHERE {stream.key} IN (SELECT unnest($1)))"
        return bool(self._connection.execute(held, [keys]).fetchall()[0][0])


@contextmanager
def opened(path: str) -> Iterator[LocalFile]:
    """The file, its tables made or widened, held alone until the block ends. A new one is its owner's alone to read.

    Raises BusyError where another pass holds it, ConfigError where it is no database or cannot be opened.
    """
    resolved = str(Path(path).resolve())
    with _guard:
        if resolved in _open_here:
            raise BusyError(f"LOCAL_DB: another pass of this process is writing {path}; wait for it to end")
        _open_here.add(resolved)
    try:
        with owner_only():  # the file, and what DuckDB and we put beside it or aside
            duckdb_errors.check_version()
            connection = _connected(path, resolved)
            try:
                _made_ready(path, connection)
                duckdb_new.sweep(resolved)
                with duckdb_new.working_folder(resolved) as folder:
                    yield LocalFile(connection, folder, path)
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
            file = LocalFile(connection, "", path)
            return {"exists": True, "busy": False, "rows": file.counts(), "state": file.load()}
    except BusyError:
        return {"exists": True, "busy": True, "rows": {}, "state": None}


def _connected(path: str, resolved: str, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    try:
        if not Path(resolved).exists():
            with suppress(OSError):
                duckdb_new.placed(resolved)
        return duckdb.connect(resolved, read_only=read_only, config={} if read_only else CONFIG)
    except duckdb.Error as error:
        raise duckdb_errors.of_opening(path, error) from error


def _made_ready(path: str, connection: duckdb.DuckDBPyConnection) -> None:
    with duckdb_errors.explained(path):
        _prepare(connection)
    duckdb_errors.check_keys(path, connection)


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE TABLE IF NOT EXISTS {STATE_TABLE} (id INTEGER PRIMARY KEY, state JSON)")
    for column in ("widest BIGINT", "heavy BOOLEAN"):
        connection.execute(f"ALTER TABLE {STATE_TABLE} ADD COLUMN IF NOT EXISTS {column}")
    for stream in STREAMS:
        for statement in duckdb_sql.table(stream):
            connection.execute(statement)
