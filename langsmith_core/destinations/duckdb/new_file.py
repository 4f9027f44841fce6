"""Create a new DuckDB file at once or not at all, in a format that older clients read; remove folders of killed passes.

Here: making a file aside and linking it into place, working folders, and sweeping old ones. Not here: the file's tables (file).
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

    A link never replaces a file that another process has put there meanwhile. Raises OSError where the folder takes no file or no
    link. DuckDB then makes the file itself, or says what is wrong with the path.
    """
    with tempfile.TemporaryDirectory(prefix=_prefix(), dir=Path(path).parent) as folder:
        made = Path(folder) / "new.duckdb"
        with duckdb.connect() as connection:
            quoted = str(made).replace("'", "''")
            connection.execute(f"ATTACH '{quoted}' (STORAGE_VERSION '{STORAGE}')")
        os.link(made, path)


def working_folder(path: str) -> tempfile.TemporaryDirectory[str]:
    """Return a folder for data on its way into the file at `path`, and remove folders that earlier passes have left.

    Whoever holds the file may remove them.
    """
    prefix = f"langsmith-sync-{hashlib.sha256(path.encode()).hexdigest()[:12]}-"
    for left in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    return tempfile.TemporaryDirectory(prefix=prefix)


def sweep(path: str) -> None:
    """Remove folders beside the file in which dead passes were making it."""
    for left in Path(path).parent.glob(f"{PREFIX}*"):
        if left.is_dir() and not _is_alive(left.name.removeprefix(PREFIX).split("-")[0]):
            shutil.rmtree(left, ignore_errors=True)


def _prefix() -> str:
    return f"{PREFIX}{os.getpid()}-"


def _is_alive(pid: str) -> bool:
    """Whether another process has this number. This process makes no file now."""
    if not pid.isdecimal() or int(pid) == os.getpid():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
