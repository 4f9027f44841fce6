"""What a call has done so far, for its one line in the log: told whether it ends well or not.

Here: counting up, and the line's figures. Not here: the line's form (adapters.logs), when there is one (main).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from langsmith_core.sync.state import Pass


class Client(Protocol):
    """Who asks LangSmith: requests sent, and how many of them were second and later attempts."""

    sent: int
    retries: int


class Sink(Protocol):
    """Where rows go: how many it could not take."""

    rejected: int


class Account:
    """One call from its beginning. `client`, `sink` and `rows` (delivered, by table) are filled in when there are some."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now, self._begun = now, now()
        self.client: Client | None = None
        self.sink: Sink | None = None
        self.rows: Mapping[str, int] = {}

    def closed(self, *, has_more: bool) -> Pass:
        """What was done until now."""
        ended = self._now()
        sent, retries = (self.client.sent, self.client.retries) if self.client else (0, 0)
        rejected = self.sink.rejected if self.sink else 0
        seconds = round((ended - self._begun).total_seconds(), 3)
        return Pass(ended, seconds, dict(self.rows), sent - retries, retries, rejected, has_more)

    def figures(self) -> dict[str, Any]:
        """The same as fields of a line."""
        return figures(self.closed(has_more=False))


def figures(done: Pass) -> dict[str, Any]:
    """Counts of a pass as fields of a line."""
    counts = {name: getattr(done, name) for name in ("rows", "rejected", "requests", "retries", "seconds")}
    return {"rows_total": sum(done.rows.values()), **counts}
