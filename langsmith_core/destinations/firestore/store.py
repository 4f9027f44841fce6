"""The standalone face's cursor store: one head document of Firestore for each host and workspace, and documents under it.

Here: loading and saving a state, and the status. The documents (firestore_layout), the lease (firestore_lease), the requests
(firestore_documents) and what failures mean (firestore_errors) have files of their own; docs/firestore.md tells the whole. google
is imported by these only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from msgspec import Struct

from langsmith_core.destinations.firestore import layout as layouts
from langsmith_core.destinations.firestore import lease as leases
from langsmith_core.destinations.firestore.documents import Documents, connected
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
        """The state last saved, as plain values; None before the first. What a dead save left behind is deleted.

        Raises StateError where somebody else has changed the documents.
        """
        texts = self._documents.all_texts()
        named = self._layout.documents()
        # Only what earlier owners wrote: should this pass have been overtaken, the new owner's documents are not its to judge.
        stale = [name for name in texts if name not in named and layouts.is_older(name, self._held.token)]
        for i in range(0, len(stale), layouts.COMMIT_WRITES):
            self._documents.remove(stale[i : i + layouts.COMMIT_WRITES])
        return layouts.assembled(self._layout, texts)

    def save(self, state: State) -> None:
        """Keep the state, in one step. A state larger than a request has its documents written first, and then the head.

        Raises BusyError where another pass has taken over: then nothing of this state is kept.
        """
        plain = msgspec.json.decode(dump(state))
        layout = layouts.laid_out(plain, self._layout, self._names, self._bounds.document_characters)
        *early, last = layouts.commits(layout.fresh, self._bounds.commit_bytes)
        for texts in early:
            self._documents.put(texts)
        # What one request cannot delete stays until the next pass loads.
        gone = sorted(self._layout.documents() - layout.documents())[: layouts.COMMIT_WRITES]
        self._held.write(layout.fields(), last, gone)
        self._layout = layout

    def drop(self) -> None:
        """Nothing: rows are not written here."""


@contextmanager
def opened(settings: Settings, bounds: Bounds = BOUNDS) -> Iterator[FirestoreStore]:
    """The store, held by this pass alone until the block ends.

    Raises BusyError where another pass holds it, ConfigError where Firestore cannot be used as it is set up, StateError where
    the documents are not this program's.
    """
    with connected(settings) as documents:
        held, layout = leases.acquired(documents, bounds.lease_seconds)
        held.keep()
        try:
            yield FirestoreStore(documents, held, layout, bounds)
        finally:
            held.release()


def status(settings: Settings) -> dict[str, Any]:
    """What is saved, by reading only: `{"exists": bool, "busy": bool, "state": {...} | None}`. Also while a pass is at work.

    Raises ConfigError and StateError as `opened` does.
    """
    with connected(settings) as documents:
        return _status(documents)


def _status(documents: Documents) -> dict[str, Any]:
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
            raise StateError(f"state: documents are missing in Firestore, under {documents.place}. {REMEDY}")
        before = head.written  # a save came between: its head names the documents that are there
    raise SyncError(f"Firestore, {documents.place}: saved more often than it can be read; ask again", 503)
