"""A batch: rows and deletes, encoded, and the state that is true once they are delivered. And the bounds of one.

Values only; the engine fills them, the faces deliver them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from msgspec import Struct, field

from langsmith_core.streams.context import Outcome
from langsmith_core.sync.state import State

NEVER = datetime.max.replace(tzinfo=UTC)
"""No version lies past it."""
AHEAD = timedelta(minutes=15)
"""A version so far past LangSmith's time was written by a clock that was ahead."""


def trusted_to(now: datetime) -> datetime:
    """Give the newest version that a row may have. Any reading replaces a row past it."""
    return now if now > NEVER - AHEAD else now + AHEAD


class Limits(Struct, frozen=True):
    """The bounds of one batch. `stamped`: rows carry `_synced_at`, for databases of our own. `exact`: decimals are texts.

    A backfill is given out to so many `instances`; 0: this pass reads it itself.
    """

    bytes_max: int
    seconds_left: Callable[[], float]
    stamped: bool = False
    exact: bool = False
    instances: int = 0


class Batch(Struct):
    """Encoded rows by table and key, deleted keys with the time of the answer that showed it, and the state behind them.

    The state is true once rows and deletes are delivered.
    """

    state: State
    lines: dict[str, dict[str, bytes]] = field(default_factory=dict)
    deletes: dict[str, dict[str, datetime]] = field(default_factory=dict)
    size: int = 0
    pages: int = 0
    requests: int = 0
    has_more: bool = True

    def counts(self) -> dict[str, int]:
        """Count the rows by table."""
        return {table: len(lines) for table, lines in self.lines.items()}

    def add(self, table: str, lines: Mapping[str, bytes], size: int) -> None:
        """Take a page's rows in. A later row of the same key wins, also over its delete."""
        self.lines.setdefault(table, {}).update(lines)
        for key in lines:
            self.deletes.get(table, {}).pop(key, None)
        self.size += size

    def delete(self, table: str, key: str, at: datetime) -> None:
        """Take in that a key is gone."""
        self.lines.get(table, {}).pop(key, None)
        self.deletes.setdefault(table, {})[key] = at
        self.size += len(key)

    def take(self, outcome: Outcome, now: datetime) -> None:
        """Take in the keys that an outcome says are gone."""
        for table, key in outcome.gone:
            self.delete(table, key, outcome.gone_at or now)
