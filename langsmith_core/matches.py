"""In how many rows each rule of privacy found its place: told once a pass, with a warning for one that found it nowhere.

Here: counting and telling. Not here: the rules (privacy_rules), or finding a place (replacing).
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping

from langsmith_core.privacy_paths import Steps
from langsmith_core.privacy_rules import Rules
from langsmith_core.state import Matched

_log = logging.getLogger(__name__)


class Matches:
    """What one pass has found. A page is counted when it is taken in: one that is put back is read again."""

    def __init__(self, rules: Mapping[str, Rules]) -> None:
        self._rules = rules
        self._items = dict.fromkeys(item for one in rules.values() for item in one.counted)
        self._page: Counter[str] = Counter()
        self._rows: Counter[str] = Counter()
        self._total: Counter[str] = Counter()

    def turn(self) -> None:
        """Begin a page: what was found since the last `keep` is not counted."""
        self._page.clear()

    def note(self, table: str, found: set[Steps]) -> None:
        """Take in one row of a table: the ways that led to a value."""
        for item, ways in self._rules[table].counted.items():
            self._page[item] += not ways.isdisjoint(found)

    def keep(self, table: str, rows: int) -> None:
        """Count the page."""
        self._total.update(self._page)
        self._rows[table] += rows
        self._page.clear()

    def counts(self) -> dict[str, Matched]:
        """What was found so far, by item of the configuration."""
        return {item: Matched(self._total[item], sum(self._rows[table] for table in self._tables(item))) for item in self._items}

    def warn(self) -> None:
        """Tell of each path that led to nothing in any row that was read. A whole column is always there."""
        paths = frozenset(item for rules in self._rules.values() for item in rules.paths)
        for item, seen in self.counts().items():
            if seen.rows and not seen.found and item in paths:
                _log.warning(
                    "%s: found in none of the %d rows read, so it hides nothing; compare it with a row's JSON and correct it",
                    item,
                    seen.rows,
                )

    def _tables(self, item: str) -> list[str]:
        return [table for table, rules in self._rules.items() if item in rules.counted]
