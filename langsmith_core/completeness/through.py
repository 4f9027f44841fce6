"""A destination that passes on what it is asked: the base of sinks that watch or change another one."""

from __future__ import annotations

from datetime import datetime

from langsmith_core.completeness.values import Destination, Runs, Total, Verdict


class Through:
    """Counts as the destination behind it does."""

    def __init__(self, destination: Destination) -> None:
        self._destination = destination

    def runs_by_day(self, lo: datetime, hi: datetime) -> dict[tuple[str, datetime], Runs]:
        """Count runs by project and day."""
        return self._destination.runs_by_day(lo, hi)

    def totals(self) -> list[Total]:
        """Count whole projects and datasets."""
        return self._destination.totals()

    def record(self, verdicts: list[Verdict]) -> None:
        """Record verdicts."""
        self._destination.record(verdicts)

    def verdicts(self) -> list[Verdict]:
        """Return the newest verdicts."""
        return self._destination.verdicts()
