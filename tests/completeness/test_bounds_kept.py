"""Whether LangSmith keeps to the bounds of a day, as far as two questions show."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from langsmith_core.calls import Call, Reply
from langsmith_core.completeness.bounds_kept import BoundsKept
from langsmith_core.records.times import DAY, midnight
from samples import NOW

TODAY = midnight(NOW) - 3 * DAY
RUNS = {
    "runs on the day and around it": (-1, 0, 1),
    "none before the day": (0, 1),
    "none after it": (-1, 0),
    "on the day alone": (0,),
}
"""The days, from the one that is asked for, on which a project has a run at noon."""


class Counting:
    """LangSmith with one project. `start` and `end`: it heeds that bound."""

    def __init__(self, days: tuple[int, ...], *, start: bool, end: bool) -> None:
        self._runs = [TODAY + day * DAY + timedelta(hours=12) for day in days]
        self._start, self._end = start, end
        self.calls: list[Call] = []

    def fetch(self, call: Call) -> Reply:
        """Its count within the bounds that are heeded."""
        self.calls.append(call)
        query = dict(call.query)
        lo, hi = (datetime.fromisoformat(text) for text in (query["stats_start_time"], query["stats_filter"].split('"')[1]))
        runs = [run for run in self._runs if (not self._start or run >= lo) and (not self._end or run < hi)]
        return Reply(json.dumps([{"id": query["id"], "run_count": len(runs)}]).encode(), NOW)


@pytest.mark.parametrize("days", RUNS.values(), ids=RUNS)
@pytest.mark.parametrize(("start", "end"), [(True, True), (False, True), (True, False), (False, False)])
def test_a_bound_that_is_ignored_is_seen(days: tuple[int, ...], *, start: bool, end: bool) -> None:
    """Of no time at all, and of tomorrow, nothing is counted where both bounds are heeded. Wherever runs lie, it shows."""
    source = Counting(days, start=start, end=end)
    bounds = BoundsKept(source.fetch, NOW)
    assert bounds.at(TODAY, "p") is (start and end)
    asked = len(source.calls)
    assert bounds.at(TODAY, "p") is (start and end)
    assert len(source.calls) == asked
