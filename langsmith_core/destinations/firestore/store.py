"""The Firestore store: one head document for each host and workspace, and documents under it, hold the position.

Here: loading and saving a state, and the status. Not here: the documents' form (layout), the lease (lease), the requests
(documents), what failures mean (errors). docs/firestore.md explains the whole. Only this package and bigquery import Google's
libraries.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from msgspec import Struct

from langsmith_core.destinations.firestore import layout as layouts
from langsmith_core.destinations.firestore import lease as leases
from langsmith_core.destinations.firestore.documents import Documents, Head, connected
from langsmith_core.destinations.firestore.layout import Layout
from langsmith_core.destinations.firestore.lease import Held
from langsmith_core.errors import StateError, SyncError
from langsmith_core.settings.config import Settings
from langsmith_core.sync.state import State
from langsmith_core.sync.state_json import REMEDY, dump

READS_MAX = 10


class Bounds(Struct, frozen=True):
    """How long a lease lives, and how large requests and documents are."""

    lease_seconds: float = leases.SECONDS
    commit_bytes: int = layouts.COMMIT_BYTES
    document_characters: int = layouts.DOCUMENT_CHARACTERS


BOUNDS = Bounds()


class FirestoreStore:
    """The position of one host and workspace, held by this pass."""

    def __init__(self, documents: Documents, held: Held, layout: Layout, bounds: Bounds) -> None:
        self._documents, self._held, self._layout, self._bounds = documents, held, layout, bounds
        self._names = layouts.names(held.token)

    def load(self) -> Any:
        """Return the state last saved, as plain values; None before the first save. Deletes documents that a dead save left.

        Raises StateError where somebody else has changed the documents.
        """
        texts = self._documents.all_texts()
        named = self._layout.documents()
        # Delete only what earlier owners wrote: if this pass was overtaken, the new owner's documents must stay.
        stale = [name for name in texts if name not in named and layouts.is_older(name, self._held.token)]
        for i in range(0, len(stale), layouts.COMMIT_WRITES):
            self._documents.remove(stale[i : i + layouts.COMMIT_WRITES])
        return layouts.assembled(self._layout, texts)

    def save(self, state: State) -> None:
        """Save the state in one step. A state larger than a request has its documents written first, and then the head.

        Raises BusyError where another pass has taken over; then nothing of this state is saved.
        """
        plain = msgspec.json.decode(dump(state))
        layout = layouts.laid_out(plain, self._layout, self._names, self._bounds.document_characters)
        *early, last = layouts.commits(layout.fresh, self._bounds.commit_bytes)
        for texts in early:
            self._documents.put(texts)
        # Documents past what one request can delete stay until the next pass loads.
        gone = sorted(self._layout.documents() - layout.documents())[: layouts.COMMIT_WRITES]
        self._held.write(layout.fields(), last, gone)
        self._layout = layout

    def drop(self) -> None:
        """Do nothing, because this store writes no rows."""


@contextmanager
def opened(settings: Settings, bounds: Bounds = BOUNDS) -> Iterator[FirestoreStore]:
    """Open the store, and hold it alone until the block ends.

    Raises BusyError where another pass holds it, ConfigError where Firestore is not set up, StateError where the documents are
    not this program's.
    """
    with connected(settings) as documents, holding(documents, bounds) as store:
        yield store


@contextmanager
def holding(documents: Documents, bounds: Bounds, head: Head | None = None) -> Iterator[FirestoreStore]:
    """Hold a head until the block ends; one that was read before only as it was. Raises BusyError as `opened` does."""
    held, layout = leases.acquired(documents, bounds.lease_seconds, head)
    held.keep()
    try:
        yield FirestoreStore(documents, held, layout, bounds)
    finally:
        held.release()


def status(settings: Settings) -> dict[str, Any]:
    """Return what is saved, by reading only, also while a pass runs: `{"exists": bool, "busy": bool, "state": {...} | None}`.

    Raises ConfigError and StateError as `opened` does.
    """
    with connected(settings) as documents:
        return read(documents)


def read(documents: Documents) -> dict[str, Any]:
    """Return what is saved under a head, as `status` does."""
    before = None
    for _ in range(READS_MAX):
        head = documents.head()
        if head.fields is None:
            return {"exists": False, "busy": False, "state": None}
        layout = layouts.read(head.fields)
        texts = documents.texts(layout.documents())
        if texts.keys() == layout.documents():
            busy = leases.seconds_left(leases.lease_of(head), head) > 0
            return {"exists": True, "busy": busy, "state": layouts.assembled(layout, texts)}
        if head.written == before:
            raise StateError(f"state: documents are missing in Firestore, under {documents.place}; {REMEDY}")
        before = head.written  # a save came between; read its head, which names the documents that exist now
    raise SyncError(f"Firestore, {documents.place}: saved more often than it can be read; ask again", 503)
