"""The vocabulary between the engine and the way out: a call, its reply, a page of records.

Values and protocols only. Not here: which calls there are (endpoints, run_queries), or sending one (adapters.langsmith).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import Any, Protocol, TypeAlias

from msgspec import Struct


class Call(Struct, frozen=True):
    """One request: GET with a query, or POST with a body. `tier` names its rate limit (pacing has the table)."""

    method: str
    path: str
    tier: str = "any"
    query: tuple[tuple[str, str], ...] = ()
    body: dict[str, Any] | None = None


class Only(Enum):
    """Which fields of a run or an example are asked for: all that are known, those that columns are made of, those without
    payloads.
    """

    ALL = "all"
    NEEDED = "needed"
    LIGHT = "light"

    @classmethod
    def of(cls, *, plain: bool) -> Only:
        """All, or where LangSmith refuses that, those that columns are made of."""
        return cls.NEEDED if plain else cls.ALL


class Reply(Struct, frozen=True):
    """An answer's body, and when the request was made by LangSmith's clock."""

    body: bytes
    at: datetime


class Page(Struct, frozen=True):
    """Records as strict JSON texts, in the order they came, and the provider's cursor to the next page.

    `longer`: the answer had more records than were asked for. They are not among these, and the cursor points behind them.
    """

    records: list[bytes]
    cursor: str | None = None
    longer: bool = False


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
