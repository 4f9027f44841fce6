"""Read times from an answer's headers: `Date` (when LangSmith answered) and `Retry-After` (when to ask again).

Pure: a response in, a time or seconds out. Not here: waiting (retries).
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests


def date(response: requests.Response) -> datetime | None:
    """Return when LangSmith answered, by its own clock, to the second; None where it does not say."""
    return _http_date(response.headers.get("Date"))


def _http_date(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text or "")
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def retry_after(response: requests.Response, now: datetime) -> float | None:
    """Return the seconds that Retry-After asks to wait, in either of its forms; None where it is absent or makes no sense."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    moment = _http_date(text)
    return max(0.0, (moment - (date(response) or now)).total_seconds()) if moment else None
