"""Timestamps as values: text in, aware UTC datetimes or canonical text out.

Here: parsing what LangSmith and its users write, and the one form that leaves us, RFC 3339 UTC with `Z` and six digits of
a second, which sorts as text. Not here: any reading of a clock.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MICROSECOND = timedelta(microseconds=1)


def parse(text: str) -> datetime:
    """Read an ISO 8601 timestamp; a naive one is UTC, as LangSmith means it (langsmith-sdk #2533, #2567).

    Digits past the microsecond are dropped. Raises ValueError for anything that is no timestamp.
    """
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def render(moment: datetime) -> str:
    """Write the canonical form, `2026-01-05T16:46:01.068924Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def canonical(text: str) -> str:
    """Any timestamp LangSmith writes, in the canonical form. Raises ValueError and OverflowError as `parse` does."""
    return render(parse(text))
