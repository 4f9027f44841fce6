"""LangSmith over HTTP: one call in, one answer or one error out.

Here: connections, headers, timeouts, retries, pacing. Not here: paths and parameters (endpoints), what an answer holds, or what
a failing one means (answers). The key goes to the configured host only: redirects are
not followed, and no message, log line or repr holds it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from urllib.parse import urljoin, urlsplit
from weakref import WeakKeyDictionary

import requests

from langsmith_core.calls import Call, Reply
from langsmith_core.clock import Clock
from langsmith_core.errors import OutOfTimeError, UpstreamError
from langsmith_core.langsmith import answers, headers, reading, retries
from langsmith_core.langsmith.answers import Failure
from langsmith_core.langsmith.pacing import Pacer
from langsmith_core.settings.config import Settings
from langsmith_core.settings.parsers import LOOPBACK

CONNECT_SECONDS = 10
READ_SECONDS = 60
STORAGE_SECONDS = 20
"""Object storage that has not begun to answer by then is asked in the next sync again."""
PACE_SECONDS_MAX = 5.0
"""A wait for the pace that is kept even where the call's time ends before: a call shorter than the pace would never get on."""

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
        self.sent = self.retries = 0
        """Requests sent, and how many of them were second and later attempts. A call that runs out of time may send none."""
        self.notices: dict[str, str] = {}
        """`Deprecation` and `Sunset` headers seen."""

    def fetch(self, call: Call) -> Reply:
        """Send a call until it is answered.

        Raises the SyncError that MEANINGS or NETWORK gives for the last attempt.
        """
        return self._retried(lambda: self._once(call))

    def download(self, address: str, bytes_max: int) -> bytes:
        """What an address that LangSmith has signed leads to, asked without our key; a relative one is LangSmith's own.

        Raises StorageError where the address has expired or the storage fails, TooHeavyError where the answer is larger than
        `bytes_max`, UpstreamError where another reading would not help: the address is not encrypted, or leads to nothing.
        """
        try:
            parts = urlsplit(address)
        except ValueError as error:
            raise UpstreamError("a record's address of a payload is none") from error
        if parts.scheme:
            self._trust(parts.scheme, parts.hostname or "")
            return self._retried(lambda: self._payload(address, bytes_max))
        try:
            # Whether it is relative to the API's root or to the host is not documented; the SDK takes the root.
            return self._retried(lambda: self._payload(urljoin(self._root + "/api/", address.lstrip("/")), bytes_max))
        except UpstreamError:
            return self._retried(lambda: self._payload(urljoin(self._root + "/", address.lstrip("/")), bytes_max))

    def _retried(self, once: Callable[[], Answer]) -> Answer:
        retrying, before = retries.retrying(self._clock, self._deadline), self.sent
        try:
            return retrying(once)
        except Failure as failure:
            raise failure.error from failure
        finally:
            self.retries += max(0, self.sent - before - 1)

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
                body = reading.read(response, self._clock)
        except (requests.RequestException, ValueError) as error:
            raise answers.unreachable(error, self._host) from error
        self._notice(response)
        if response.status_code == requests.codes.too_many_requests:
            now = self._clock.now()
            self._pacer.refused(call.tier, now.timestamp(), headers.retry_after(response, now))
        if response.status_code != requests.codes.ok or not answers.is_json(response):
            raise answers.meaning_of(response, body, call.path, self._clock.now())
        self._pacer.passed(call.tier)
        return Reply(body, headers.date(response, asked_at) or asked_at)

    def _payload(self, address: str, bytes_max: int) -> bytes:
        host = urlsplit(address).hostname or ""
        try:
            with self._session.get(
                address,
                timeout=(CONNECT_SECONDS, min(STORAGE_SECONDS, self._read_seconds)),
                allow_redirects=False,
                stream=True,
                auth=_no_auth,
            ) as response:
                body = reading.read(response, self._clock, bytes_max, "raise MAX_RESPONSE_MB")
        except (requests.RequestException, Failure) as error:
            raise answers.unreachable_storage(error, host) from error
        if response.status_code != requests.codes.ok:
            raise answers.meaning_of_storage(response, host, self._clock.now())
        return body

    def _trust(self, scheme: str, host: str) -> None:
        """Records may hold any address: one that is not encrypted is asked on the machine of the simulator alone."""
        if scheme != "https" and not (scheme == "http" and {host, self._host} <= set(LOOPBACK)):
            raise UpstreamError(f"a record's address of a payload is not https, at {host or 'no host'}; it was not asked")

    def _keep_pace(self, call: Call) -> None:
        now = self._clock.now()
        seconds = self._pacer.wait(call.tier, now.timestamp())
        if seconds > max((self._deadline - now).total_seconds(), PACE_SECONDS_MAX):
            raise OutOfTimeError("the time of this call is over before LangSmith may be asked again")
        if seconds:
            self._clock.sleep(seconds)
        self._pacer.sent(call.tier, self._clock.now().timestamp())

    def _notice(self, response: requests.Response) -> None:
        for name in ("Deprecation", "Sunset"):
            if name in response.headers and name not in self.notices:
                self.notices[name] = response.headers[name]
                fields = {"event": "sunset", "header": name, "value": response.headers[name][:100]}
                path = urlsplit(response.url).path
                _log.warning("LangSmith sends %s with %s", name, path, extra={"fields": fields})


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
