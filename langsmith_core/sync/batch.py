"""A batch: rows and deletes, encoded, and the state that is true once they are delivered. And the bounds of one.

Values only; the engine fills them, the faces deliver them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec import Struct, field

from langsmith_core.streams.work import Outcome
from langsmith_core.sync.state import State


class Limits(Struct, frozen=True):
    """The bounds of one batch. `stamped`: rows carry `_synced_at` and exact decimals, for databases of our own."""

    bytes_max: int
    seconds_left: Callable[[], float]
    stamped: bool = False


class Batch(Struct):
    """Encoded rows by table and key, keys deleted and when that was seen, and the state that is true once they are delivered."""

    state: State
    lines: dict[str, dict[str, bytes]] = field(default_factory=dict)
    deletes: dict[str, dict[str, datetime]] = field(default_factory=dict)
    size: int = 0
    pages: int = 0
    requests: int = 0
    has_more: bool = True

    def counts(self) -> dict[str, int]:
        """Rows by table."""
        return {table: len(lines) for table, lines in self.lines.items()}

    def add(self, table: str, lines: Mapping[str, bytes], size: int) -> None:
        """Take a page's rows in; a later row of the same key wins, also over its delete."""
        self.lines.setdefault(table, {}).update(lines)
        for key in lines:
            self.deletes.get(table, {}).pop(key, None)
        self.size += size

    def take(self, outcome: Outcome, now: datetime) -> None:
        """Take in that a page was read, and the keys that are gone by it."""
        self.pages += 1
        for table, key in outcome.gone:
            self.lines.get(table, {}).pop(key, None)
            self.deletes.setdefault(table, {})[key] = outcome.gone_at or now
            self.size += len(key)
