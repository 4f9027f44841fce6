"""What a face of its own store and sink must offer: a (cursor store, sink) pair, and the loop that drives it.

    rows = sink.write(batch)   (1) rows first
    store.save(state)          (2) then the position

A crash between the two repeats a page; upsert by primary key makes the repeat invisible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Protocol

from langsmith_core.batch import Batch
from langsmith_core.state import State


class Sink(Protocol):
    """Where rows go."""

    def write(self, batch: Batch) -> None:
        """Upsert the batch's rows by primary key; an older `_synced_at` never replaces a newer one."""


class Store(Protocol):
    """Where the position stays between passes."""

    def load(self) -> Any:
        """The state last saved, as plain values; None before the first."""

    def save(self, state: State) -> None:
        """Keep the state. What was written before it is durable once this returns."""


def drive(batches: Iterable[Batch], sink: Sink, store: Store) -> dict[str, Any]:
    """Deliver every batch. Returns `{"hasMore": bool, "rows": {table: n}, "requests": n}`."""
    written: Counter[str] = Counter()
    requests, has_more = 0, False
    for batch in batches:
        sink.write(batch)
        store.save(batch.state)
        written.update(batch.counts())
        requests += batch.requests
        has_more = batch.has_more
    return {"hasMore": has_more, "rows": dict(written), "requests": requests}
