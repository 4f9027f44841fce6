"""Requests to LangSmith and their answers as values: a call, its reply, and a page of records.

The engine makes calls and the client sends them; both know only these types.
Not here: which calls exist (streams), or sending one (langsmith/client).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from enum import Enum
from typing import Any, Protocol, TypeAlias, TypeVar

from msgspec import Struct


class Call(Struct, frozen=True):
    """One request to LangSmith: GET with a query, or POST with a JSON body.

    `tier` names the rate limit it counts against (langsmith/pacing has the table).
    """

    method: str
    path: str
    tier: str = "any"
    query: tuple[tuple[str, str], ...] = ()
    body: dict[str, Any] | None = None


class Only(Enum):
    """Which fields of a run or an example to ask for.

    ALL: every known field. NEEDED: the fields that columns are made of. LIGHT: those without the payloads.
    """

    ALL = "all"
    NEEDED = "needed"
    LIGHT = "light"

    @classmethod
    def of(cls, *, plain: bool) -> Only:
        """Return NEEDED if `plain`, because LangSmith refused the full list of fields; else ALL."""
        return cls.NEEDED if plain else cls.ALL


class Reply(Struct, frozen=True):
    """An answer's body, and `at`: the time of the request by LangSmith's clock.

    `seconds` passed from sending the request to the body's last byte. `gap`: the least seconds between two such requests, by the
    pace that the client keeps.
    """

    body: bytes
    at: datetime
    seconds: float = 0.0
    gap: float = 0.0


class RecordPage(Struct, frozen=True):
    """One page of records as strict JSON texts, in the order of the answer.

    `cursor` is the provider's cursor to the next page.
    `longer` says that the answer held more records than were asked for. The page leaves the rest out, and the cursor points
    behind them.
    """

    records: list[bytes]
    cursor: str | None = None
    longer: bool = False


INFO = Call("GET", "/api/v1/info")
CREDENTIALS = Call("GET", "/api/v1/sessions", query=(("limit", "1"), ("include_stats", "false")))
"""`/info` needs no key, so it proves nothing; one project is the cheapest answer that does."""
Answer = TypeVar("Answer")
Fetch: TypeAlias = Callable[[Call], Reply]
"""Sends a call, with all its retries. Raises SyncError."""


class Start(Protocol):
    """Begins a piece of work, such as one attempt at a request, and returns its result to come."""

    def __call__(self, work: Callable[[], Answer]) -> Future[Answer]:
        """Begin the work."""


class Source(Protocol):
    """The only way to reach LangSmith; tests replace it."""

    def begin(self, call: Call) -> Future[Reply]:
        """Begin the first attempt at a call. It may still run when this returns, and its error may be none of SyncError."""

    def fetch(self, call: Call, begun: Future[Reply] | None = None) -> Reply:
        """Send a call, with all its retries. Raises SyncError. `begun` is the first attempt, where it has begun already."""

    def begin_download(self, address: str, bytes_max: int) -> Future[bytes]:
        """Begin a download, with all its retries."""

    def download(self, address: str, bytes_max: int) -> bytes:
        """Download at most `bytes_max` bytes from an address that LangSmith has signed, without sending the API key.

        Raises StorageError if a later try may succeed, else another UpstreamError.
        """
