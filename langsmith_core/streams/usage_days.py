"""Billed traces by day and project, of the workspace, asked from its organisation.

The first look reads all days since START_TIME or 400 days ago. Then the first look of each day in UTC reads that day, and the
seven before the day of the last reading: traces arrive late, and bills settle late. Days older than that are not read again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from langsmith_core.calls import Call, RecordPage
from langsmith_core.records import json_text
from langsmith_core.records.times import DAY, midnight, parse, render
from langsmith_core.streams.bounds import FUTURE, Bounds, Moment
from langsmith_core.streams.context import Context, Outcome, Page
from langsmith_core.streams.memory import Memory, Usage
from langsmith_core.streams.stream import Stream
from langsmith_core.streams.usage_columns import USAGE_DAY
from langsmith_core.streams.work import Work

SPAN = 30 * DAY
"""LangSmith takes 31 days in a request (facts of November 2026, section 4), and does not say whether both ends count."""
SETTLING = 7 * DAY
"""Runs arrive up to 24 hours late, and a week is what a bill may take to settle; that one is a guess."""
ROWS_MAX = 1_000
"""Rows that are taken of one answer, which has no pages. The question is asked again for the others."""
PATH = "/api/v1/orgs/current/billing/granular-usage"


class UsageDays(Work, frozen=True, kw_only=True):
    """The days of `[lo, hi)`, whole days in UTC, a month a request. `at`: the look that asks. `since`: its first day.

    `past`: the place in the answer up to which rows were taken, as `_place` writes it.
    """

    lo: Moment
    hi: Moment
    at: Moment
    since: Moment
    past: str = ""

    @property
    def table_name(self) -> str:
        """Name the table of usage."""
        return USAGE_DAY.name

    @property
    def is_sound(self) -> bool:
        """Check that there are days to ask for."""
        return self.since <= self.lo < self.hi <= self.at + FUTURE + DAY

    @property
    def end(self) -> datetime:
        """Return the end of the days that one request asks for."""
        return min(self.lo + SPAN, self.hi)

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """Ask for a month of the workspace's usage by project."""
        bounds = (("start_time", render(self.lo)), ("end_time", render(self.end)))
        return Call("GET", PATH, query=(*bounds, ("workspace_ids", context.workspace), ("group_by", "project")))

    def page(self, body: bytes, context: Context, limit: int) -> RecordPage:
        """Cut an answer into its records, from `past` on. Raises MalformedError where its buckets are no days."""
        fields = json_text.picked(json_text.strict(body, 3), "stride", "usage")
        if "usage" not in fields or not _is_by_day(fields.get("stride", b"{}")):
            raise json_text.MalformedError("usage that is not by day")
        placed = sorted((_place(one), one) for one in json_text.elements(fields["usage"]))
        wanted = [one for place, one in placed if place > self.past]
        return RecordPage(wanted[:ROWS_MAX], longer=len(wanted) > ROWS_MAX)

    def after(self, page: Page, context: Context) -> Outcome:
        """Go on with the rest of a large answer, then with the next month; remember the days at the end."""
        if page.longer and page.rows:
            last = page.rows[-1]
            return Outcome(rest=(replace(self, past=f"{last['day']} {last['group_id']}"),))
        if self.end < self.hi:
            return Outcome(rest=(replace(self, lo=self.end, past=""),))
        return Outcome(memory=_with_usage(context.memory, self))

    def coming(self, context: Context, limit: int, page: RecordPage | None) -> Iterator[UsageDays]:
        """Yield the next months."""
        lo = self.end
        while lo < self.hi and not (page and page.longer):
            yield replace(self, lo=lo, past="")
            lo += SPAN

    def within(self, context: Context) -> tuple[UsageDays, ...]:
        """Leave out the days before START_TIME."""
        start = context.scope.start_time
        item = replace(self, lo=max(self.lo, midnight(start)), since=max(self.since, midnight(start))) if start else self
        return (item,) if context.on(self.table_name) and item.lo < item.hi else ()

    def without(self, context: Context) -> Outcome | None:
        """A 404 has no meaning of its own: the stream is left out."""
        return None


def _place(record: bytes) -> str:
    """Write where a record stands among those of an answer: by its day, then by its group, as its row has them."""
    found = json_text.picked(record, "time_bucket", "dimensions")
    inside = json_text.picked(found["dimensions"], "project_id", "workspace_id") if "dimensions" in found else {}
    groups = [json_text.text(one) for one in inside.values() if bytes(one) != b"null"]
    try:
        day = render(parse(json_text.text(found.get("time_bucket", b'""'))))
    except ValueError:
        day = "~"  # behind all days: a record without a day has no row
    return f"{day} {(*groups, 'none')[0]}"


def _is_by_day(stride: bytes) -> bool:
    """Tell whether an answer's buckets are days, as documented."""
    fields = json_text.picked(stride, "days", "hours")
    return bytes(fields.get("days", b"1")) in (b"0", b"1") and bytes(fields.get("hours", b"0")) == b"0"


def _with_usage(memory: Memory, item: UsageDays) -> Memory:
    since = min(item.since, memory.usage.since or item.since)
    return replace(memory, usage=Usage(since=since, at=item.at))


def _opens(context: Context) -> Outcome:
    """Ask once a day."""
    bounds = context.bounds
    since = _since(bounds, context.memory.usage) if bounds else None
    if bounds is None or since is None:
        return Outcome()
    hi = midnight(bounds.until) + DAY
    return Outcome(rest=(UsageDays(lo=since, hi=hi, at=bounds.until, since=since),))


def _since(bounds: Bounds, usage: Usage) -> datetime | None:
    """Return the first day to ask for; None where this day was asked for. A START_TIME that is earlier now begins anew."""
    oldest = midnight(bounds.oldest)
    if usage.since is None or usage.at is None or oldest < usage.since:
        return oldest
    if midnight(usage.at) >= midnight(bounds.until):
        return None
    return max(oldest, midnight(usage.at) - SETTLING)


STREAM = Stream(USAGE_DAY, switch="SYNC_USAGE", opens=_opens, optional=True, of_organisation=True)
