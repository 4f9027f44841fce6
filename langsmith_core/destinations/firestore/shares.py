"""Shares of LangSmith's limits in Firestore: one document for each host and workspace holds what is granted to whom.

Here: asking once a minute, by compare and set, and using no more than was granted. Not here: who gets what (langsmith.shares), or
keeping its pace (langsmith.pacing).

Ends are times of the server's clock. A holder counts its own from before it asked, so it ends early and never late. It uses what
is granted only once that is written. So it may die anywhere.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import msgspec

from langsmith_core.destinations.firestore.documents import ChangedError, Documents, Head, connected
from langsmith_core.errors import StateError, SyncError
from langsmith_core.langsmith.shares import LIFE, RENEWED, WHOLE, Grant, granted, released
from langsmith_core.prepared import prepared
from langsmith_core.settings.config import Settings

VERSION = 1
AGAIN_SECONDS = 5.0
"""How soon a holder without a part asks again, and one whose asking failed."""
TRIES = 5
_log = logging.getLogger(__name__)
_GRANTS = prepared(list[Grant])
_process = secrets.token_hex(8)


class Share:
    """The part of the limits that is this process's own. Threads share it.

    `now` reads the server's clock from a head: the time of its reading.
    """

    def __init__(
        self,
        documents: Documents,
        holder: str,
        *,
        looks: bool,
        instances: int,
        ticks: Callable[[], float] = time.monotonic,
        now: Callable[[Head], datetime] | None = None,
    ) -> None:
        self._documents, self._holder, self._looks, self._instances = documents, holder, looks, instances
        self._ticks, self._now, self._lock = ticks, now or _read_at, threading.Lock()
        self._part, self._until, self._asks_at = 0, 0.0, 0.0

    def part(self) -> float:
        """Return the part of every limit that may be used now; 0.0: none. Asks for the next one where it is time."""
        with self._lock:
            if self._ticks() >= self._asks_at:
                self._ask()
            return self._part / WHOLE if self._ticks() < self._until else 0.0

    def release(self) -> None:
        """Use nothing from now on, and say so. Where that fails, what was granted ends by itself."""
        with self._lock:
            self._until, self._asks_at = 0.0, float("inf")
            try:
                head = self._documents.head()
                self._write(head, released(_read(head), self._holder, self._now(head)))
            except (ChangedError, SyncError) as error:
                _log.info("the share of LangSmith's limits could not be released; it ends by itself: %s", error)

    def _ask(self) -> None:
        """Ask for a part. Where that fails, the part there is stays until its end."""
        self._asks_at = self._ticks() + AGAIN_SECONDS
        try:
            for _ in range(TRIES):
                if self._asked():
                    return
        except SyncError as error:
            _log.warning("the share of LangSmith's limits could not be renewed; it is tried again: %s", error)

    def _asked(self) -> bool:
        """Ask once. False: somebody else wrote meanwhile, or an answer was lost."""
        asked_at, head = self._ticks(), self._documents.head()
        own, grants = granted(_read(head), self._holder, self._now(head), looks=self._looks, instances=self._instances)
        try:
            self._write(head, grants)
        except ChangedError:
            return False
        self._part, self._until = own.part, asked_at + LIFE.total_seconds()
        self._asks_at = asked_at + RENEWED.total_seconds() if own.part else self._asks_at
        return True

    def _write(self, head: Head, grants: list[Grant]) -> None:
        serial = 1 + (head.fields or {}).get("serial", 0)  # a write that changes nothing would keep the document's time
        fields = {"layout": VERSION, "serial": serial, "grants": msgspec.json.encode(grants).decode()}
        if head.written is None:
            self._documents.create(fields)
        else:
            self._documents.switch(fields, head.written)


def _read_at(head: Head) -> datetime:
    """Return the server's time, without Firestore's nanoseconds, which JSON does not take."""
    return datetime.fromtimestamp(head.read.timestamp(), UTC)


def _read(head: Head) -> list[Grant]:
    """Return the grants of a document; none where it does not exist. Raises StateError for one that is not ours."""
    if head.fields is None:
        return []
    try:
        if head.fields.get("layout") != VERSION:
            raise StateError("state: the shares in Firestore are of another layout; stop all passes, then delete that document")
        return msgspec.json.decode(head.fields["grants"], type=_GRANTS)
    except (KeyError, TypeError, msgspec.DecodeError) as error:
        raise StateError(
            f"state: the shares in Firestore are not as this program writes them ({type(error).__name__}); "
            "stop all passes, then delete that document"
        ) from error


@contextmanager
def opened(settings: Settings, *, looks: bool) -> Iterator[Callable[[], float]]:
    """Share the limits of the settings' workspace until the block ends. Yields what gives this process's part.

    What was granted to a shard stays granted, since the next turn of this process goes on with it. A scheduled pass, whose next
    one is minutes away, gives its part back to the shards.
    """
    holder = f"{os.getpid()}-{_process}-{'looks' if looks else 'shards'}"
    with connected(settings, f"{settings.source}-shares") as documents:
        share = Share(documents, holder, looks=looks, instances=settings.shards)
        try:
            yield share.part
        finally:
            if looks:
                share.release()
