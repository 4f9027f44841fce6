"""Bound DuckDB's memory, and store heavy rows a few together so that it stays within the bound.

DuckDB reads, compresses and writes a column 2,048 values at a time, as far as they stand in one row group. A checkpoint writes
the last row group anew, so row groups are kept small. In a file of its own format, DuckDB 2 ends a row group at a checkpoint, and
joins it to others only where it may (docs/decisions/2026-11-23-duckdb-memory.md).

Here: these bounds, and opening a file under them. Not here: writing rows (file).
"""

from __future__ import annotations

import duckdb

from langsmith_core.sync.batch import Batch

BASE_MB, VECTOR = 100, 2_500
"""DuckDB's memory is a base, plus a vector of the widest rows and some more."""
MOST_MB = 250
TOGETHER_MB = 4_000
"""The most for a file whose heavy rows are stored many together, by an earlier version of this program or of DuckDB."""
HEAVY = 30_000
"""Bytes of a row, averaged over a batch, above which 2,048 rows are too many to store together."""
GROUP_ROWS = 4_096
"""Rows of a row group at most, instead of 122,880. A row group of an earlier version of this program keeps its size."""
GROUP_BYTES, LIGHT_BYTES = 32_000_000, 100_000_000
"""Bytes of rows between two checkpoints: of heavy rows, and the most of light ones. DuckDB makes its own past
`wal_autocheckpoint`.
"""
CHECKPOINT_MB = 1_000
"""DuckDB's memory while it makes a checkpoint of light rows. Large row groups of an earlier version need so much."""
INDEX_BYTES = 120
"""Bytes of memory that a row's key takes in the index, which DuckDB cannot evict: 100 were measured."""
IS_2 = int(duckdb.__version__.split(".")[0]) >= 2
"""Whether DuckDB ends a row group at a checkpoint. DuckDB 1 breaks off where a file has larger row groups than `GROUP_ROWS`."""
NAME = "langsmith"
"""The file's name in statements."""


def connected(path: str, config: dict[str, str | bool | int | float | list[str]]) -> duckdb.DuckDBPyConnection:
    """Open a file to write it. DuckDB keeps no size of row groups in a file, so that each opening names it."""
    if not IS_2:
        return duckdb.connect(path, config=config)
    connection = duckdb.connect(config=config)
    try:
        _attach(connection, path)
    except duckdb.Error:
        connection.close()
        raise
    return connection


def _attach(connection: duckdb.DuckDBPyConnection, path: str, *options: str) -> None:
    quoted = path.replace("'", "''")
    given = ", ".join(("TYPE duckdb", f"ROW_GROUP_SIZE {GROUP_ROWS}", *options))
    connection.execute(f"ATTACH '{quoted}' AS {NAME} ({given})")
    connection.execute(f"USE {NAME}")


class Memory:
    """The memory of one open file. `widest` is the bytes of its widest row.

    `heavy` says whether it has heavy rows stored a few together; None: it has heavy rows stored many together.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.widest = 0
        self.heavy: bool | None = False
        self._waiting = self._index_mb = 0

    def restore(self, widest: int, heavy: bool | None) -> None:
        """Continue with what the file has saved about itself."""
        self.heavy = heavy if heavy is not None or widest > HEAVY else False
        self._count_index()
        self._grow(widest)
        if heavy:
            self._join_nothing()

    def allow(self, batch: Batch) -> None:
        """Let DuckDB use what the rows of a batch need, and no more: it would keep every page that it has read or written."""
        sizes = {table: sum(map(len, lines.values())) for table, lines in batch.lines.items() if lines}
        if self.heavy is False and any(size > HEAVY * len(batch.lines[table]) for table, size in sizes.items()):
            self.heavy = self._apart()
        self._waiting += sum(sizes.values())
        self._grow(max((len(line) for lines in batch.lines.values() for line in lines.values()), default=0))

    def committed(self) -> None:
        """Make a checkpoint once enough rows wait for it; a batch has been committed. It ends a row group of heavy rows.

        A checkpoint of light rows writes whole row groups. Under the limit of other work it fails, and DuckDB then refuses
        everything (FatalException).
        """
        if self._waiting < self._enough():
            return
        if not self.heavy:
            self._limit(max(CHECKPOINT_MB, self._usual_mb()))
        self._connection.execute("CHECKPOINT")
        self._waiting = 0
        self._count_index()
        self._limit(self._usual_mb())

    def _enough(self) -> int:
        """Return the bytes that a checkpoint waits for: more where the index of keys is large, which each checkpoint writes."""
        if self.heavy:
            return GROUP_BYTES
        return min(LIGHT_BYTES, GROUP_BYTES + self._index_mb * 500_000) if IS_2 else LIGHT_BYTES

    def _grow(self, widest: int) -> None:
        if widest > self.widest:
            self.widest = widest
            self._limit(self._usual_mb())

    def _usual_mb(self) -> int:
        most = TOGETHER_MB if self.heavy is None else MOST_MB
        return self._index_mb + min(BASE_MB + VECTOR * self.widest // 1_000_000, most)

    def _limit(self, megabytes: int) -> None:
        self._connection.execute(f"SET memory_limit = '{megabytes}MB'")

    def _count_index(self) -> None:
        (rows,) = self._connection.execute("SELECT coalesce(sum(estimated_size), 0) FROM duckdb_tables()").fetchall()[0]
        self._index_mb = int(rows) * INDEX_BYTES // 1_000_000

    def _apart(self) -> bool | None:
        """Turn the file into DuckDB 2's own format, which can store heavy rows a few together. None: this DuckDB lacks it."""
        if not IS_2:
            return None
        (path,) = self._connection.execute(f"SELECT path FROM duckdb_databases() WHERE database_name = '{NAME}'").fetchall()[0]
        self._connection.execute("USE memory")
        self._connection.execute(f"DETACH {NAME}")
        _attach(self._connection, path, "STORAGE_VERSION 'latest'")
        self._join_nothing()
        return True

    def _join_nothing(self) -> None:
        self._connection.execute("SET GLOBAL max_vacuum_tasks = 0")
