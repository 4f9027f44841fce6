"""The vocabulary between the engine and the way out: a call and its reply.

Values and protocols only. Not here: which calls there are (streams), or sending one (langsmith.client).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from msgspec import Struct


class Call(Struct, frozen=True):
    """One request: GET with a query, or POST with a body. `tier` names its rate limit (pacing has the table)."""

    method: str
    path: str
    tier: str = "any"
    query: tuple[tuple[str, str], ...] = ()
    body: dict[str, Any] | None = None


class Reply(Struct, frozen=True):
    """An answer's body, and when the request was made by LangSmith's clock."""

    body: bytes
    at: datetime


Fetch: TypeAlias = Callable[[Call], Reply]
"""Send a call, with all its retries. Raises SyncError."""


class Source(Protocol):
    """The one way out."""

    def fetch(self, call: Call) -> Reply:
        """Send a call, with all its retries. Raises SyncError."""

    def download(self, address: str, bytes_max: int) -> bytes:
        """What an address that LangSmith has signed leads to, asked without our key. Raises UpstreamError.

        StorageError where it may be had later.
        """


INFO = Call("GET", "/api/v1/info")
CREDENTIALS = Call("GET", "/api/v1/sessions", query=(("limit", "1"), ("include_stats", "false")))
"""`/info` needs no key, so it proves nothing; one project is the cheapest answer that does."""
