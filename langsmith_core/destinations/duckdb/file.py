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

from langsmith_core.destinations.duckdb import new_file, sql
from langsmith_core.errors import BusyError, ConfigError, SyncError
from langsmith_core.records.columns import Table
from langsmith_core.streams.registry import CHILDREN, TABLE_OF, TABLES
from langsmith_core.sync.batch import Batch
from langsmith_core.sync.state import State
from langsmith_core.sync.state_json import dump

STATE_TABLE = "_langsmith_state"
CONFIG: dict[str, str | bool | int | float | list[str]] = {"memory_limit": "4GB", "threads": 1, "wal_autocheckpoint": "256MB"}
"""A checkpoint after every batch would rewrite the key index each time: six times slower for fresh rows (docs/benchmarks.md)."""
BASE_MB, VECTOR = 100, 2_500
"""DuckDB holds 2,048 values of a column at once, and dies where they do not fit: what it may use follows the widest row
(docs/decisions/2026-11-23-duckdb-memory.md)."""
LOCKED = "Could not set lock"
_open_here: set[str] = set()
_guard = threading.Lock()


class LocalFile:
    """Sink and store in one file: `write` opens the transaction that `save` commits."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: str) -> None:
        self._connection, self._folder = connection, folder
        self._widest = 0
        self._writing = False
        self.rejected = 0

    def load(self) -> Any:
        """The state last saved, as plain values; None before the first."""
        if STATE_TABLE not in self._tables():
            return None
        row = self._connection.execute(f"SELECT state, widest FROM {STATE_TABLE}").fetchone()
        if row is None:
            return None
        self._make_room(row[1] or 0)
        return json.loads(row[0])

    def write(self, batch: Batch) -> None:
        """Upsert by primary key, one statement a table; an older `_synced_at` never replaces a newer one."""
        self._make_room(max((len(line) for lines in batch.lines.values() for line in lines.values()), default=0))
        self._connection.begin()
        self._writing = True
        for table, lines in batch.lines.items():
            if lines:
                self._upsert(TABLE_OF[table], lines)
        for table, keys in batch.deletes.items():
            if keys:
                self._delete(TABLE_OF[table], keys)

    def save(self, state: State) -> None:
        """Keep the state and commit what was written before it."""
        self._connection.execute(f"INSERT OR REPLACE INTO {STATE_TABLE} VALUES (1, ?, ?)", [dump(state).decode(), self._widest])
        if self._writing:
            self._connection.commit()
            self._writing = False

    def drop(self) -> None:
        """Give up what was written since the last save."""
        if self._writing:
            self._connection.rollback()
            self._writing = False

    def counts(self) -> dict[str, int]:
        """Rows by table, deleted ones included."""
        tables = [stream.name for stream in TABLES if stream.name in self._tables()]
        return {table: self._connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in tables}

    def _tables(self) -> set[str]:
        return {row[0] for row in self._connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}

    def _delete(self, stream: Table, keys: dict[str, datetime]) -> None:
        """Mark rows as deleted, and those that are gone with them, unless a newer reading has them."""
        child = CHILDREN.get(stream.name)
        for table, column in ((stream.name, stream.key), *(((child.name, child.parent),) if child else ())):
            self._connection.execute(
                f"UPDATE {table} SET _deleted_at = gone.at, _synced_at = gone.at "
                f"FROM (SELECT unnest($1) AS key, unnest($2) AS at) AS gone "
                f"WHERE {column} = gone.key AND _deleted_at IS NULL AND _synced_at <= gone.at",
                [list(keys), list(keys.values())],
            )

    def _make_room(self, widest: int) -> None:
        """Let DuckDB use what rows of so many bytes need, and no more: it would keep every page it has read or written."""
        if widest > self._widest:
            self._widest = widest
            megabytes = min(BASE_MB + VECTOR * widest // 1_000_000, 4_000)
            self._connection.execute(f"SET memory_limit = '{megabytes}MB'")

    def _upsert(self, stream: Table, lines: dict[str, bytes]) -> None:
        # A file of JSON lines is the one bulk way in that needs no further library; executemany is 100 rows a second.
        with tempfile.NamedTemporaryFile(suffix=".ndjson", dir=self._folder) as file:
            # Every line ends: DuckDB 2.0 reads past a last one that does not, where two threads share the file.
            file.writelines(line + b"\n" for line in lines.values())
            file.flush()
            # Keys that are all new are most of a first sync, and need no check of each row.
            statement = sql.upsert(stream) if self._holds_any(stream, list(lines)) else sql.insert(stream)
            self._connection.execute(statement, [file.name, max(map(len, lines.values())) + 16])

    def _holds_any(self, stream: Table, keys: list[str]) -> bool:
        held = f"SELECT EXISTS (SELECT 1 FROM {stream.name} WHERE {stream.key} IN (SELECT unnest($1)))"
        return bool(self._connection.execute(held, [keys]).fetchall()[0][0])


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
        if not Path(resolved).exists():
            with suppress(OSError):
                new_file.placed(resolved)
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
    connection.execute(f"CREATE TABLE IF NOT EXISTS {STATE_TABLE} (id INTEGER PRIMARY KEY, state JSON, widest BIGINT)")
    connection.execute(f"ALTER TABLE {STATE_TABLE} ADD COLUMN IF NOT EXISTS widest BIGINT")
    for stream in TABLES:
        for statement in sql.table(stream):
            connection.execute(statement)
