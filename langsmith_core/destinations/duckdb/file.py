"""The DuckDB file that stores rows and position; one transaction writes both.

Here: opening the file, making its tables from the streams' declarations, and bulk upserts. The file's lock is the lease and dies
with its process. Not here: which rows, or when. Only this package imports duckdb, and only deployments that use this sink install
it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from langsmith_core.completeness import stored
from langsmith_core.completeness.values import COMPLETENESS, Runs, Total, Verdict
from langsmith_core.destinations.duckdb import counts, errors, held, new_file, sql, writing
from langsmith_core.destinations.duckdb.memory import Memory, connected
from langsmith_core.destinations.duckdb.private_files import owner_only
from langsmith_core.errors import BusyError
from langsmith_core.records.columns import Table
from langsmith_core.streams.registry import TABLE_OF, TABLES
from langsmith_core.sync.batch import NEVER, Batch, trusted_to
from langsmith_core.sync.state import State
from langsmith_core.sync.state_json import dump

CONFIG: dict[str, str | bool | int | float | list[str]] = {"memory_limit": "4GB", "threads": 1, "wal_autocheckpoint": "256MB"}
"""A checkpoint after every batch would rewrite the key index each time. Fresh rows would then take six times as long
(docs/benchmarks.md).
"""
UNREAD: dict[str, Any] = {"rows": {}, "completeness": []}


class LocalFile:
    """Sink and store in one file: `write` opens the transaction that `save` commits. `rejected` stays 0.

    `saved` is the position that the file holds, as JSON, once it was loaded: for a status while this pass holds the file.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: str, path: str) -> None:
        self._connection, self._folder, self._path = connection, folder, path
        self._memory = Memory(connection)
        self._writing = False
        self.rejected = 0
        self.saved: str | None = None

    def load(self) -> Any:
        """Return the state last saved, as plain values; None before the first save."""
        with errors.explained(self._path):
            if sql.STATE_TABLE not in self._tables():
                return None
            found = self._connection.execute(f"SELECT * FROM {sql.STATE_TABLE}")
            row = dict(zip([column[0] for column in found.description or ()], found.fetchone() or (), strict=False))
            if not row:
                return None
            self._memory.restore(row.get("widest") or 0, row.get("heavy"))
        self.saved = row["state"]
        return json.loads(row["state"])

    def write(self, batch: Batch, now: datetime = NEVER) -> None:
        """Upsert by primary key, with one statement per table.

        An older `_synced_at` never replaces a newer one that is not past `now`, LangSmith's time.
        """
        with errors.explained(self._path):
            self._memory.allow(batch)
            self._connection.begin()
            self._writing = True
            for table, lines in batch.lines.items():
                if lines:
                    writing.upsert(self._connection, self._folder, TABLE_OF[table], lines, trusted_to(now))
            for table, keys in batch.deletes.items():
                if keys:
                    writing.delete(self._connection, TABLE_OF[table], keys, trusted_to(now))

    def save(self, state: State) -> None:
        """Save the state, and commit the rows written before it."""
        kept = [dump(state).decode(), self._memory.widest, self._memory.heavy]
        with errors.explained(self._path):
            self._connection.execute(f"INSERT OR REPLACE INTO {sql.STATE_TABLE} VALUES (1, ?, ?, ?)", kept)
            if self._writing:
                self._connection.commit()
            self.saved = str(kept[0])
            if self._writing:
                self._writing = False
                self._memory.committed()

    def drop(self) -> None:
        """Roll back what was written since the last save."""
        if self._writing:
            self._connection.rollback()
            self._writing = False

    def counts(self) -> dict[str, int]:
        """Return the number of rows by table, deleted ones included."""
        held = self._tables()
        tables = [stream.name for stream in TABLES if stream.name in held]
        return {table: self._connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in tables}

    def runs_by_day(self, lo: datetime, hi: datetime) -> dict[tuple[str, datetime], Runs]:
        """Count the runs that began in `[lo, hi)`, by project and by the midnight of their day in UTC."""
        with errors.explained(self._path):
            return counts.runs_by_day(self._connection, lo, hi)

    def totals(self) -> list[Total]:
        """Count runs and feedback of every listed project, and examples of every listed dataset."""
        with errors.explained(self._path):
            return counts.in_all(self._connection)

    def record(self, verdicts: list[Verdict]) -> None:
        """Upsert verdicts by their key, with one statement. Between a `save` and the next `write` they are durable on return."""
        if verdicts:
            lines, trusted = stored.lines(verdicts), trusted_to(stored.newest_check(verdicts))
            with errors.explained(self._path):
                writing.upsert(self._connection, self._folder, COMPLETENESS, lines, trusted)

    def verdicts(self) -> list[Verdict]:
        """Return the newest verdicts, gaps first. A file of an earlier version has none."""
        with errors.explained(self._path):
            return counts.verdicts(self._connection) if COMPLETENESS.name in self._tables() else []

    def read(self, table: Table, statement: str, given: list[Any]) -> list[tuple[Any, ...]]:
        """Return what a statement on a table finds; nothing in a file that lacks the table."""
        return self._connection.execute(statement, given).fetchall() if table.name in self._tables() else []

    def _tables(self) -> set[str]:
        return {row[0] for row in self._connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}


