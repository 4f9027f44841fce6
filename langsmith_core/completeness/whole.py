"""Whole projects and datasets: what LangSmith said when it last listed them, against what the destination holds.

The listing comes with every look, so these counts cost no request. A dataset that looks short is asked for the count of the
version that was read, which is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from msgspec import Struct

from langsmith_core.calls import Source
from langsmith_core.completeness import source_counts
from langsmith_core.completeness.position import Meaning
from langsmith_core.completeness.values import Ruling, Total, Verdict
from langsmith_core.streams.registry import EXAMPLE, FEEDBACK, RUN

EXACT_MAX = 100
"""Datasets that one check asks about: those that look short."""


class Whole(Struct, frozen=True):
    """Rules on totals. `is_read`: whether rows of a table and a parent are synced. `cut`: START_TIME leaves older rows out.

    `version_of` gives the version at which a dataset's examples were read.
    """

    source: Source
    now: datetime
    is_read: Callable[[str, str], bool]
    version_of: Callable[[str], datetime | None]
    cut: bool = False

    def ruled(self, totals: Iterable[Total], meaning: Meaning | None) -> list[Verdict]:
        """Rule on every total. Raises SyncError where LangSmith fails."""
        asked, verdicts = 0, list[Verdict]()
        for total in totals:
            if self.is_read(total.table, total.parent_id):
                ruling, count = self._ruled(total, meaning), total.source
                if ruling is Ruling.REREAD and total.table == EXAMPLE.name:
                    asked += 1
                    ruling, count = self.exact(total) if asked <= EXACT_MAX else (Ruling.UNKNOWN, count)
                here = total.roots if total.table == RUN.name and meaning == "roots" else total.destination
                verdicts.append(Verdict(total.table, total.parent_id, total.name, None, count, here, self.now, ruling))
        return verdicts

    def exact(self, total: Total) -> tuple[Ruling, int | None]:
        """Ask for the exact count of the version that was read."""
        version = self.version_of(total.parent_id)
        count = source_counts.examples(self.source.fetch(source_counts.examples_call(total.parent_id, version)).body)
        if count is None:
            return Ruling.UNKNOWN, None
        return Ruling.COMPLETE if total.destination >= count else Ruling.REREAD, count

    def _ruled(self, total: Total, meaning: Meaning | None) -> Ruling:
        """A project's runs are counted while it works, so fewer of them here are no gap: the settled days tell."""
        here = total.roots if total.table == RUN.name and meaning != "all" else total.destination
        if total.source is None:
            return Ruling.UNKNOWN
        if here >= total.source:
            return Ruling.COMPLETE
        if total.table == EXAMPLE.name or (total.table == FEEDBACK.name and not self.cut):
            return Ruling.REREAD
        return Ruling.UNKNOWN
