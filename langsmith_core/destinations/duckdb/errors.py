"""Map DuckDB's errors to messages that tell the file's owner what to do.

Here: the table, checking a file's keys, and checking DuckDB's version. Not here: running statements (file). DuckDB's own text may
hold a value of a row, so a message names the error's class only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
from msgspec import Struct

from langsmith_core.destinations.duckdb.sql import MADE
from langsmith_core.errors import BusyError, ConfigError, SyncError

VERSIONS = (1, 4), (3, 0)
"""The first DuckDB that this program writes with, and the first that it does not."""
LOCKED = "Could not set lock", "Unique file handle conflict"
"""What DuckDB says of a file that another process has open, and of one that another part of this process has."""


class Meaning(Struct, frozen=True):
    """What an error of DuckDB means: its class, our text, and our error."""

    kind: type[duckdb.Error]
    text: str
    error: type[SyncError] = ConfigError


CHANGED = "a table differs from what this program made; rename it and begin with a new file, or undo the change"
MEANINGS = (
    # Most specific first.
    Meaning(duckdb.OutOfMemoryException, "DuckDB has too little memory or disk; give the machine more, or free some"),
    Meaning(duckdb.IOException, "the file cannot be written; free space on its disk, and check who may write there"),
    Meaning(duckdb.PermissionException, "the file may not be written; check who may write there"),
    *(
        Meaning(kind, CHANGED)
        for kind in (
            duckdb.BinderException,
            duckdb.CatalogException,
            duckdb.ConstraintException,
            duckdb.ConversionException,
            duckdb.NotSupportedError,
        )
    ),
    Meaning(duckdb.Error, "DuckDB failed; run the sync again, and begin with a new file if it continues", SyncError),
)


def of_opening(path: str, error: duckdb.Error) -> SyncError:
    """Return the error that a refusal to open a file means."""
    if isinstance(error, duckdb.ConnectionException) or any(text in str(error) for text in LOCKED):
        return BusyError(f"LOCAL_DB: another process has {path} open; one process at a time can write it, so close the other")
    if isinstance(error, duckdb.OutOfMemoryException):
        return of_writing(path, error)
    return ConfigError(f"LOCAL_DB: {path} cannot be opened; give a DuckDB file's path, or a new one's in a folder that exists")


def of_writing(path: str, error: duckdb.Error) -> SyncError:
    """Return the error that a failing statement on an open file means."""
    meaning = next(one for one in MEANINGS if isinstance(error, one.kind))
    return meaning.error(f"LOCAL_DB: {meaning.text} ({type(error).__name__}, {path})")


@contextmanager
def explained(path: str) -> Iterator[None]:
    """Raise DuckDB's errors within the block as ours."""
    try:
        yield
    except duckdb.Error as error:
        raise of_writing(path, error) from error


def check_keys(path: str, connection: duckdb.DuckDBPyConnection) -> None:
    """Raise ConfigError where a table has lost its primary key, as after an export and re-import."""
    found = connection.execute("SELECT table_name FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'").fetchall()
    keyed = {name for (name,) in found}
    for stream in MADE:
        if stream.name not in keyed:
            mend = f"ALTER TABLE {stream.name} ADD PRIMARY KEY ({stream.key})"
            raise ConfigError(f"LOCAL_DB: {stream.name} in {path} has lost its primary key; run {mend}, or name a new file")


def check_version() -> None:
    """Raise ConfigError where this program was not made for the installed DuckDB."""
    parts = duckdb.__version__.split(".")
    version = (int(parts[0]), int(parts[1])) if all(part.isdecimal() for part in parts[:2]) else (0, 0)
    first, end = VERSIONS
    if not first <= version < end:
        raise ConfigError(
            f"SINK: duckdb {duckdb.__version__} is installed, and {first[0]}.{first[1]} or newer, but below {end[0]}, is needed; "
            "run pip install -r requirements-local.txt"
        )
