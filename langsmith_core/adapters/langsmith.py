"""LangSmith over HTTP: one call in, one answer or one error out.

Here: connections, headers, timeouts, retries, pacing. Not here: paths and parameters (endpoints), what an answer holds, or what
a failing one means (answers). The key goes to the configured host only: redirects are
not followed, and no message, log line or repr holds it.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from urllib.parse import urljoin, urlsplit
from weakref import WeakKeyDictionary

import requests
import tenacity

from langsmith_core.adapters import answers
from langsmith_core.adapters.answers import Failure
from langsmith_core.adapters.clock import Clock
from langsmith_core.calls import Call, Reply
from langsmith_core.config import Settings
from langsmith_core.errors import OutOfTimeError, TooHeavyError, UpstreamError
from langsmith_core.pacing import Pacer

CONNECT_SECONDS = 10
READ_SECONDS = 60
ANSWER_SECONDS = 180
"""The most seconds of one answer: a server that drips a byte a minute never meets the read timeout."""
ANSWER_BYTES = 256_000_000
ATTEMPTS_MAX = 6
ATTEMPTS_HEAVY = 3
"""Attempts at a page that a gateway gives up on: a smaller page is more likely to pass."""
BACKOFF_SECONDS = 0.5
BACKOFF_SECONDS_MAX = 30.0
RETRY_AFTER_SECONDS_MAX = 120.0
"""A longer Retry-After is not waited for inside a call: the call ends, and the next one comes later anyway."""

_PACERS: WeakKeyDictionary[Clock, dict[tuple[str, str], Pacer]] = WeakKeyDictionary()
Answer = TypeVar("Answer")
_log = logging.getLogger(__name__)


class LangSmith:
    """A client for one workspace. `fetch` is what the engine takes."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        deadline: datetime,
        session: requests.Session,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self._root = settings.base_url
        self._host = urlsplit(settings.base_url).hostname or ""
        self._clock, self._deadline, self._session = clock, deadline, session
        self._read_seconds = read_seconds
        # The pace outlives the call: Fivetran calls again at once.
        self._pacer = _PACERS.setdefault(clock, {}).setdefault((self._host, settings.tenant_id), Pacer(self._host))
        self._headers = _headers(settings)
        self.sent = 0
        """Requests sent, retries included."""
        self.notices: dict[str, str] = {}
        """`Deprecation` and `Sunset` headers seen."""

    def fetch(self, call: Call) -> Reply:
        """Send a call until it is answered.

        Raises the SyncError that MEANINGS or NETWORK gives for the last attempt.
        """
        return self._retried(lambda: self._once(call))

    def download(self, address: str, bytes_max: int) -> bytes:
        """What an address that LangSmith has signed leads to, asked without our key; a relative one is LangSmith's own.

        Raises UpstreamError: the address has expired, the storage fails, or the answer is larger than `bytes_max`.
        """
        try:
            absolute = bool(urlsplit(address).scheme)
        except ValueError as error:
            raise UpstreamError("a record's address of a payload is none") from error
        if absolute:
            return self._retried(lambda: self._payload(address, bytes_max))
        try:
            # Whether it is relative to the API's root or to the host is not documented; the SDK takes the root.
            return self._retried(lambda: self._payload(urljoin(self._root + "/api/", address.lstrip("/")), bytes_max))
        except UpstreamError:
            return self._retried(lambda: self._payload(urljoin(self._root + "/", address.lstrip("/")), bytes_max))

    def _retried(self, once: Callable[[], Answer]) -> Answer:
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(Failure),
            wait=_wait,
            stop=lambda attempt: _is_last(attempt) or self._out_of_time(attempt),
            sleep=self._clock.sleep,
            before_sleep=_told,
            reraise=True,
        )
        try:
            return retrying(once)
        except Failure as failure:
            raise failure.error from failure

    def _out_of_time(self, attempt: tenacity.RetryCallState) -> bool:
        return (self._deadline - self._clock.now()).total_seconds() < (attempt.upcoming_sleep or 0.0)

    def _once(self, call: Call) -> Reply:
        self._keep_pace(call)
        self.sent += 1
        asked_at = self._clock.now()
        try:
            with self._session.request(
                call.method,
                self._root + call.path,
                params=list(call.query),
                json=call.body,
                headers=self._headers,
                timeout=(CONNECT_SECONDS, self._read_seconds),
                allow_redirects=False,
                stream=True,
                auth=_no_auth,
            ) as response:
                body = self._read(response)
        except (requests.RequestException, ValueError) as error:
            raise answers.unreachable(error, self._host) from error
        self._notice(response)
        if response.status_code == requests.codes.too_many_requests:
            self._pacer.refused(call.tier)
        if response.status_code != requests.codes.ok or not answers.is_json(response):
            raise answers.meaning_of(response, body, call.path, self._clock.now())
        self._pacer.passed(call.tier)
        return Reply(body, answers.date(response) or asked_at)

    def _payload(self, address: str, bytes_max: int) -> bytes:
        host = urlsplit(address).hostname or ""
        try:
            with self._session.get(
                address, timeout=(CONNECT_SECONDS, self._read_seconds), allow_redirects=False, stream=True, auth=_no_auth
            ) as response:
                body = self._read(response, bytes_max)
        except requests.RequestException as error:
            raise answers.unreachable_storage(error, host) from error
        if response.status_code != requests.codes.ok:
            raise answers.meaning_of_storage(response, host)
        return body

    def _keep_pace(self, call: Call) -> None:
        now = self._clock.now()
        seconds = self._pacer.wait(call.tier, now.timestamp())
        if seconds and seconds > (self._deadline - now).total_seconds():
            raise OutOfTimeError("the time of this call is over before LangSmith may be asked again")
        if seconds:
            self._clock.sleep(seconds)

    def _read(self, response: requests.Response, bytes_max: int = ANSWER_BYTES) -> bytes:
        chunks: list[bytes] = []
        size, begun = 0, self._clock.now()
        for chunk in response.iter_content(1 << 20):
            chunks.append(chunk)
            size += len(chunk)
            if size > bytes_max:
                raise TooHeavyError(f"the answer is larger than {bytes_max} bytes; lower PAGE_SIZE")
            if (self._clock.now() - begun).total_seconds() > ANSWER_SECONDS:
                raise Failure(TooHeavyError("LangSmith's answer comes too slowly; lower PAGE_SIZE", 503))
        return b"".join(chunks)

    def _notice(self, response: requests.Response) -> None:
        for name in ("Deprecation", "Sunset"):
            if name in response.headers and name not in self.notices:
                self.notices[name] = response.headers[name]
                _log.warning("LangSmith sends %s: %.100s with %s", name, response.headers[name], urlsplit(response.url).path)


