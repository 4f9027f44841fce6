"""Create files that only their owner may read, whatever the process would otherwise allow.

Here: the rights of new files while a block lasts. Not here: which files (file). DuckDB takes no mode for the files that it makes.
Only the process's umask is left, and it holds for all threads.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

OTHERS = 0o077
_guard = threading.Lock()
_before: list[int] = []
"""The umask that each block under way has found. The last block to end restores the first one."""


@contextmanager
def owner_only() -> Iterator[None]:
    """Create files without any right for others until the block ends. An existing file keeps its mode."""
    with _guard:
        _before.append(os.umask(OTHERS))
    try:
        yield
    finally:
        with _guard:
            latest = _before.pop()
            if not _before:
                os.umask(latest)
