"""Open a synced DuckDB file to read it, with messages that say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from langsmith_core.destinations.duckdb import errors
from langsmith_core.errors import ConfigError


@contextmanager
def opened(path: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a file for reading until the block ends. Raises ConfigError where there is none, BusyError where a pass has it."""
    errors.check_version()
    if not Path(path).exists():
        raise ConfigError(f"LOCAL_DB: there is no file {path}; name one that was synced, or run langsmith-sync sync")
    try:
        connection = duckdb.connect(path, read_only=True)
    except duckdb.Error as error:
        raise errors.of_opening(path, error) from error
    with connection:
        yield connection
