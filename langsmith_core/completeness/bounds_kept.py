"""Whether LangSmith's counts keep to the bounds of a day: two questions whose answer must be nothing.

The API documents `stats_start_time` and `stats_filter`, and not how exactly they bound a count. A server that ignores one of
them counts runs of other days, which looks like rows that are missing here.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from langsmith_core.calls import Fetch
from langsmith_core.completeness import source_counts
from langsmith_core.records.times import DAY

_log = logging.getLogger(__name__)


class BoundsKept:
    """Asks once. A count of no time at all, and one of tomorrow, must both be nothing."""

    def __init__(self, fetch: Fetch, now: datetime) -> None:
        self._fetch, self._now = fetch, now
        self._kept: bool | None = None

    def at(self, day: datetime, project: str) -> bool:
        """Tell whether they keep to them, by the counts of a project that has runs on this day. Raises SyncError."""
        if self._kept is None:
            self._kept = not self._counts(day, project, timedelta()) and not self._counts(self._now + DAY, project, DAY)
            if not self._kept:
                _log.warning(
                    "LangSmith counts runs outside the day that is asked for, so verdicts are unknown; no action is needed"
                )
        return self._kept

    def _counts(self, day: datetime, project: str, span: timedelta) -> int:
        body = self._fetch(source_counts.runs_call(day, ids=(project,), span=span)).body
        return sum(one.runs or 0 for one in source_counts.projects(body))
