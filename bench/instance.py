"""Serve main.py for the measurement of several instances: rows go to a DuckDB file of each instance's own.

BigQuery's emulator runs one statement after another, so it would measure itself. The position, the shards and their shares are in
Firestore's emulator, as they are deployed. Whoever measures gives out the turns, as Cloud Tasks does.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import main
from langsmith_core.completeness.through import Through
from langsmith_core.destinations.duckdb import file
from langsmith_core.destinations.firestore import store
from langsmith_core.faces import destination
from langsmith_core.faces.sharded import Queue
from langsmith_core.faces.standalone import CountedSink, Store
from langsmith_core.settings.config import Settings
from langsmith_core.sync import shards
from langsmith_core.sync.batch import NEVER, Batch

WINDOWS = int(os.environ["BENCH_WINDOWS"])
"""Fewer than for a true past, so that each has as many runs as a turn is worth."""


class Committed(Through):
    """A DuckDB file that commits each batch by itself."""

    def __init__(self, opened: file.LocalFile) -> None:
        super().__init__(opened)
        self._file, self.rejected = opened, 0

    def write(self, batch: Batch, now: datetime = NEVER) -> None:
        """Write and commit a batch."""
        self._file.write(batch, now)
        self._file.save(batch.state)


class Nowhere:
    """A queue that keeps no task."""

    def add(self, name: str, task: bytes) -> None:
        """Do nothing."""


@contextmanager
def _sink(settings: Settings, seconds_left: Callable[[], float]) -> Iterator[CountedSink]:
    del seconds_left
    with file.opened(settings.local_db) as opened:
        yield Committed(opened)


@contextmanager
def _opened(settings: Settings, seconds_left: Callable[[], float]) -> Iterator[tuple[CountedSink, Store]]:
    with store.opened(settings) as held, _sink(settings, seconds_left) as sink:
        yield sink, held


@contextmanager
def _queue(settings: Settings) -> Iterator[Queue]:
    del settings
    yield Nowhere()


destination.sink, destination.opened, destination.queue = _sink, _opened, _queue
shards.count = lambda *_: WINDOWS
sync = main.sync
