"""The files that passes of this process hold, one pass at a time, and the position that each has saved last.

DuckDB's own lock keeps other processes away. Within a process it would not, and a file that is held cannot be read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from langsmith_core.errors import BusyError

_held: dict[str, Callable[[], str | None]] = {}
_guard = threading.Lock()


@contextmanager
def alone(path: str, resolved: str) -> Iterator[Callable[[Callable[[], str | None]], None]]:
    """Hold a file until the block ends. Yields a function that takes how to ask for the position saved last, as JSON.

    Raises BusyError where another pass of this process holds it.
    """
    with _guard:
        if resolved in _held:
            raise BusyError(f"LOCAL_DB: another pass of this process is writing {path}; wait for it to end")
        _held[resolved] = lambda: None
    try:
        yield lambda saved: _held.update({resolved: saved})
    finally:
        with _guard:
            del _held[resolved]


def is_held(resolved: str) -> bool:
    """Tell whether a pass of this process holds the file."""
    return resolved in _held


def saved(resolved: str) -> str | None:
    """Return the position that the pass holding a file has saved or loaded last; None where no pass of this process holds it."""
    found = _held.get(resolved)
    return found() if found else None
