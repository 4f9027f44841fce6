"""Count in how many rows each privacy rule found its place, and warn once per pass of a path found nowhere.

Not here: the rules (privacy.rules), or finding a place in a record (privacy.replace).
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from langsmith_core.privacy.places import Steps
from langsmith_core.privacy.rules import Rules

Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**60)]
_log = logging.getLogger(__name__)


class Matched(Struct, frozen=True, forbid_unknown_fields=True):
    """The result of one privacy rule in one pass; the state keeps it for the status page.

    `found`: rows that had the rule's place. `rows`: all rows that were read of its tables.
    """

    found: Count
    rows: Count


class Matches:
    """The counts of one pass. A page counts once it is kept: a page that is put back will be read again."""

    def __init__(self, rules: Mapping[str, Rules]) -> None:
        self._rules = rules
        self._items = dict.fromkeys(item for one in rules.values() for item in one.counted)
        self._page: Counter[str] = Counter()
        self._rows: Counter[str] = Counter()
        self._total: Counter[str] = Counter()

    def turn(self) -> None:
        """Begin a page, and forget what was noted since the last `keep`."""
        self._page.clear()

    def note(self, table: str, found: set[Steps]) -> None:
        """Note one row of a table: `found` are the paths that led to a value."""
        for item, paths in self._rules[table].counted.items():
            self._page[item] += not paths.isdisjoint(found)

    def keep(self, table: str, rows: int) -> None:
        """Count the page's notes, and its `rows` of the table."""
        self._total.update(self._page)
        self._rows[table] += rows
        self._page.clear()

    def counts(self) -> dict[str, Matched]:
        """Return the counts so far, by item of the configuration."""
        return {item: Matched(self._total[item], sum(self._rows[table] for table in self._tables(item))) for item in self._items}

    def warn(self) -> None:
        """Warn of each path that led to a value in none of the rows read. An item that names a whole column gives no warning."""
        path_items = frozenset(item for rules in self._rules.values() for item in rules.path_items)
        for item, seen in self.counts().items():
            if seen.rows and not seen.found and item in path_items:
                _log.warning(
                    "%s: found in none of the %d rows read, so it hides nothing; compare it with a row's JSON and correct it",
                    item,
                    seen.rows,
                )

    def _tables(self, item: str) -> list[str]:
        return [table for table, rules in self._rules.items() if item in rules.counted]
