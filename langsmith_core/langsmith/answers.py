"""What LangSmith's failures mean: the table from statuses and network errors to our errors.

Here: the table, and reading an answer's headers and words for it. Not here: sending or waiting (langsmith). No message holds a
payload, a parameter or a key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from msgspec import Struct

from langsmith_core.errors import (
    ConfigError,
    CredentialsError,
    GoneError,
    LimitedError,
    NotServedError,
    RefusedError,
    StorageError,
    SyncError,
    TooHeavyError,
    UpstreamError,
)
from langsmith_core.langsmith import headers


class Failure(Exception):  # noqa: N818  no error yet: a retry may mend it
    """An attempt that may pass when repeated, and the error it becomes when it does not."""

    def __init__(self, error: SyncError, retry_after: float | None = None) -> None:
        super().__init__(str(error))
        self.error, self.retry_after = error, retry_after


class Meaning(Struct, frozen=True):
    """What a status means: the error, its text, whether asking again can help, and our own status."""

    error: type[SyncError]
    text: str
    retry: bool = False
    status: int | None = None


MEANINGS: Mapping[int, Meaning] = {
    400: Meaning(RefusedError, "LangSmith does not take the request"),
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
    408: Meaning(TooHeavyError, "LangSmith timed out", retry=True, status=503),
    410: Meaning(NotServedError, "LangSmith has retired this page; a newer version of this program is needed"),
    413: Meaning(TooHeavyError, "the answer is too large for LangSmith"),
    422: Meaning(RefusedError, "LangSmith does not take the request"),
    425: Meaning(UpstreamError, "LangSmith asks to come later", retry=True, status=503),
    429: Meaning(
        LimitedError,
        "LangSmith's rate limit is reached; another reader of this workspace may be at work",
        retry=True,
        status=503,
    ),
    501: Meaning(NotServedError, "this LangSmith does not serve this API"),
    502: Meaning(TooHeavyError, "LangSmith's gateway failed", retry=True),
    503: Meaning(UpstreamError, "LangSmith is unavailable", retry=True, status=503),
    504: Meaning(TooHeavyError, "LangSmith's gateway timed out", retry=True, status=503),
}
REDIRECT = Meaning(
    UpstreamError,
    "LANGSMITH_BASE_URL: LangSmith sends on to another address, and the key is not carried there; write the final address",
)
MINE = (200, 401, 403, 404)
"""Answers that LangSmith itself always gives as JSON: a page of HTML is a proxy's or a firewall's, and passes."""
SERVER_ERROR = Meaning(UpstreamError, "LangSmith failed", retry=True)
OTHER = Meaning(UpstreamError, "LangSmith answered with an unexpected status")
NETWORK: tuple[tuple[type[Exception], Meaning], ...] = (
    # Most specific first.
    (requests.exceptions.SSLError, Meaning(ConfigError, "LANGSMITH_BASE_URL: the host's certificate is not valid")),
    (requests.exceptions.ConnectTimeout, Meaning(UpstreamError, "LangSmith's host does not answer", retry=True, status=503)),
    (requests.exceptions.Timeout, Meaning(TooHeavyError, "LangSmith did not answer in time", retry=True, status=503)),
    (requests.exceptions.ConnectionError, Meaning(UpstreamError, "the connection to LangSmith failed", retry=True, status=503)),
    (requests.exceptions.ChunkedEncodingError, Meaning(UpstreamError, "LangSmith's answer broke off", retry=True)),
    (requests.exceptions.ContentDecodingError, Meaning(UpstreamError, "LangSmith's answer could not be unpacked", retry=True)),
    (requests.exceptions.RequestException, Meaning(ConfigError, "LANGSMITH_BASE_URL: no request can be made of it")),
    # requests looks at a redirect's address even where it does not follow it.
    (ValueError, Meaning(UpstreamError, "LANGSMITH_BASE_URL: it redirects to what is no address; write the final one")),
)


def meaning_of(response: requests.Response, body: bytes, path: str, now: datetime) -> Exception:
    """What a failing answer means: a Failure where asking again can help, else the error itself."""
    status = response.status_code
    meaning = MEANINGS.get(status) or (REDIRECT if response.is_redirect else SERVER_ERROR if status >= 500 else OTHER)
    error = meaning.error(f"{meaning.text}{_said(status, path, response, body)}", meaning.status)
    if status in MINE and not is_json(response):
        error = UpstreamError(f"something between here and LangSmith answered in its place{_said(status, path, response, b'')}")
    elif not meaning.retry:
        return error
    return Failure(error, headers.retry_after(response, now))


def meaning_of_storage(response: requests.Response, host: str, now: datetime) -> Exception:
    """What a failing answer of object storage means: most often that the address has expired (403). 404 and 410 are final."""
    status = response.status_code
    error = UpstreamError(f"the object storage answered {status} ({host})")
    if status in (408, 429) or status >= 500:
        return Failure(StorageError(str(error)), headers.retry_after(response, now))
    return error if status in (404, 410) else StorageError(str(error))


def unreachable_storage(error: requests.RequestException | Failure, host: str) -> Exception:
    """The same for object storage, whose address nobody has configured."""
    if isinstance(error, Failure):
        return Failure(StorageError(f"the object storage answers too slowly ({host})"))
    reached = UpstreamError(f"the object storage cannot be reached ({type(error).__name__}, {host})")
    return Failure(StorageError(str(reached))) if isinstance(unreachable(error, host), Failure) else reached


def unreachable(error: Exception, host: str) -> Exception:
    """What a network error means: a Failure where asking again can help, else the error itself."""
    within = error.args[0] if error.args else None
    if isinstance(within, urllib3.exceptions.TimeoutError):
        error = requests.exceptions.ReadTimeout()  # a timeout within the body comes as a ConnectionError
    meaning = next(meaning for kind, meaning in NETWORK if isinstance(error, kind))
    # The library's own text holds addresses with their parameters; its class says enough.
    made = meaning.error(f"{meaning.text} ({type(error).__name__}, {host})", meaning.status)
    return Failure(made) if meaning.retry else made


def is_json(response: requests.Response) -> bool:
    """Whether the answer says that it is JSON, problem+json included."""
    return "json" in response.headers.get("Content-Type", "").lower()


def _said(status: int, path: str, response: requests.Response, body: bytes) -> str:
    """Status and path, and LangSmith's own words where it refused the request itself; never a payload."""
    words = _words(body) if status in (400, 401, 403, 404, 410, 422) and is_json(response) else ""
    words = words.replace(_key(response), "(the key)")[:200]
    where = f"redirect{_elsewhere(response)}" if response.is_redirect else path
    return f" ({status}, {where}{': ' + words if words else ''})"


def _key(response: requests.Response) -> str:
    """The key that the request carried; LangSmith may repeat it in a refusal."""
    headers = response.request.headers if response.request is not None else {}
    return str(headers.get("X-API-Key") or "\0")


def _elsewhere(response: requests.Response) -> str:
    try:
        host = urlsplit(response.headers["Location"]).hostname
    except ValueError:
        host = None
    return f" to {host}" if host else ""


def _words(body: bytes) -> str:
    try:
        said: Any = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    for name in ("detail", "error", "title", "message"):
        if isinstance(said, dict) and said.get(name):
            said = said[name]
            break
    if isinstance(said, list):
        said = "; ".join(str(item.get("msg", "")) for item in said if isinstance(item, dict))
    if isinstance(said, dict):
        said = said.get("message") or said.get("error") or ""
    return str(said)
