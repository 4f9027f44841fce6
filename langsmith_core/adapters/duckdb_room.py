"""How much memory DuckDB may take, and how it is kept within that: heavy rows are stored a few together.

DuckDB reads, compresses and writes a column 2,048 values at a time, as far as they stand in one row group. A checkpoint begins a
new row group, and clearing up afterwards joins them again, unless it may not (docs/decisions/2026-11-23-duckdb-memory.md).
Here: these bounds. Not here: writing rows (duckdb).
"""

from __future__ import annotations

import duckdb

from langsmith_core.batch import Batch

BASE_MB, VECTOR = 100, 2_500
"""DuckDB's memory: a base, and a vector of the widest rows and some more."""
MOST_MB = 250
OLD_MB = 4_000
"""The most for a file in which an earlier version stored heavy rows, however many together."""
HEAVY = 30_000
"""Bytes of a row, on an average over a batch, of which 2,048 are too many to be stored together."""
GROUP_BYTES = 32_000_000
"""Bytes of heavy rows that are stored together."""


class Room:
    """The memory of one open file. `widest` is its widest row; `heavy`: heavy rows are in it; None: by an earlier version."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.widest = 0
        self.heavy: bool | None = False
        self._waiting = 0

    def remembered(self, widest: int, heavy: bool | None) -> None:
        """Go on with what the file says of itself."""
        self.heavy = heavy if heavy is not None or widest > HEAVY else False
        self._grow(widest)
        if heavy:
            self._keep_apart()

    def make(self, batch: Batch) -> None:
        """Let DuckDB use what the rows of a batch need, and no more: it would keep every page it has read or written."""
        weights = [sum(map(len, lines.values())) // len(lines) for lines in batch.lines.values() if lines]
        if self.heavy is False and max(weights, default=0) > HEAVY:
            self.heavy = True
            self._keep_apart()
        self._waiting += batch.size
        self._grow(max((len(line) for lines in batch.lines.values() for line in lines.values()), default=0))

    def written(self) -> None:
        """End the row group once enough is in it; a batch has been committed."""
        if self.heavy and self._waiting >= GROUP_BYTES:
            self._connection.execute("CHECKPOINT")
            self._waiting = 0

    def _grow(self, widest: int) -> None:
        if widest > self.widest:
            self.widest = widest
            most = OLD_MB if self.heavy is None else MOST_MB
            self._connection.execute(f"SET memory_limit = '{min(BASE_MB + VECTOR * widest // 1_000_000, most)}MB'")

    def _keep_apart(self) -> None:
        self._connection.execute("SET GLOBAL max_vacuum_tasks = 0")