def session(threads: int = 1) -> requests.Session:
    """A session that keeps connections open and never retries on its own."""
    made = requests.Session()
    adapter = requests.adapters.HTTPAdapter(pool_connections=1, pool_maxsize=threads, max_retries=0)
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    return made


def _headers(settings: Settings) -> dict[str, str]:
    headers = {
        "X-API-Key": settings.api_key,
        "X-Tenant-Id": settings.tenant_id,
        "Accept": "application/json",
        "User-Agent": "langsmith-sync",
    }
    return {**headers, "X-Organization-Id": settings.org_id} if settings.org_id else headers


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep a .netrc of the machine out of the request."""
    return request


def _is_last(attempt: tenacity.RetryCallState) -> bool:
    """Whether there is no point in another attempt now: too many, or LangSmith asks to come back much later."""
    failure = attempt.outcome.exception() if attempt.outcome else None
    if not isinstance(failure, Failure):
        return True
    most = ATTEMPTS_HEAVY if isinstance(failure.error, TooHeavyError) else ATTEMPTS_MAX
    return attempt.attempt_number >= most or (failure.retry_after or 0.0) > RETRY_AFTER_SECONDS_MAX


def _wait(attempt: tenacity.RetryCallState) -> float:
    """Retry-After where LangSmith gives one, else exponential with full jitter."""
    failure = attempt.outcome.exception() if attempt.outcome else None
    if isinstance(failure, Failure) and failure.retry_after is not None:
        return min(failure.retry_after, RETRY_AFTER_SECONDS_MAX)
    jitter = random.uniform(0.5, 1.0)  # noqa: S311  spreads load, guards nothing
    return jitter * min(BACKOFF_SECONDS_MAX, BACKOFF_SECONDS * 2.0**attempt.attempt_number)


def _told(attempt: tenacity.RetryCallState) -> None:
    failure = attempt.outcome.exception() if attempt.outcome else None
    _log.info("attempt %d failed, again in %.1f s: %s", attempt.attempt_number, attempt.upcoming_sleep, failure)
