"""Parsers of configuration values: text in, a value or a ValueError that says what to write.

Not here: which key uses which (config has the table).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from langsmith_core.records import times

LOOPBACK = ("localhost", "127.0.0.1", "::1")
MEGABYTE = 1_000_000


def text(text: str) -> str:
    """Any text."""
    return text


def identifier(text: str) -> str:
    """A name that BigQuery and Firestore take."""
    if not text.isascii() or not text.replace("_", "a").isalnum():
        raise ValueError("write letters, digits and underscores only")
    return text


def header(text: str) -> str:
    """Text that an HTTP header can carry."""
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("it has characters that no header can carry; copy it again")
    return text


def secret(text: str) -> str | None:
    """A key that cannot be guessed; none where it is empty."""
    if text and len(text) < 16:
        raise ValueError("write 16 characters or more")
    return text or None


def boolean(text: str) -> bool:
    """true, false, and the words people write for them."""
    words = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
    if text.lower() not in words:
        raise ValueError("write true or false")
    return words[text.lower()]


def count(text: str) -> int:
    """A whole number above 0."""
    if not (text.isascii() and text.isdecimal()) or int(text) < 1:
        raise ValueError("write a whole number above 0")
    return int(text)


def positive(text: str) -> float:
    """A finite number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise ValueError("write a number above 0")
    return number


def megabytes(text: str) -> int:
    """Megabytes, as bytes."""
    return max(1, int(min(positive(text), MEGABYTE) * MEGABYTE))


def moment(text: str) -> datetime:
    """A date or time; without an offset it is UTC."""
    try:
        return times.parse(text)
    except (ValueError, OverflowError) as error:
        raise ValueError("write a date or time such as 2026-01-31 or 2026-01-31T00:00:00Z") from error


def names(text: str) -> tuple[str, ...]:
    """A comma-separated list, without its doubles."""
    return tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))


def as_id(text: str) -> str | None:
    """The id that a text is, as LangSmith writes it: capitals and left-out dashes mean the same; None where it is no id."""
    try:
        return str(UUID(text))
    except ValueError:
        return None


def one_of(*allowed: str) -> Callable[[str], str]:
    """A parser of these words only."""

    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError("write " + " or ".join(allowed))
        return text

    return parse


def base_url(text: str) -> str:
    """Scheme, host and the path before `/api`; every form users copy from LangSmith's pages is taken."""
    root = text.rstrip("/")
    for suffix in ("/v1", "/api"):
        root = root.removesuffix(suffix).rstrip("/")
    if set(root) & set("?#@"):
        raise ValueError("write the API's address and nothing else, such as https://api.smith.langchain.com")
    url = urlsplit(root)
    url.port  # noqa: B018  raises ValueError where it is no number
    if not url.hostname or url.scheme not in ("http", "https"):
        raise ValueError("write the API's address, such as https://api.smith.langchain.com")
    if url.scheme == "http" and url.hostname not in LOOPBACK:
        raise ValueError("write https://: the API key would travel unencrypted")
    return root
