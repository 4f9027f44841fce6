"""The lease: one pass at a time may write the head document, and a pass that was overtaken can no longer write it.

Here: when a lease is alive; taking, renewing and returning it; writing under it. Not here: what is written (layout).

A lease is a field of the head. Every write of the head is compared with the time of the last one (compare and set). So a save and
the proof that the lease still holds are one step: that is the fence. A lease lives for `seconds` after the head's last change,
both times by the server's clock. A write must change the document, or the server keeps the old time: so each carries a `serial`.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterable, Mapping
from contextvars import copy_context
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct
from msgspec.structs import asdict, replace

from langsmith_core.destinations.firestore import layout as layouts
from langsmith_core.destinations.firestore.documents import ChangedError, Documents, Head
from langsmith_core.destinations.firestore.layout import Fields
from langsmith_core.errors import BusyError, StateError, SyncError
from langsmith_core.prepared import prepared
from langsmith_core.sync.state_json import REMEDY

SECONDS = 120.0
"""A lease outlives its last renewal by this; a dead pass costs the next one so much. Renewals come every third of it, each
retried for as long, so two may fail entirely.
"""
RELEASE_SECONDS = 10.0
"""How long giving back is tried. A lease that is not given back expires."""
TRIES = 5
_log = logging.getLogger(__name__)


class Lease(Struct, frozen=True):
    """Who holds the head. `owner` is empty when nobody does; `token` grows with every owner, `serial` with every write of one."""

    owner: str
    token: int
    seconds: float
    serial: int = 0


_LEASE = prepared(Lease)


def lease_of(head: Head) -> Lease | None:
    """Return the lease in a head; None where there is no head. Raises StateError for one that this program did not write."""
    if head.fields is None:
        return None
    try:
        return msgspec.convert(head.fields.get("lease"), _LEASE, strict=False)
    except msgspec.ValidationError as error:
        raise StateError(f"state: the document in Firestore has no lease as this program writes it; {REMEDY}") from error


def seconds_left(lease: Lease | None, head: Head) -> float:
    """Return how long others must still wait, by the server's clock; 0 where the lease is free."""
    if lease is None or not lease.owner or head.written is None:
        return 0.0
    return max(0.0, (head.written + timedelta(seconds=lease.seconds) - head.read).total_seconds())


def following(before: Lease | None, owner: str, seconds: float, now: datetime) -> Lease:
    """Return the next owner's lease. The first token is the server's time in milliseconds, so it grows even after the head was
    deleted.
    """
    return Lease(owner, before.token + 1 if before else int(now.timestamp() * 1000), seconds)


class Held:
    """The head, held by this pass. Renewals and saves share one lock, so neither makes the other fail."""

    def __init__(self, documents: Documents, lease: Lease, written: datetime) -> None:
        self._documents, self._lease, self._written = documents, lease, written
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._failure: SyncError | None = None
        here = copy_context()  # so that its log lines carry the call's fields
        self._thread = threading.Thread(target=here.run, args=(self._renewing,), name="firestore-lease", daemon=True)

    @property
    def token(self) -> int:
        """The fencing token."""
        return self._lease.token

    def keep(self) -> None:
        """Renew from now on, until released."""
        self._thread.start()

    def write(self, fields: Fields, put: Mapping[str, str], remove: Iterable[str]) -> None:
        """Change the head and documents under it, all or nothing. This renews the lease, too.

        Raises BusyError where another pass has taken over, now and at later writes; SyncError where it is unknown whether this
        write succeeded. After either this pass can write no more.
        """
        with self._lock:
            if self._failure:
                raise self._failure
            try:
                self._write(fields, None, put, remove)
            except SyncError as error:
                self._failure = error
                raise

    def release(self) -> None:
        """Give the lease back, and stop renewing. A failure is logged, since the lease expires by itself."""
        self._ended.set()
        with self._lock:
            self._freed()
        self._thread.join()

    def _freed(self) -> None:
        if isinstance(self._failure, BusyError):
            return
        self._lease = replace(self._lease, owner="")
        try:
            self._write({}, RELEASE_SECONDS)
        except SyncError as error:
            _log.warning("the lease could not be released and expires in %s seconds: %s", self._lease.seconds, error)

    def _renewing(self) -> None:
        seconds = self._lease.seconds / 3
        while not self._ended.wait(seconds):
            with self._lock:
                if self._ended.is_set() or self._failure:
                    return
                self._renew(seconds)

    def _renew(self, seconds: float) -> None:
        try:
            self._write({}, seconds)
        except BusyError as error:
            _log.warning("%s", error)
            self._failure = error
        except SyncError as error:
            _log.warning("the lease could not be renewed; it is tried again: %s", error)

    def _write(
        self, fields: Fields, seconds: float | None, put: Mapping[str, str] | None = None, remove: Iterable[str] = ()
    ) -> None:
        self._lease = replace(self._lease, serial=self._lease.serial + 1)
        changes = {**fields, "lease": asdict(self._lease)}
        for _ in range(TRIES):
            try:
                self._written = self._documents.switch(changes, self._written, put, remove, seconds)
            except ChangedError:
                self._written = self._still_ours()
            else:
                return
        place = self._documents.place
        raise SyncError(f"Firestore, {place}: somebody else changes the head document; let nobody else write it", 503)

    def _still_ours(self) -> datetime:
        """Return when this owner last changed the head: by a write whose answer was lost. The same write is then made again.

        Raises BusyError where the head is another's.
        """
        head = self._documents.head()
        found = lease_of(head)
        if found is None or head.written is None or found.token != self._lease.token:
            raise _overtaken(self._documents.place)
        return head.written


def acquired(documents: Documents, seconds: float, head: Head | None = None) -> tuple[Held, layouts.Layout]:
    """Take the head, or as it was a `head` read before; return it with what it holds. Raises BusyError where another has it."""
    head = head or documents.head()
    before = lease_of(head)
    layout = layouts.EMPTY if head.fields is None else layouts.read(head.fields)
    left = seconds_left(before, head)
    if left:
        raise _busy(documents.place, left)
    lease = following(before, secrets.token_hex(8), seconds, head.read)
    try:
        written = _taken(documents, head, lease)
    except ChangedError as error:
        head = documents.head()
        if lease_of(head) != lease or head.written is None:
            raise _busy(documents.place, seconds) from error
        written = head.written  # our own write succeeded, and its answer was lost
    return Held(documents, lease, written), layout


def _taken(documents: Documents, head: Head, lease: Lease) -> datetime:
    if head.written is None:
        return documents.create({"layout": layouts.VERSION, "lease": asdict(lease), **layouts.EMPTY.fields()})
    return documents.switch({"lease": asdict(lease)}, head.written)


def _busy(place: str, seconds: float) -> BusyError:
    return BusyError(
        f"STATE_STORE: another pass holds the lease of {place}; wait for it; if it has died, the lease is free in "
        f"{seconds:.0f} seconds"
    )


def _overtaken(place: str) -> BusyError:
    return BusyError(
        f"STATE_STORE: another pass took over the lease of {place} while this one stood still; if it repeats, give more memory"
    )
