"""The DuckDB face: passes into one new file until nothing is left."""

from __future__ import annotations

import json
from pathlib import Path

from bench.programs import function
from bench.work import Work
from langsmith_core.destinations.duckdb import file as duckdb
from langsmith_core.streams.registry import RUN


def drain(work: Work) -> int:
    """Run one sync into a file that did not exist."""
    call = function.served("sync", work)
    while json.loads(call(b""))["hasMore"]:
        pass
    with duckdb.opened(str(Path(work.folder) / function.FILE)) as file:
        return file.counts()[RUN.name]
