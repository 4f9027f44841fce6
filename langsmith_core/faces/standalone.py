"""Run a standalone pass: write every batch to a sink, then save its state to a store.

    sink.write(batch)   (1) rows first
    store.save(state)   (2) then the position

A thread does both while the engine reads the next batch, so two batches are in memory at most. It delivers one after the other.

A crash between the two repeats a page. The sink upserts by primary key, which hides the repeat. When a pass fails, the reason is
saved beside the last good position, for the status.

Here: the protocols of a sink and a store, and the loop. Not here: sinks and stores (destinations), choosing them (destination).
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from datetime import datetime
from typing import Any, Protocol

from msgspec.structs import replace

from langsmith_core.completeness.values import Destination
from langsmith_core.errors import SyncError, user_safe
from langsmith_core.masking import fit
from langsmith_core.sync.batch import NEVER, Batch
from langsmith_core.sync.state import Pass, Running, State, Trouble
from langsmith_core.sync.state_json import UNBOUND

PASSES_KEPT = 5
MESSAGE_MAX = 1_000
"""Characters of a failure's message that the state keeps: a message may repeat long text of another service."""
_log = logging.getLogger(__name__)


class Sink(Protocol):
    """Where rows go. `rejected` counts the rows that it could not take and stored apart."""

    rejected: int

    def write(self, batch: Batch, now: datetime = NEVER) -> None:
        """Upsert the batch's rows by primary key. An older `_synced_at` never replaces a newer one.

        `now` is LangSmith's time. A stored row whose `_synced_at` lies past it was written by a clock that ran ahead, so it is
        replaced.
        """


class CountedSink(Sink, Destination, Protocol):
    """A sink whose rows can be counted."""


class Store(Protocol):
    """Where the position is kept between passes."""

    def load(self) -> Any:
        """Return the state last saved, as plain values; None before the first save."""

    def save(self, state: State) -> None:
        """Save the state. Rows written before it are durable once this returns."""

    def drop(self) -> None:
        """Discard rows written since the last save that are not durable yet, so that the next save commits none of them."""


class Driver:
    """One pass: it writes every batch of the engine to a sink, and its state to a store. `state` is what was last saved."""

    def __init__(self, state: State, sink: Sink, store: Store, now: Callable[[], datetime]) -> None:
        self.state, self._sink, self._store, self._now = state, sink, store, now
        self.rows: Counter[str] = Counter()
        self.requests, self.bytes, self.has_more = 0, 0, False
        self._begun = now()

    def run(self, batches: Iterator[Batch]) -> None:
        """Deliver every batch while the next is read. Saves why the engine or the sink failed, and then raises that error.

        Sink and store are used by the delivering thread alone, and by this one when it has nothing to do.
        """
        with ThreadPoolExecutor(1, "delivery") as thread:
            delivery = _nothing()
            while (batch := self._next(batches, delivery)) is not None:
                delivery = thread.submit(copy_context().run, self._deliver, batch, self._now())

    def settle(self, state: State) -> None:
        """Save a state that no batch led to: a check has moved on."""
        self._save(state)

    def ended(self, done: Pass) -> None:
        """Save what the pass has done, for the status, and clear an earlier failure. A shard's turn is over with it."""
        turn = None if self.state.turn is None else self.state.turn + 1
        self._save(replace(self.state, passes=(*self.state.passes, done)[-PASSES_KEPT:], trouble=None, running=None, turn=turn))

    def _next(self, batches: Iterator[Batch], delivery: Future[None]) -> Batch | None:
        """Read a batch, and wait for the delivery of the one before it, also where reading fails.

        Where both fail, the delivery's error is raised: it is the earlier one. The batch is then dropped.
        """
        try:
            batch = next(batches, None)
        except Exception:
            delivery.result()
            with self._noting_failures(self._now()):
                raise
        delivery.result()
        return batch

    def _deliver(self, batch: Batch, now: datetime) -> None:
        """Write a batch and save its state. `now` is LangSmith's time when writing begins; the clock is with the reader."""
        with self._noting_failures(now):
            self._sink.write(batch, now)
        self._save(replace(batch.state, running=self._running(batch, now)))
        self.rows.update(batch.counts())
        self.requests += batch.requests
        self.bytes += batch.size
        self.has_more = batch.has_more

    def _running(self, batch: Batch, now: datetime) -> Running:
        """Return what this pass has delivered with the batch, for the status."""
        return Running(self._begun, now, dict(self.rows + Counter(batch.counts())), self.requests + batch.requests)

    @contextmanager
    def _noting_failures(self, now: datetime) -> Iterator[None]:
        """Save why the block failed, and raise the error. The block never saves: a store that failed may hold either state."""
        try:
            yield
        except Exception as error:
            self._note(user_safe(error), now)
            raise

    def _note(self, failure: SyncError, now: datetime) -> None:
        """Save why the pass failed, beside the last good position, and without any row of the failed batch."""
        try:
            self._store.drop()
            trouble = Trouble(now, failure.status, fit(str(failure), MESSAGE_MAX))
            self._save(replace(_unbound(self.state), trouble=trouble, running=None))
        except Exception as error:  # noqa: BLE001  the caller gets the first failure, whether or not it could be saved
            _log.warning("the status could not save this failure; look for it in the log: %s", type(error).__name__)

    def _save(self, state: State) -> None:
        self._store.save(state)
        self.state = state


def _nothing() -> Future[None]:
    """Return a delivery that is done."""
    done: Future[None] = Future()
    done.set_result(None)
    return done


def _unbound(state: State) -> State:
    """Unbind a state in which nothing was ever read from its host and workspace: they may have been misspelt."""
    nothing = state == State(source=state.source, trouble=state.trouble, running=state.running)
    return replace(state, source=UNBOUND) if nothing else state
