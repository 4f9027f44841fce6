"""Parse and write timestamps: any ISO 8601 text in, RFC 3339 in UTC out.

The canonical form ends in `Z` and has six digits of a second, so that it sorts as text.
Not here: reading a clock (clock).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_USUAL = re.compile(r"(\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d)(?:\.(\d{1,6}))?(?:Z|\+00:00)?", re.ASCII)
"""A time in UTC that lacks nothing of the canonical form but some digits of the second."""
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""The range of times that a state may hold. It leaves room for arithmetic within datetime's own range."""


def parse(text: str) -> datetime:
    """Parse an ISO 8601 timestamp. One without an offset is UTC, as LangSmith means it (langsmith-sdk #2533, #2567).

    Drops digits past the microsecond. Raises ValueError for anything that is no timestamp.
    """
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def is_sane(moment: datetime) -> bool:
    """Return whether a time from outside is in the range that a state may hold."""
    return FIRST <= moment < LAST


def render(moment: datetime) -> str:
    """Write a time in the canonical form, `2026-01-05T16:46:01.068924Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def canonical(text: str) -> str:
    """Convert any timestamp that LangSmith writes to the canonical form.

    Raises ValueError for a text that is no timestamp, and OverflowError for one outside years 1 to 9999 in UTC.
    """
    usual = _USUAL.fullmatch(text)
    if usual is None:
        return render(parse(text))
    datetime.fromisoformat(usual[1])  # raises for a day or an hour that is none
    return f"{usual[1]}.{usual[2] or '':0<6}Z"


def canonical_or_none(text: str) -> str | None:
    """Convert a timestamp as `canonical` does; None for a text that is not one."""
    try:
        return canonical(text)
    except (ValueError, OverflowError):
        return None


def midnight(moment: datetime) -> datetime:
    """Return the beginning of a moment's day in UTC."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
