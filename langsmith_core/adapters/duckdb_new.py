"""A new DuckDB file, whole or not there, in a format that older clients read; and folders that a killed pass has left.

Here: making a file aside and linking it into place, working folders, and sweeping old ones. Not here: the file's tables (duckdb).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

import duckdb

STORAGE = "v1.0.0"
"""The oldest storage version that DuckDB writes: 1.2 and every later client read it, and DuckDB 2.0 goes on with it."""
PREFIX = ".langsmith-"


def placed(path: str) -> None:
    """Put an empty DuckDB file at a path where there is nothing.

    A link never replaces what another process has put there meanwhile. Raises OSError where the folder takes no file or no link:
    DuckDB then makes the file where it is to be, or says what is wrong with the path.
    """
    with tempfile.TemporaryDirectory(prefix=_prefix(), dir=Path(path).parent) as folder:
        made = Path(folder) / "new.duckdb"
        with duckdb.connect() as connection:
            quoted = str(made).replace("'", "''")
            connection.execute(f"ATTACH '{quoted}' (STORAGE_VERSION '{STORAGE}')")
        os.link(made, path)


def working_folder(path: str) -> tempfile.TemporaryDirectory[str]:
    """A folder for what goes into the file at `path`; whoever holds the file sweeps what earlier holders have left."""
    prefix = f"langsmith-sync-{hashlib.sha256(path.encode()).hexdigest()[:12]}-"
    for left in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    return tempfile.TemporaryDirectory(prefix=prefix)


def sweep(path: str) -> None:
    """Remove folders beside the file in which passes that are no more were making it."""
    for left in Path(path).parent.glob(f"{PREFIX}*"):
        if left.is_dir() and not _is_alive(left.name.removeprefix(PREFIX).split("-")[0]):
            shutil.rmtree(left, ignore_errors=True)


def _prefix() -> str:
    return f"{PREFIX}{os.getpid()}-"


def _is_alive(pid: str) -> bool:
    """Whether a process other than this one, which makes no file now, has the number."""
    if not pid.isdecimal() or int(pid) == os.getpid():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
