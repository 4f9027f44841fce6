"""Choose the sink and the store that SINK names, and load their module only when a call needs it.

Here: opening them, reading their status, and naming what a person deletes to begin anew. Not here: what they do (destinations).
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from langsmith_core.errors import ConfigError
from langsmith_core.faces.standalone import CountedSink, Store
from langsmith_core.langsmith.pacing import Part
from langsmith_core.settings.config import Settings

if TYPE_CHECKING:
    from types import ModuleType

    from langsmith_core.faces.sharded import Heads, Queue


@contextmanager
def opened(settings: Settings, seconds_left: Callable[[], float]) -> Iterator[tuple[CountedSink, Store]]:
    """Open the sink and the store of one pass until the block ends. This pass alone holds the store.

    `seconds_left` of the call bounds what jobs elsewhere may take.

    Raises BusyError where another pass holds it, ConfigError where a person must act.
    """
    if settings.sink == "duckdb":
        with _module("duckdb.file").opened(settings.local_db) as file:
            yield file, file
        return
    with (
        _module("firestore.store").opened(settings) as store,
        _module("bigquery.sink").opened(settings, seconds_left) as sink,
    ):
        yield sink, store


@contextmanager
def sink(settings: Settings, seconds_left: Callable[[], float]) -> Iterator[CountedSink]:
    """Open the sink alone until the block ends, for a pass whose store is a shard's document. `seconds_left` as in `opened`."""
    with _module("bigquery.sink").opened(settings, seconds_left) as found:
        yield found


@contextmanager
def shards(settings: Settings) -> Iterator[Heads]:
    """Connect to the documents of a backfill's shards until the block ends."""
    with _module("firestore.shards").connected(settings) as heads:
        yield heads


@contextmanager
def queue(settings: Settings) -> Iterator[Queue]:
    """Connect to the queue of tasks until the block ends."""
    with _module("tasks.queue").connected(settings) as found:
        yield found


@contextmanager
def share(settings: Settings, *, looks: bool) -> Iterator[Part]:
    """Take part in sharing LangSmith's limits until the block ends. `looks`: the scheduled pass, which has a part of its own."""
    with _module("firestore.shares").opened(settings, looks=looks) as part:
        yield part


def status(settings: Settings) -> dict[str, Any]:
    """Read what sink and store hold, changing nothing: `{"exists": bool, "busy": bool, "rows": {table: n}, "state": {...}}`."""
    if settings.sink == "duckdb":
        held: dict[str, Any] = _module("duckdb.file").status(settings.local_db)
        return held
    return {**_module("bigquery.status").status(settings), **_module("firestore.store").status(settings)}


def position(settings: Settings) -> dict[str, Any]:
    """Read what the store alone holds, changing nothing: `{"exists": bool, "busy": bool, "state": {...}}`, and perhaps more."""
    store = _module("duckdb.file").status(settings.local_db) if settings.sink == "duckdb" else None
    held: dict[str, Any] = store or _module("firestore.store").status(settings)
    return held


def costs(settings: Settings, since: datetime) -> list[dict[str, Any]]:
    """Return what each day's traces have cost since a midnight: `[{"day", "traces", "cost"}]`, days without traces left out.

    Raises BusyError where a pass holds the file, and any other SyncError where the rows cannot be read.
    """
    if settings.sink == "duckdb":
        found: list[dict[str, Any]] = _module("duckdb.costs").by_day(settings.local_db, since)
    else:
        found = _module("bigquery.costs").by_day(settings, since)
    return found


def place(settings: Settings) -> str:
    """Name the file or document that a person deletes to begin anew."""
    if settings.sink == "duckdb":
        return f"the file {settings.local_db}"
    return f"the document {settings.position} of {settings.firestore_collection} in Firestore"


def _module(name: str) -> ModuleType:
    """Import a module of `destinations`. A deployed function has no DuckDB, and importing Google's libraries takes a second.

    Raises ConfigError for DuckDB on Cloud Run, and for a library that is not installed.
    """
    if name.startswith("duckdb.") and os.environ.get("K_SERVICE"):
        raise ConfigError("SINK: duckdb cannot be used on Cloud Run, whose disk is memory and is lost; write bigquery")
    try:
        return importlib.import_module(f"langsmith_core.destinations.{name}")
    except ModuleNotFoundError as error:
        library = name.partition(".")[0]
        extra = "duckdb" if library == "duckdb" else "gcp"
        raise ConfigError(
            f"SINK: {library} is not installed; run pip install 'langsmith-sync[{extra}]', "
            "or in the repository pip install -r requirements.txt -r requirements-local.txt"
        ) from error
