"""Count what one call has done so far, for its log line and its answer, whether it ends well or fails.

Here: the counts, and the summary line of a pass. Not here: how a line is written (logs).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec
from msgspec import UNSET

from langsmith_core import logs
from langsmith_core.faces import status
from langsmith_core.privacy.matches import Matched
from langsmith_core.remarks import Remarks
from langsmith_core.sync.state import Pass, State

_log = logging.getLogger(__name__)


class SourceClock(Protocol):
    """LangSmith's clock, which is `offset` ahead of this machine's."""

    offset: timedelta


class Client(Protocol):
    """A LangSmith client: `sent` counts its requests, `retries` second and later attempts, `rate_limited` answers of 429."""

    sent: int
    retries: int
    rate_limited: int

    @property
    def clock(self) -> SourceClock:
        """LangSmith's clock, and how far ahead of this machine's it is."""


class Sink(Protocol):
    """A sink: `rejected` counts rows that it could not take."""

    rejected: int


class Matches(Protocol):
    """The privacy rules: in how many rows each has found its place."""

    def counts(self) -> dict[str, Matched]:
        """Return the counts so far, by rule."""


class Account:
    """What one call has done. Its target fills in `client`, `sink`, `matches` and `rows` (delivered, by table) as it gets them.

    `remarks` collects what the call has to say about single records.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now, self._started = now, now()
        self.client: Client | None = None
        self.sink: Sink | None = None
        self.matches: Matches | None = None
        self.rows: Mapping[str, int] = {}
        self.remarks = Remarks()

    def closed(self, *, has_more: bool) -> Pass:
        """Return the counts so far as a pass that ends now."""
        ended = self._now()
        sent, retries = (self.client.sent, self.client.retries) if self.client else (0, 0)
        rejected = self.sink.rejected if self.sink else 0
        seconds = round((ended - self._started).total_seconds(), 3)
        skew = -round(self.client.clock.offset.total_seconds()) if self.client else 0
        limited = self.client.rate_limited if self.client else 0
        rules = self.matches.counts() or UNSET if self.matches else UNSET
        return Pass(ended, seconds, dict(self.rows), sent - retries, retries, rejected, has_more, skew, rules, limited)

    def figures(self) -> dict[str, Any]:
        """Return the counts so far as fields of a log line."""
        return figures(self.closed(has_more=False))


def figures(done: Pass) -> dict[str, Any]:
    """Return the counts of a pass as fields of a log line."""
    counts = {name: getattr(done, name) for name in ("rows", "rejected", "requests", "retries", "rate_limited", "seconds")}
    rules = {} if done.rules is UNSET else {"rules": msgspec.to_builtins(done.rules)}
    return {"rows_total": sum(done.rows.values()), **counts, **rules}


def log_pass(done: Pass, state: State, size: int, now: datetime) -> None:
    """Write the one line that sums up a successful call. `size` is the bytes of its rows, `state` the position it reached."""
    lag = status.lag_seconds(state, now)
    fields = {"status": 200, "bytes": size, "api": state.api, "has_more": done.has_more, **figures(done)}
    fields |= {"lag_seconds": lag} if lag is not None else {}
    text = "%d rows by %d requests in %.1f s, more: %s"
    _log.info(text, fields["rows_total"], done.requests, done.seconds, done.has_more, extra=logs.event("pass", **fields))
