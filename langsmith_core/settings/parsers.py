"""Parse configuration values: each parser takes a text, and returns a value or raises ValueError that says what to write.

Not here: which key uses which parser (settings.keys).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from langsmith_core.records import times

LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""Hosts that may be reached without TLS."""
MEGABYTE = 1_000_000
COUNT_MAX = 1_000_000
SECONDS_MAX = 604_800
INSTANCES_MAX = 20
"""BigQuery runs two MERGEs of a table and lets 20 wait; one place is the scheduled pass's, one a repeat's."""
MEGABYTES_MAX, GIGABYTES_MAX = 1_000, 1_000_000
MEMBER_MAX = 200
_QUEUE = re.compile(r"projects/[^/]+/locations/[^/]+/queues/[^/]+")
NAMES_MAX, NAME_MAX = 1_000, 1_000
"""The most names in a list, and characters of a name. Each name that is no id costs a request in every look."""


def text(text: str) -> str:
    """Take any text."""
    return text


def identifier(text: str) -> str:
    """Take a name that BigQuery and Firestore accept: letters, digits and underscores."""
    if not text.isascii() or not text.replace("_", "a").isalnum():
        raise ValueError("write letters, digits and underscores only")
    return text


def member(text: str) -> str:
    """Take the name of a JSON object's member, of 1 to 200 characters."""
    if not 0 < len(text) <= MEMBER_MAX or not text.isprintable() or set(text) & set('"\\'):
        raise ValueError(f"write the name of a key, {MEMBER_MAX} characters at most, without quotation marks and backslashes")
    return text


def header(text: str) -> str:
    """Take text that an HTTP header can carry: printable ASCII without spaces."""
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("it has characters that a header cannot carry; copy it again")
    return text


def secret(text: str) -> str | None:
    """Take a secret of 16 characters or more; None for an empty text."""
    if text and len(text) < 16:
        raise ValueError("write 16 characters or more")
    if not _is_whole(text):
        raise ValueError("write whole characters; copy it again")
    return text or None


def _is_whole(text: str) -> bool:
    """Return whether a text has no lone surrogates, which JSON may hold but UTF-8 cannot encode."""
    return text.encode(errors="replace").decode() == text


def instances(text: str) -> int:
    """Parse a number of instances, 0 for none."""
    if not text.isascii() or not text.isdecimal() or int(text) > INSTANCES_MAX:
        raise ValueError(f"write a whole number from 0 to {INSTANCES_MAX}")
    return int(text)


def queue(text: str) -> str:
    """Take the full name of a Cloud Tasks queue."""
    if not _QUEUE.fullmatch(text):
        raise ValueError("write projects/PROJECT/locations/LOCATION/queues/QUEUE")
    return text


def own_address(text: str) -> str:
    """Take the address of one of this program's targets, whose caller brings a token: https only, except loopback."""
    url = urlsplit(text)
    if not url.hostname or url.scheme not in ("http", "https") or (url.scheme == "http" and url.hostname not in LOOPBACK):
        raise ValueError("write the function's address, https://...: its caller's token would travel unencrypted")
    return text


def boolean(text: str) -> bool:
    """Parse true or false, or 1, 0, yes, no, on, off, in any case."""
    words = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
    if text.lower() not in words:
        raise ValueError("write true or false")
    return words[text.lower()]


def count(text: str) -> int:
    """Parse a whole number from 1 to 1,000,000."""
    digits = text.lstrip("0") if text.isascii() and text.isdecimal() else ""
    if not digits or len(digits) > len(str(COUNT_MAX)) or int(digits) > COUNT_MAX:
        raise ValueError(f"write a whole number above 0, {COUNT_MAX} at most")
    return int(digits)


def positive(text: str, most: int = SECONDS_MAX) -> float:
    """Parse a number above 0, `most` at most. The default is a week in seconds."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= most:
        raise ValueError(f"write a number above 0, {most} at most")
    return number


def megabytes(text: str) -> int:
    """Parse megabytes, 1,000 at most, and return bytes."""
    return max(1, int(positive(text, MEGABYTES_MAX) * MEGABYTE))


def gigabytes(text: str) -> int:
    """Parse gigabytes, a million at most, and return bytes."""
    return max(1, int(positive(text, GIGABYTES_MAX) * 1000 * MEGABYTE))


def moment(text: str) -> datetime:
    """Parse a date or time from 1970 to 2100; without an offset it is UTC."""
    try:
        found = times.parse(text)
    except (ValueError, OverflowError) as error:
        raise ValueError("write a date or time such as 2026-01-31 or 2026-01-31T00:00:00Z") from error
    if not 1970 <= found.year <= 2100:
        raise ValueError("write a date or time between 1970 and 2100")
    return found


def names(text: str) -> tuple[str, ...]:
    """Parse a comma-separated list, and drop duplicates."""
    found = tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))
    if len(found) > NAMES_MAX:
        raise ValueError(f"write {NAMES_MAX} names or ids at most")
    if any(len(name) > NAME_MAX for name in found):
        raise ValueError(f"write names of {NAME_MAX} characters at most")
    return found


def one_of(*allowed: str) -> Callable[[str], str]:
    """Return a parser that takes these words only."""

    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError("write " + " or ".join(allowed))
        return text

    return parse


def base_url(text: str) -> str:
    """Parse LangSmith's address, and return scheme, host and the path before `/api`.

    Takes every form that users copy from LangSmith's pages. Plain http is for loopback hosts only.
    """
    root = text.rstrip("/")
    for suffix in ("/v1", "/api"):
        root = root.removesuffix(suffix).rstrip("/")
    if set(root) & set("?#@") or not _is_whole(root):
        raise ValueError("write the API's address and nothing else, such as https://api.smith.langchain.com")
    url = urlsplit(root)
    url.port  # noqa: B018  raises ValueError for a bad port
    if not url.hostname or url.scheme not in ("http", "https"):
        raise ValueError("write the API's address, such as https://api.smith.langchain.com")
    if url.scheme == "http" and url.hostname not in LOOPBACK:
        raise ValueError("write https://: the API key would travel unencrypted")
    return root
