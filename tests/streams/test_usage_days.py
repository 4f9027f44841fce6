"""Usage by day: which days are asked for and when, how an answer is cut, and what is remembered."""

from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from langsmith_core.calls import Call
from langsmith_core.records.json_text import MalformedError
from langsmith_core.records.times import render
from langsmith_core.streams.context import Scope
from langsmith_core.streams.memory import Memory, Usage
from langsmith_core.streams.usage_days import ROWS_MAX, STREAM, UsageDays
from samples import NOW, encoded
from streams.contexts import DAY, FIRST, HOUR, LATER, A, B, context, page, remembered

ITEM = UsageDays(lo=NOW - 40 * DAY, hi=NOW + DAY, at=NOW, since=NOW - 40 * DAY)


def opened(usage: Usage, until: datetime = NOW, **fields: Any) -> list[tuple[datetime, datetime]]:
    """The days that a look at this time asks for, with an organisation."""
    assert STREAM.opens
    bounds = replace(LATER, until=until, **fields)
    outcome = STREAM.opens(context(bounds, memory=Memory(usage=usage), has_organisation=True))
    return [(one.lo, one.hi) for one in outcome.rest if isinstance(one, UsageDays)]


def test_all_days_once_then_once_a_day() -> None:
    """First since the oldest day, then from seven days before the day of the last reading. A wider START_TIME begins anew."""
    oldest = FIRST.oldest
    assert opened(Usage()) == [(oldest, NOW + DAY)]
    known = Usage(since=oldest, at=NOW)
    assert [opened(known, NOW + hours * HOUR) for hours in (0, 23)] == [[], []]
    assert opened(known, NOW + 24 * HOUR) == [(NOW - 7 * DAY, NOW + 2 * DAY)]
    assert opened(known, NOW + HOUR, oldest=oldest - DAY) == [(oldest - DAY, NOW + DAY)]


def test_a_request_asks_for_a_month() -> None:
    """Of this workspace, by project. The next month follows; at the end the days are remembered."""
    looked = context(workspace=A, has_organisation=True)
    span = (("start_time", render(ITEM.lo)), ("end_time", render(ITEM.lo + 30 * DAY)))
    path = "/api/v1/orgs/current/billing/granular-usage"
    assert ITEM.request(looked, 50, b"") == Call("GET", path, query=(*span, ("workspace_ids", A), ("group_by", "project")))
    (rest,) = ITEM.after(page(), looked).rest
    assert rest == replace(ITEM, lo=ITEM.lo + 30 * DAY)
    assert remembered(rest.after(page(), looked)).usage == Usage(since=ITEM.since, at=NOW)


def test_a_large_answer_is_taken_in_parts() -> None:
    """In the order of day and project, so that the same answer goes on behind the row that was taken last."""
    records = [
        {"time_bucket": f"2026-05-{day:02}T00:00:00Z", "dimensions": {"project_id": one}, "traces": day}
        for one in (B, A)
        for day in range(1, 28)
    ]
    body = encoded({"stride": {"days": 1, "hours": 0}, "usage": records})
    found = ITEM.page(body, context(), 50)
    assert (len(found.records), found.longer, ROWS_MAX) == (54, False, 1_000)
    behind = replace(ITEM, past=f"2026-05-27T00:00:00.000000Z {A}").page(body, context(), 50)
    assert behind.records == [encoded(records[26])]


@pytest.mark.parametrize("body", [{"usage": [], "stride": {"days": 0, "hours": 1}}, {"usage": [], "stride": {"days": 7}}, {}])
def test_usage_that_is_not_by_day_is_malformed(body: dict[str, Any]) -> None:
    """Hours or weeks as days would be wrong figures."""
    with pytest.raises(MalformedError, match="usage that is not by day"):
        ITEM.page(encoded(body), context(), 50)


def test_nothing_is_asked_without_an_organisation_or_before_start_time() -> None:
    """A state's work is cut to the configuration."""
    assert ITEM.within(context()) == ()
    start = NOW - 3 * DAY + HOUR
    looked = context(has_organisation=True, scope=Scope(start_time=start))
    assert ITEM.within(looked) == (replace(ITEM, lo=NOW - 3 * DAY, since=NOW - 3 * DAY),)
