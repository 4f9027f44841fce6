"""Convert moments to text and back, in each of the formats that LangSmith mixes.

On v1, runs, feedback and a session's start are naive UTC; datasets, examples, versions and a session's end carry `+00:00`. v2
ends in `Z` and keeps milliseconds only. The callers know which field uses which format.
"""

from __future__ import annotations

from datetime import UTC, datetime


def parse_time(text: str) -> datetime:
    """Parse an ISO 8601 moment; without an offset it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def naive(moment: datetime | None) -> str | None:
    """`2026-01-05T16:46:01.068924`, without a fraction if it is zero, as Python prints it."""
    return None if moment is None else moment.replace(tzinfo=None).isoformat()


def aware(moment: datetime | None) -> str | None:
    """`2026-01-05T16:46:01.068924+00:00`."""
    return None if moment is None else moment.isoformat()


def millis(moment: datetime | None) -> str | None:
    """`2026-01-05T16:46:01.068Z`: truncated, not rounded."""
    return None if moment is None else moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def zulu(moment: datetime) -> str:
    """`2026-01-05T16:46:01.068924Z`, always with six digits, the form of a destination."""
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def http_date(moment: datetime) -> str:
    """`Mon, 05 Jan 2026 16:46:01 GMT`, the form of a Date header."""
    return moment.strftime("%a, %d %b %Y %H:%M:%S GMT")


def order_stamp(moment: datetime) -> str:
    """`20260105T164601068924Z`, the form inside a dotted order."""
    return moment.strftime("%Y%m%dT%H%M%S%fZ")
