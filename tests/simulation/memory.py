"""Replace the embedded face's file by DuckDB in memory: making and opening a file takes most of a simulation's time.

Statements, types and transactions stay DuckDB's own, and uncommitted work is lost. destinations/test_duckdb* test the file
itself, processes/test_kill a process that dies with it. The machine, test_first_sync and test_sizes sync into a real file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import duckdb
import pytest

from langsmith_core.completeness.values import COMPLETENESS
from langsmith_core.destinations.duckdb import file as local
from langsmith_core.destinations.duckdb.memory import Memory
from langsmith_core.destinations.duckdb.sql import STATE_TABLE
from langsmith_core.streams.registry import TABLES


class Kept:
    """A connection that stays open on `close`, but then loses uncommitted work."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.ready = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Roll back uncommitted work."""
        try:
            self.connection.rollback()
        except duckdb.TransactionException:
            return


_free: list[Kept] = []
_used: dict[str, Kept] = {}


@contextmanager
def in_memory(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Replace every file of the embedded face by a database in memory. Tables are made once, and emptied at the block's end."""
    patch.setattr(local, "_connected", _connected)
    patch.setattr(local, "_made_ready", lambda *_: None)
    patch.setattr(Memory, "_grow", _grown)
    patch.setattr(Memory, "_apart", lambda _: True)  # there is no file whose format could be changed
    try:
        yield
    finally:
        _free.extend(_emptied(_used.pop(path)) for path in tuple(_used))


def _connected(path: str, resolved: str, *, read_only: bool = False) -> Any:
    del path, read_only
    if resolved not in _used:
        Path(resolved).touch()  # the status checks whether the file exists
        _used[resolved] = _free.pop() if _free else _made()
    return _used[resolved]


def _grown(memory: Memory, widest: int) -> None:
    """Leave DuckDB's memory as large as CONFIG says, since it holds all rows here."""
    memory.widest = max(memory.widest, widest)


def _made() -> Kept:
    kept = Kept(duckdb.connect(":memory:", config=local.CONFIG))
    local._prepare(kept.connection)  # noqa: SLF001  what opening a file does
    return kept


def _emptied(kept: Kept) -> Kept:
    kept.close()
    for table in (STATE_TABLE, COMPLETENESS.name, *(stream.name for stream in TABLES)):
        kept.connection.execute(f"DELETE FROM {table}")  # noqa: S608  names of our own
    return kept
