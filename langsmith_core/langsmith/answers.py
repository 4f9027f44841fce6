"""Map LangSmith's error statuses to our errors; each message says what to do.

Here: the table from statuses to errors, and reading an answer's headers and words for it. Not here: what a failing connection
means (network), sending (client) or waiting (retries). No message holds a payload or a parameter. Where a message leaves the
program, keys are masked (masking).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from msgspec import Struct

from langsmith_core.errors import (
    ConfigError,
    CredentialsError,
    GoneError,
    LimitedError,
    NotJsonError,
    NotServedError,
    RefusedError,
    StorageError,
    SyncError,
    TooHeavyError,
    UpstreamError,
)
from langsmith_core.langsmith import headers
from langsmith_core.masking import fit


class Failure(Exception):  # noqa: N818  not an error yet: a retry may succeed
    """An attempt failed that may pass when repeated. `error` is what it becomes when no attempt passes, `retry_after` seconds."""

    def __init__(self, error: SyncError, retry_after: float | None = None) -> None:
        super().__init__(str(error))
        self.error, self.retry_after = error, retry_after


class Meaning(Struct, frozen=True):
    """What a status means: our error, its text, whether asking again can help, and the status of our target's answer."""

    error: type[SyncError]
    text: str
    retry: bool = False
    status: int | None = None


MEANINGS: Mapping[int, Meaning] = {
    400: Meaning(RefusedError, "LangSmith rejects the request; upgrade this program, and report this if it continues"),
    401: Meaning(
        CredentialsError,
        "LANGSMITH_API_KEY: LangSmith refuses the key; make a new one in its settings, in the region of LANGSMITH_BASE_URL",
        status=401,
    ),
    403: Meaning(
        CredentialsError,
        "LANGSMITH_TENANT_ID: the key may not read this workspace; check the workspace id and the region of LANGSMITH_BASE_URL",
        status=403,
    ),
    404: Meaning(GoneError, "LangSmith has no such record or page; check LANGSMITH_BASE_URL"),
    405: Meaning(
        ConfigError, "LANGSMITH_BASE_URL: this is not the API's host; write api.smith.langchain.com, not smith.langchain.com"
    ),
    408: Meaning(TooHeavyError, "LangSmith timed out; lower PAGE_SIZE if it continues", retry=True, status=503),
    410: Meaning(NotServedError, "LangSmith has retired this endpoint; upgrade this program"),
    413: Meaning(TooHeavyError, "the answer is too large for LangSmith; lower PAGE_SIZE"),
    422: Meaning(RefusedError, "LangSmith rejects the request; upgrade this program, and report this if it continues"),
    425: Meaning(UpstreamError, "LangSmith asks to wait; call again in a few minutes", retry=True, status=503),
    429: Meaning(
        LimitedError,
        "LangSmith's rate limit is reached; let one reader at a time read this workspace, or call less often",
        retry=True,
        status=503,
    ),
    501: Meaning(NotServedError, "this LangSmith does not serve this API; upgrade this program, or the self-hosted LangSmith"),
    502: Meaning(TooHeavyError, "LangSmith's gateway failed; lower PAGE_SIZE if it continues", retry=True),
    503: Meaning(UpstreamError, "LangSmith is unavailable; call again in a few minutes", retry=True, status=503),
    504: Meaning(TooHeavyError, "LangSmith's gateway timed out; lower PAGE_SIZE if it continues", retry=True, status=503),
}
REDIRECT = Meaning(
    UpstreamError,
    "LANGSMITH_BASE_URL: LangSmith redirects to another address, and the key must not follow; write the final address",
)
LANGSMITHS_OWN = (200, 401, 403, 404)
"""LangSmith itself always answers these as JSON. A page of HTML with one of them comes from a proxy or firewall, and may pass."""
SERVER_ERROR = Meaning(UpstreamError, "LangSmith failed; call again in a few minutes", retry=True)
OTHER = Meaning(
    UpstreamError, "LangSmith answered with an unexpected status; check LANGSMITH_BASE_URL, and call again in a few minutes"
)


def meaning_of(response: requests.Response, body: bytes, path: str, now: datetime) -> Exception:
    """Return the error that a failing answer means: a Failure where asking again can help, else the error itself."""
    status = response.status_code
    meaning = MEANINGS.get(status) or (REDIRECT if response.is_redirect else SERVER_ERROR if status >= 500 else OTHER)
    error = meaning.error(f"{meaning.text}{_details(status, path, response, body)}", meaning.status)
    if status in LANGSMITHS_OWN and not is_json(response):
        where = _details(status, path, response, b"")
        kind = NotJsonError if status in (403, 404) else UpstreamError
        error = kind(f"a proxy or firewall answered in LangSmith's place; let this function through{where}")
    elif not meaning.retry:
        return error
    return Failure(error, headers.retry_after(response, now))


def meaning_of_storage(response: requests.Response, host: str, now: datetime) -> Exception:
    """Return the error that a failing answer of object storage means. Most often the address has expired (403).

    A StorageError may be mended by asking for the record again. 404 and 410 are final.
    """
    status = response.status_code
    error = UpstreamError(f"object storage answered {status} ({host}); let this function reach that host if this continues")
    if status in (408, 429) or status >= 500:
        return Failure(StorageError(str(error)), headers.retry_after(response, now))
    return error if status in (404, 410) else StorageError(str(error))


def is_json(response: requests.Response) -> bool:
    """Whether the answer declares JSON, problem+json included."""
    return "json" in response.headers.get("Content-Type", "").lower()


def _details(status: int, path: str, response: requests.Response, body: bytes) -> str:
    """Return status and path, and LangSmith's own words where it refused the request itself. Never returns a payload."""
    words = _words(body) if status in (400, 401, 403, 404, 410, 422) and is_json(response) else ""
    words = fit(words)[:200]
    where = f"redirect{_elsewhere(response)}" if response.is_redirect else path
    return f" ({status}, {where}{': ' + words if words else ''})"


def _elsewhere(response: requests.Response) -> str:
    try:
        host = urlsplit(response.headers["Location"]).hostname
    except ValueError:
        host = None
    return f" to {host}" if host else ""


def _words(body: bytes) -> str:
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    for name in ("detail", "error", "title", "message"):
        if isinstance(found, dict) and found.get(name):
            found = found[name]
            break
    if isinstance(found, list):
        found = "; ".join(str(item.get("msg", "")) for item in found if isinstance(item, dict))
    if isinstance(found, dict):
        found = found.get("message") or found.get("error") or ""
    return str(found)
