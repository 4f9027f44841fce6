"""A new DuckDB file, whole or not there: one whose making is cut off could never be opened again.

Here: making it aside and linking it into place. Not here: opening it, and its tables (duckdb).
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import duckdb


def placed(path: str) -> None:
    """Put an empty DuckDB file at a path where there is nothing.

    A link never replaces what another process has put there meanwhile. Raises OSError where the folder takes no file or no link:
    DuckDB then makes the file where it is to be, or says what is wrong with the path.
    """
    with tempfile.TemporaryDirectory(prefix=".langsmith-", dir=Path(path).parent) as folder:
        made = Path(folder) / "new.duckdb"
        duckdb.connect(made).close()
        os.link(made, path)
