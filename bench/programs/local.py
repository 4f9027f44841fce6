"""The DuckDB face: passes into one new file until nothing is left."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from bench.programs import function
from bench.work import Work
from langsmith_core.destinations.duckdb import file as duckdb
from langsmith_core.streams.registry import RUN


def drain(work: Work) -> int:
    """Run one sync into a file that did not exist."""
    _sync(function.served("sync", work))
    return _rows(work)


def synced(work: Work) -> Callable[[], int]:
    """Run the first sync. Return the next one, which counts the runs that it adds."""
    call = function.served("sync", work)
    _sync(call)
    before = _rows(work)
    function.later(work)

    def next_sync() -> int:
        _sync(call)
        return _rows(work) - before

    return next_sync


def _sync(call: Callable[[bytes], bytes]) -> None:
    while json.loads(call(b""))["hasMore"]:
        pass


def _rows(work: Work) -> int:
    with duckdb.opened(str(Path(work.folder) / function.FILE)) as file:
        return file.counts()[RUN.name]
