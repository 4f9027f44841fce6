"""Download payloads from object storage, by addresses that LangSmith has signed, without our key.

Here: which addresses are asked, and what a failure means. Not here: which payloads are read (sync.payloads).
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from langsmith_core.clock import Clock
from langsmith_core.errors import OutOfTimeError, StorageError, UpstreamError
from langsmith_core.langsmith import answers, network, reading, retries, transport
from langsmith_core.langsmith.answers import Failure
from langsmith_core.langsmith.time_limit import TimeLimit
from langsmith_core.settings.parsers import LOOPBACK

READ_SECONDS = 20
"""Object storage that has not begun to answer by then is asked again in the next sync."""
HOST_LETTERS = 80
"""Messages name so many characters of a host that a record gives."""


class Downloads:
    """The downloads of one call. `root` is LangSmith's base URL."""

    def __init__(
        self, root: str, clock: Clock, deadline: datetime, session: requests.Session, time_limit: TimeLimit, read_seconds: float
    ) -> None:
        self._root, self._host = root, urlsplit(root).hostname or ""
        self._clock, self._deadline, self._session, self._time_limit = clock, deadline, session, time_limit
        self._read_seconds = min(READ_SECONDS, read_seconds)

    def read(self, address: str, bytes_max: int) -> bytes:
        """Return the bytes at an address; a relative one is LangSmith's own.

        Raises StorageError where the address has expired or the storage fails, TooHeavyError where the answer is larger than
        `bytes_max`. Raises UpstreamError where reading again would not help: the address is not encrypted, or leads to nothing.
        """
        try:
            parts = urlsplit(address)
        except ValueError as error:
            raise UpstreamError("a record's payload address is not valid; report this, without the record") from error
        if parts.scheme:
            self._check(parts.scheme, (parts.hostname or "")[:HOST_LETTERS])
            return self._repeated(address, bytes_max)
        try:
            # Nobody documents whether it is relative to the API's root or to the host. LangSmith's SDK takes the root.
            return self._repeated(urljoin(self._root + "/api/", address.lstrip("/")), bytes_max)
        except UpstreamError:
            return self._repeated(urljoin(self._root + "/", address.lstrip("/")), bytes_max)

    def _repeated(self, address: str, bytes_max: int) -> bytes:
        return retries.repeated(lambda: self._once(address, bytes_max), self._clock, self._deadline)

    def _once(self, address: str, bytes_max: int) -> bytes:
        host = (urlsplit(address).hostname or "")[:HOST_LETTERS]
        try:
            with (
                self._time_limit.attempt() as attempt,
                self._session.get(
                    address,
                    timeout=transport.timeouts(attempt.seconds, self._read_seconds),
                    allow_redirects=False,
                    stream=True,
                    auth=transport.no_auth,
                ) as response,
            ):
                body = reading.read(response, self._clock, attempt.until, bytes_max, "raise MAX_RESPONSE_MB")
        except OutOfTimeError as error:
            raise StorageError("this call ran out of time before object storage answered") from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError, Failure) as error:
            # A record may hold any address. requests does not translate all that urllib3 raises for a bad one.
            raise network.unreachable_storage(error, host) from error
        if response.status_code != requests.codes.ok:
            raise answers.meaning_of_storage(response, host, self._clock.now())
        return body

    def _check(self, scheme: str, host: str) -> None:
        """Refuse an address that is not encrypted, as records may hold any. Loopback is allowed beside a loopback LangSmith."""
        if scheme != "https" and not (scheme == "http" and {host, self._host} <= set(LOOPBACK)):
            raise UpstreamError(
                f"a record's payload address is not https, at {host or 'no host'}; give that storage a certificate"
            )
