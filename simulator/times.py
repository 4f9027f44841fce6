"""Moments to text and back, in each of the formats that LangSmith mixes.

Runs, feedback and a session's start are naive UTC on v1; datasets, examples, versions and a session's end carry
`+00:00`; v2 ends in `Z` and keeps milliseconds only. Nothing here knows which field uses which.
"""

from __future__ import annotations

from datetime import UTC, datetime


def parse_time(text: str) -> datetime:
    """An ISO 8601 moment; without an offset it is UTC. Raises ValueError on anything else."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def naive(moment: datetime | None) -> str | None:
    """`2026-01-05T16:46:01.068924`, the fraction left out when it is zero, as Python prints it."""
    return None if moment is None else moment.replace(tzinfo=None).isoformat()


def aware(moment: datetime | None) -> str | None:
    """`2026-01-05T16:46:01.068924+00:00`."""
    return None if moment is None else moment.isoformat()


def millis(moment: datetime | None) -> str | None:
    """`2026-01-05T16:46:01.068Z`: cut, not rounded."""
    return None if moment is None else moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def http_date(moment: datetime) -> str:
    """`Mon, 05 Jan 2026 16:46:01 GMT`, the form of a Date header."""
    return moment.strftime("%a, %d %b %Y %H:%M:%S GMT")


def order_stamp(moment: datetime) -> str:
    """`20260105T164601068924Z`, the form inside a dotted order."""
    return moment.strftime("%Y%m%dT%H%M%S%fZ")
