"""DuckDB files for tests: batches to write, a plain connection to read with, and another process that holds a file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from langsmith_core.destinations.duckdb import file as local
from langsmith_core.records import rows
from langsmith_core.records.columns import Table
from langsmith_core.records.rows import Row
from langsmith_core.sync.batch import Batch
from langsmith_core.sync.state import State

EARLY, LATE, LATER = (f"2026-06-0{day}T00:00:00.000000Z" for day in (1, 2, 3))
ROOT = Path(__file__).parents[2]


def position(empties: int) -> State:
    """Return a state that differs from others."""
    return State(source="s", empties=empties)


def batch(stream: Table, *found: Row, at: str = LATE, empties: int = 1) -> Batch:
    """Return rows as the engine hands them to a database."""
    lines = {row[stream.key]: rows.encode({**row, "_synced_at": at}, exact=True) for row in found}
    return Batch(position(empties), {stream.name: lines})


def write(path: str, *batches: Batch) -> None:
    """Run one pass that delivers these batches."""
    with local.opened(path) as file:
        for one in batches:
            file.write(one)
            file.save(one.state)


def ask(path: str, sql: str) -> list[tuple[Any, ...]]:
    """Return what another plain connection reads."""
    with duckdb.connect(path, read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute(sql).fetchall()


@contextmanager
def other_process(path: str, *, then: str = "input()") -> Iterator[None]:
    """Start another process that has the file open. It writes a row without saving, and then does `then`."""
    program = f"""
import sys
from langsmith_core.destinations.duckdb import file as local
from langsmith_core.sync.batch import Batch
from langsmith_core.sync.state import State
line = b'{{"project_id": "other", "_synced_at": "{LATER}"}}'
with local.opened(sys.argv[1]) as file:
    file.write(Batch(State(source="s"), {{"langsmith_project": {{"other": line}}}}))
    print("open", flush=True)
    {then}
"""
    with subprocess.Popen(  # noqa: S603  our own program
        [sys.executable, "-c", program, path], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == "open\n"
        try:
            yield
        finally:
            process.kill()
