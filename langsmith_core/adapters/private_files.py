"""Files that their owner alone may read, whatever the process would otherwise let others do.

Here: what files are made with while a block lasts. Not here: which files those are (duckdb). A library that makes files takes no
mode for them; the process's umask is what there is, and it holds for all threads.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

OTHERS = 0o077
_guard = threading.Lock()
_before: list[int] = []
"""The umask as each block that is under way has found it; the last to end sets back what the first has found."""


@contextmanager
def owner_only() -> Iterator[None]:
    """Make new files without any right for others until the block ends; a file that is there keeps its mode."""
    with _guard:
        _before.append(os.umask(OTHERS))
    try:
        yield
    finally:
        with _guard:
            latest = _before.pop()
            if not _before:
                os.umask(latest)