@contextmanager
def opened(path: str) -> Iterator[LocalFile]:
    """Open the file, make or widen its tables, and hold it alone until the block ends. Only its owner may read a new file.

    Raises BusyError where another pass holds it, ConfigError where it is no database or cannot be opened.
    """
    resolved = str(Path(path).resolve())
    with held.alone(path, resolved) as shows, owner_only():  # the file, and what DuckDB and this program put beside it
        errors.check_version()
        connection = _connected(path, resolved)
        try:
            _made_ready(path, connection)
            new_file.sweep(resolved)
            with new_file.working_folder(resolved) as folder:
                file = LocalFile(connection, folder, path)
                shows(lambda: file.saved)
                yield file
        finally:
            connection.close()


def status(path: str) -> dict[str, Any]:
    """Return what the file holds, without creating or changing it.

    A file that a pass holds cannot be read. `state` is then what a pass of this process has saved last, {} before its first save,
    and None of another process's. Raises ConfigError where it is no database.
    """
    resolved = str(Path(path).resolve())
    if not Path(resolved).exists():
        return {"exists": False, "busy": False, **UNREAD, "state": None}
    try:
        with reading(path, resolved) as file:
            seen = stored.shown(file.verdicts())
            return {"exists": True, "busy": False, "rows": file.counts(), "state": file.load(), "completeness": seen}
    except BusyError:
        state = json.loads(held.saved(resolved) or "{}") if held.is_held(resolved) else None
        return {"exists": True, "busy": True, **UNREAD, "state": state}


@contextmanager
def reading(path: str, resolved: str) -> Iterator[LocalFile]:
    """Open a file that exists, to read it only. Raises BusyError where a pass holds it."""
    if held.is_held(resolved):
        raise BusyError(f"LOCAL_DB: a pass is writing {path}; ask again when it has ended")
    with _connected(path, resolved, read_only=True) as connection:
        yield LocalFile(connection, "", path)


def _connected(path: str, resolved: str, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    try:
        if not Path(resolved).exists():
            with suppress(OSError):
                new_file.placed(resolved)
        return duckdb.connect(resolved, read_only=True) if read_only else connected(resolved, CONFIG)
    except duckdb.Error as error:
        raise errors.of_opening(path, error) from error


def _made_ready(path: str, connection: duckdb.DuckDBPyConnection) -> None:
    with errors.explained(path):
        _prepare(connection)
    errors.check_keys(path, connection)


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    for statement in sql.prepare():
        connection.execute(statement)
    missing = sql.comments(connection.execute(sql.COMMENTED).fetchall())
    if missing:
        connection.execute("; ".join(("BEGIN", *missing, "COMMIT")))
