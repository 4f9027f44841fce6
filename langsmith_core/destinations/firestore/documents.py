"""Requests to Firestore: one head document, compared and set, and documents of text under it.

Here: every request, each with its retry. Not here: what the documents mean (layout), who may write them (lease), what failures
mean (errors).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from google.api_core import exceptions
from google.auth import exceptions as auth
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter
from msgspec import Struct

from langsmith_core.destinations.firestore.errors import ATTEMPT_SECONDS, RETRY_SECONDS, attempted, explanation
from langsmith_core.destinations.firestore.layout import COMMIT_WRITES, Fields
from langsmith_core.errors import ConfigError
from langsmith_core.settings.config import Settings

T = TypeVar("T")
PARTS = "parts"
ONCE: dict[str, Any] = {"retry": None, "timeout": ATTEMPT_SECONDS}
"""The library's own retries are off. Only `attempted` retries, so that the time is known."""


class ChangedError(Exception):
    """The head is not as it was read. Somebody wrote it, or our own earlier write succeeded and its answer was lost."""


class Head(Struct, frozen=True):
    """The head document as it was read. `fields` is None where it is missing.

    `written` is when it was last changed, `read` when it was read, both by the server's clock.
    """

    fields: Fields | None
    written: datetime | None
    read: datetime


class Documents:
    """The documents of one host and workspace. `place` names them in messages."""

    def __init__(self, client: firestore.Client, collection: str, source: str) -> None:
        self.place = f"{client.project}/{collection}/{source}"
        self._client, self._collection, self._seconds = client, client.collection(collection), RETRY_SECONDS
        self._head = self._collection.document(source)
        self._parts = self._head.collection(PARTS)

    def head(self) -> Head:
        """Return the head document."""
        found = self._attempt(lambda: self._head.get(**ONCE))
        return Head(found.to_dict(), found.update_time, found.read_time)

    def beside(self, name: str) -> Documents:
        """Return the documents of another head of the same collection."""
        return Documents(self._client, self._collection.id, name)

    def heads_beside(self, prefix: str) -> dict[str, Head]:
        """Return the heads of the collection whose names begin so, by name, as of one moment."""
        first, behind = (FieldFilter("__name__", op, self._collection.document(end)) for op, end in _span(prefix))
        query = self._collection.where(filter=first).where(filter=behind)
        found = self._attempt(lambda: list(query.stream(**ONCE)))
        return {one.id: Head(one.to_dict(), one.update_time, one.read_time) for one in found}

    def create(self, fields: Fields, put: Mapping[str, str] | None = None) -> datetime:
        """Create the head, put documents under it, all or nothing; return when, by the server's clock.

        Raises ChangedError where it exists.
        """
        batch = self._client.batch()
        self._put(batch, put or {})
        batch.create(self._head, fields)
        return self._switched(batch)

    def switch(
        self,
        changes: Fields,
        written: datetime,
        put: Mapping[str, str] | None = None,
        remove: Iterable[str] = (),
        seconds: float | None = None,
    ) -> datetime:
        """Change fields of the head, put and remove documents, all or nothing, if the head was last changed at `written`.

        Retries for `seconds`. Returns when it was done, by the server's clock. Raises ChangedError where the head was changed
        meanwhile, or is gone.
        """
        batch = self._client.batch()
        self._put(batch, put or {})
        for name in remove:
            batch.delete(self._parts.document(name))
        batch.update(self._head, changes, option=self._client.write_option(last_update_time=written))
        return self._switched(batch, seconds)

    def put(self, texts: Mapping[str, str]) -> None:
        """Write documents that no head names yet, all or nothing."""
        batch = self._client.batch()
        self._put(batch, texts)
        self._attempt(lambda: batch.commit(**ONCE))

    def remove(self, names: Iterable[str]) -> None:
        """Delete documents. A missing one is no failure."""
        batch = self._client.batch()
        for name in names:
            batch.delete(self._parts.document(name))
        self._attempt(lambda: batch.commit(**ONCE))

    def remove_all(self) -> None:
        """Delete the documents under the head, and then the head. A missing one is no failure."""
        names = list(self.all_texts())
        for i in range(0, len(names), COMMIT_WRITES):
            self.remove(names[i : i + COMMIT_WRITES])
        self._attempt(lambda: self._head.delete(**ONCE))

    def texts(self, names: Iterable[str]) -> dict[str, str]:
        """Return those documents of these names that exist."""
        references = [self._parts.document(name) for name in names]
        if not references:
            return {}
        found = self._attempt(lambda: list(self._client.get_all(references, **ONCE)))
        return {one.id: one.get("text") for one in found if one.exists}

    def all_texts(self) -> dict[str, str]:
        """Return all documents under the head, as of one moment."""
        found = self._attempt(lambda: list(self._parts.stream(**ONCE)))
        return {one.id: one.get("text") for one in found}

    def _put(self, batch: firestore.WriteBatch, texts: Mapping[str, str]) -> None:
        for name, text in texts.items():
            batch.set(self._parts.document(name), {"text": text})

    def _switched(self, batch: firestore.WriteBatch, seconds: float | None = None) -> datetime:
        def commit() -> datetime:
            try:
                written: datetime = batch.commit(**ONCE)[-1].update_time
            except (exceptions.FailedPrecondition, exceptions.AlreadyExists, exceptions.NotFound) as error:
                raise ChangedError(type(error).__name__) from error
            return written

        return self._attempt(commit, seconds)

    def _attempt(self, work: Callable[[], T], seconds: float | None = None) -> T:
        return attempted(work, self.place, seconds or self._seconds)


def _span(prefix: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the bounds of all names that begin so, as operators and names. The prefix does not end with the last character."""
    return (">=", prefix), ("<", prefix[:-1] + chr(ord(prefix[-1]) + 1))


@contextmanager
def connected(settings: Settings, name: str = "") -> Iterator[Documents]:
    """Yield the documents of the settings' position, or of another `name`. Close the connection when the block ends.

    The library itself reads FIRESTORE_EMULATOR_HOST. Raises ConfigError where Google's project or credentials are missing.
    """
    place = f"{settings.google_project or 'no project'}/{settings.firestore_collection}"
    try:
        client = firestore.Client(project=settings.google_project, database=settings.firestore_database)
    except auth.GoogleAuthError as error:
        raise explanation(error, place) from error
    except OSError as error:
        raise ConfigError("GOOGLE_CLOUD_PROJECT: missing, and these credentials name none; set it to the project's id") from error
    try:
        yield Documents(client, settings.firestore_collection, name or settings.position)
    finally:
        client._firestore_api.transport.close()  # noqa: SLF001  the library has no public way to close a client
