"""The LangSmith HTTP client: send one call, with retries and pacing, and return one answer or raise one error.

Here: requests, headers and timeouts. Not here: paths and parameters (streams.endpoints), payloads in object storage (downloads),
reading a body (reading), what a failing answer means (answers). The key goes to the configured host only: the client follows no
redirect, and no message, log line or repr holds the key.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from itertools import chain, repeat
from threading import Lock
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import requests
import urllib3

from langsmith_core.calls import Call, Reply, Start
from langsmith_core.clock import Clock
from langsmith_core.errors import OutOfTimeError
from langsmith_core.langsmith import answers, headers, network, reading, retries, transport
from langsmith_core.langsmith.downloads import Downloads
from langsmith_core.langsmith.pacing import Pacer, Part, whole
from langsmith_core.langsmith.source_clock import SourceClock
from langsmith_core.langsmith.time_limit import GRACE_SECONDS, TimeLimit
from langsmith_core.langsmith.transport import session as session  # noqa: PLC0414  part of this module's face
from langsmith_core.langsmith.under_way import in_thread
from langsmith_core.settings.config import Settings

READ_SECONDS = 60
PACE_SECONDS_MAX = 5.0
"""The client waits so long for the pace even past the call's end. A call shorter than the pace would never get on otherwise."""
PART_SECONDS = 1.0
"""How often a process without a part of the limits asks for one."""

_PACERS: WeakKeyDictionary[Clock, dict[tuple[str, str], Pacer]] = WeakKeyDictionary()
_CLOCKS: WeakKeyDictionary[Clock, dict[str, SourceClock]] = WeakKeyDictionary()
_log = logging.getLogger(__name__)


class LangSmith:
    """A client of one workspace for one call. `fetch` is what the engine takes.

    `sent` counts requests, `retries` those that were second and later attempts, `rate_limited` answers of 429. A call that runs
    out of time may send none.
    `start` begins an attempt beside the work of the call. `part` gives the part of the limits that this process may use.
    `notices` holds the `Deprecation` and `Sunset` headers seen.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        deadline: datetime,
        session: requests.Session,
        read_seconds: float = READ_SECONDS,
        grace_seconds: float = GRACE_SECONDS,
        start: Start = in_thread,
    ) -> None:
        self._root = settings.base_url
        self._host = urlsplit(settings.base_url).hostname or ""
        self._clock, self._deadline, self._session = clock, deadline, session
        self._time_limit = TimeLimit(clock, deadline, grace_seconds)
        self._read_seconds = read_seconds
        self._downloads = Downloads(self._root, clock, deadline, session, self._time_limit, read_seconds)
        # The pace outlives the call, because Fivetran calls again at once.
        self._pacer = _PACERS.setdefault(clock, {}).setdefault((self._host, settings.tenant_id), Pacer(self._host))
        self.clock = _CLOCKS.setdefault(clock, {}).setdefault(self._host, SourceClock(clock))
        self._headers, self._start = _headers(settings), start
        self.part: Part = whole
        self._counting = Lock()
        self.sent = self.retries = self.rate_limited = 0
        self.notices: dict[str, str] = {}

    def begin(self, call: Call) -> Future[Reply]:
        """Begin the first attempt at a call, for `fetch` to go on with."""
        return self._start(partial(self._once, call))

    def fetch(self, call: Call, begun: Future[Reply] | None = None) -> Reply:
        """Send a call until LangSmith answers it. An attempt that has `begun` is the first one.

        Raises the SyncError that answers.MEANINGS or network.NETWORK gives for the last attempt.
        """
        first: Callable[[], Reply] = begun.result if begun else partial(self._once, call)
        attempts: Iterator[Callable[[], Reply]] = chain((first,), repeat(partial(self._once, call, again=True)))

        def attempt() -> Reply:
            return next(attempts)()

        return retries.repeated(attempt, self._clock, self._deadline)

    def begin_download(self, address: str, bytes_max: int) -> Future[bytes]:
        """Begin a download, with all its retries."""
        return self._start(partial(self._downloads.read, address, bytes_max))

    def download(self, address: str, bytes_max: int) -> bytes:
        """Read a payload from an address that LangSmith has signed. See `downloads.Downloads.read`."""
        return self._downloads.read(address, bytes_max)

    def _once(self, call: Call, *, again: bool = False) -> Reply:
        self._keep_pace(call)
        asked_at = self._clock.now()
        try:
            with self._time_limit.attempt() as attempt:
                self._count(again=again)
                with self._session.request(
                    call.method,
                    self._root + call.path,
                    params=list(call.query),
                    json=call.body,
                    headers=self._headers,
                    timeout=transport.timeouts(attempt.seconds, self._read_seconds),
                    allow_redirects=False,
                    stream=True,
                    auth=transport.no_auth,
                ) as response:
                    body = reading.read(response, self._clock, attempt.until)
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
            raise network.unreachable(error, self._host) from error
        self._notice(response)
        now = self._clock.now()
        if response.status_code == requests.codes.too_many_requests:
            self._count_429()
            self._pacer.refused(call.tier, now.timestamp(), headers.retry_after(response, now), asked_at.timestamp())
        if response.status_code != requests.codes.ok or not answers.is_json(response):
            raise answers.meaning_of(response, body, call.path, now)
        self._pacer.passed(call.tier)
        at = self.clock.learn(headers.date(response), asked_at)
        return Reply(body, at, (now - asked_at).total_seconds(), self._pacer.gap(call.tier, self.part() or 1.0))

    def _count(self, *, again: bool) -> None:
        with self._counting:
            self.sent += 1
            self.retries += again

    def _count_429(self) -> None:
        with self._counting:
            self.rate_limited += 1

    def _keep_pace(self, call: Call) -> None:
        """Wait for the request's turn. Those that wait at once take turns. A part that changed meanwhile starts again."""
        with self._pacer.turn[call.tier]:
            part, asked = self._allowed(), 0.0
            while part != asked:
                self._rest(self._pacer.wait(call.tier, self._clock.now().timestamp(), part))
                part, asked = self._allowed(), part
            self._pacer.sent(call.tier, self._clock.now().timestamp())

    def _allowed(self) -> float:
        """Wait for a part of the limits, and return it."""
        while not (part := self.part()):
            self._rest(PART_SECONDS)
        return part

    def _rest(self, seconds: float) -> None:
        """Wait. Raises OutOfTimeError where the call has not so long."""
        if seconds > min(max((self._deadline - self._clock.now()).total_seconds(), PACE_SECONDS_MAX), self._time_limit.left()):
            raise OutOfTimeError(
                "this call ran out of time while it waited for LangSmith's rate limit; call again, or raise MAX_SECONDS"
            )
        if seconds:
            self._clock.sleep(seconds)

    def _notice(self, response: requests.Response) -> None:
        for name in ("Deprecation", "Sunset"):
            if name in response.headers and name not in self.notices:
                self.notices[name] = response.headers[name]
                fields = {"event": "sunset", "header": name, "value": response.headers[name][:100]}
                path = urlsplit(response.url).path
                _log.warning("LangSmith sends %s with %s; upgrade this program in time", name, path, extra={"fields": fields})


def _headers(settings: Settings) -> dict[str, str]:
    headers = {
        "X-API-Key": settings.api_key,
        "X-Tenant-Id": settings.tenant_id,
        "Accept": "application/json",
        "User-Agent": "langsmith-sync",
    }
    return {**headers, "X-Organization-Id": settings.org_id} if settings.org_id else headers
