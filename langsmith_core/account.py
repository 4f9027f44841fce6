"""What a call has done so far, for its one line in the log: told whether it ends well or not.

Here: counting up, and the line's figures. Not here: the line's form (adapters.logs), when there is one (main).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec
from msgspec import UNSET

from langsmith_core.remarks import Remarks
from langsmith_core.state import Matched, Pass


class SourceClock(Protocol):
    """A clock that is `offset` ahead of this machine's."""

    offset: timedelta


class Client(Protocol):
    """Who asks LangSmith: requests sent, and how many of them were second and later attempts."""

    sent: int
    retries: int

    @property
    def clock(self) -> SourceClock:
        """LangSmith's clock, and how far it is from this machine's."""


class Sink(Protocol):
    """Where rows go: how many it could not take."""

    rejected: int


class Matches(Protocol):
    """Who hides: by rule of privacy, in how many rows it found its place."""

    def counts(self) -> dict[str, Matched]:
        """The counts so far."""


class Account:
    """One call so far. `client`, `sink`, `matches` and `rows` (delivered, by table) are filled in where there are some.

    `remarks` gathers what the call has to say of single records.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now, self._begun = now, now()
        self.client: Client | None = None
        self.sink: Sink | None = None
        self.matches: Matches | None = None
        self.rows: Mapping[str, int] = {}
        self.remarks = Remarks()

    def closed(self, *, has_more: bool) -> Pass:
        """What was done until now."""
        ended = self._now()
        sent, retries = (self.client.sent, self.client.retries) if self.client else (0, 0)
        rejected = self.sink.rejected if self.sink else 0
        seconds = round((ended - self._begun).total_seconds(), 3)
        skew = -round(self.client.clock.offset.total_seconds()) if self.client else 0
        rules = self.matches.counts() or UNSET if self.matches else UNSET
        return Pass(ended, seconds, dict(self.rows), sent - retries, retries, rejected, has_more, skew, rules)

    def figures(self) -> dict[str, Any]:
        """The same as fields of a line."""
        return figures(self.closed(has_more=False))


def figures(done: Pass) -> dict[str, Any]:
    """Counts of a pass as fields of a line."""
    counts = {name: getattr(done, name) for name in ("rows", "rejected", "requests", "retries", "seconds")}
    rules = {} if done.rules is UNSET else {"rules": msgspec.to_builtins(done.rules)}
    return {"rows_total": sum(done.rows.values()), **counts, **rules}
