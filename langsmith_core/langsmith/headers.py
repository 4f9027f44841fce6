"""Times in an answer's headers: when LangSmith answered, when it may be asked again.

Pure: a response in, a time or seconds out. Not here: waiting (retries).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import requests

SKEW_MAX = timedelta(days=1)


def date(response: requests.Response, now: datetime) -> datetime | None:
    """When LangSmith answered, by its own clock, to the second; None where it does not say, or is a day off.

    What a row of a far future says would never be replaced.
    """
    told = _http_date(response.headers.get("Date"))
    return told if told and abs(told - now) < SKEW_MAX else None


def _http_date(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text or "")
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def retry_after(response: requests.Response, now: datetime) -> float | None:
    """Seconds to wait by the header, in both its forms; None where it is absent or makes no sense."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    moment = _http_date(text)
    return max(0.0, (moment - (date(response, now) or now)).total_seconds()) if moment else None
