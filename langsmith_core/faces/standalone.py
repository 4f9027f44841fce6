"""What a face of its own store and sink must offer: a (cursor store, sink) pair, and the loop that drives it.

    rows = sink.write(batch)   (1) rows first
    store.save(state)          (2) then the position

A crash between the two repeats a page; upsert by primary key makes the repeat invisible. Why a pass failed is noted beside the
position that stands, for the status.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol

from msgspec.structs import replace

from langsmith_core.errors import SyncError, told
from langsmith_core.sync.batch import Batch
from langsmith_core.sync.state import Pass, State, Trouble

PASSES_KEPT = 5
_log = logging.getLogger(__name__)


class Sink(Protocol):
    """Where rows go. `rejected` counts those it could not take, which it keeps apart."""

    rejected: int

    def write(self, batch: Batch) -> None:
        """Upsert the batch's rows by primary key; an older `_synced_at` never replaces a newer one."""


class Store(Protocol):
    """Where the position stays between passes."""

    def load(self) -> Any:
        """The state last saved, as plain values; None before the first."""

    def save(self, state: State) -> None:
        """Keep the state. What was written before it is durable once this returns."""

    def drop(self) -> None:
        """Give up what was written since the last save, as far as it is not durable yet: the next save keeps none of it."""


class Driver:
    """One pass: every batch of the engine into a sink and a store. `state` is what was last saved."""

    def __init__(self, state: State, sink: Sink, store: Store, now: Callable[[], datetime]) -> None:
        self.state, self._sink, self._store, self._now = state, sink, store, now
        self.rows: Counter[str] = Counter()
        self.requests, self.bytes, self.has_more = 0, 0, False

    def run(self, batches: Iterator[Batch]) -> None:
        """Deliver every batch. Raises what the engine and the sink do, once it is noted for the status."""
        while (batch := self._next(batches)) is not None:
            with self._noting():
                self._sink.write(batch)
            self._saved(batch.state)
            self.rows.update(batch.counts())
            self.requests += batch.requests
            self.bytes += batch.size
            self.has_more = batch.has_more

    def ended(self, done: Pass) -> None:
        """Note what the pass has done."""
        self._saved(replace(self.state, passes=(*self.state.passes, done)[-PASSES_KEPT:], trouble=None))

    def _next(self, batches: Iterator[Batch]) -> Batch | None:
        with self._noting():
            return next(batches, None)

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """Note a failure of the block, and raise it. No save is in such a block: a store that failed may hold either state."""
        try:
            yield
        except Exception as error:
            self._noted(told(error))
            raise

    def _noted(self, failure: SyncError) -> None:
        """Keep why the pass failed, beside the position that stands: no row of the batch that failed comes with it."""
        try:
            self._store.drop()
            self._saved(replace(self.state, trouble=Trouble(self._now(), failure.status, str(failure))))
        except Exception as error:  # noqa: BLE001  the first failure is the one that is told, whatever comes of noting it
            _log.warning("the failure is not in the status, since it could not be saved: %s", type(error).__name__)

    def _saved(self, state: State) -> None:
        self._store.save(state)
        self.state = state
