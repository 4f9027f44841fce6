"""The documents of a backfill's shards: each is a head like the scheduled pass's own, with a lease, beside it.

Here: finding, making and removing them. Not here: a head's form (layout), its lease (lease), what a shard is (sync.shards).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from msgspec.structs import asdict

from langsmith_core.destinations.firestore import documents as requests
from langsmith_core.destinations.firestore import layout as layouts
from langsmith_core.destinations.firestore import store as stores
from langsmith_core.destinations.firestore.documents import ChangedError, Documents, Head
from langsmith_core.destinations.firestore.lease import following
from langsmith_core.destinations.firestore.store import BOUNDS, Bounds, FirestoreStore
from langsmith_core.settings.config import Settings
from langsmith_core.sync.shards import Standing
from langsmith_core.sync.state import State
from langsmith_core.sync.state_json import dump


class Shards:
    """The shards beside one position. A document is named by the position and the shard's id."""

    def __init__(self, documents: Documents, position: str, bounds: Bounds) -> None:
        self._own, self._prefix, self._bounds = documents, f"{position}-", bounds

    def standing(self) -> dict[str, Standing]:
        """Return where each existing shard stands, by its id. Reads every head once."""
        heads = self._own.heads_beside(self._prefix)
        return {name.removeprefix(self._prefix): _standing(head) for name, head in heads.items()}

    def state(self, shard: str) -> Any:
        """Return a shard's state, as plain values."""
        return stores.read(self._of(shard))["state"]

    def create(self, shard: str, state: State) -> None:
        """Make a shard's document with what lies under it, in one write. One that exists stays as it is."""
        own = self._of(shard)
        lease = following(None, "", self._bounds.lease_seconds, own.head().read)
        layout = layouts.laid_out(
            msgspec.json.decode(dump(state)), layouts.EMPTY, layouts.names(lease.token), self._bounds.document_characters
        )
        try:
            own.create({"layout": layouts.VERSION, "lease": asdict(lease), **layout.fields()}, layout.fresh)
        except ChangedError:
            return

    def remove(self, shard: str) -> None:
        """Remove a shard's document, and first what lies under it. A pass that holds it can write no more."""
        self._of(shard).remove_all()

    @contextmanager
    def opened(self, shard: str) -> Iterator[FirestoreStore | None]:
        """Hold a shard until the block ends; None where it does not exist. Raises BusyError where another pass holds it."""
        documents = self._of(shard)
        head = documents.head()
        if head.fields is None:
            yield None
            return
        with stores.holding(documents, self._bounds, head) as store:
            yield store

    def _of(self, shard: str) -> Documents:
        return self._own.beside(self._prefix + shard)


def _standing(head: Head) -> Standing:
    """Read where a shard stands. What lies under the head is not needed for it."""
    text = layouts.read(head.fields or {}).head
    state = msgspec.json.decode(text) if text else {}
    still = (head.read - head.written).total_seconds() if head.written else 0.0
    return Standing(state.get("turn", 0), "turn" in state and "backfill" not in state, still)


@contextmanager
def connected(settings: Settings, bounds: Bounds = BOUNDS) -> Iterator[Shards]:
    """Yield the shards of the settings' position, and close the connection when the block ends."""
    with requests.connected(settings) as documents:
        yield Shards(documents, settings.position, bounds)
