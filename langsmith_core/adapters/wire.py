"""One attempt on the wire is bounded as a whole: looking the host up, connecting, TLS, headers and body together.

The timeouts of `requests` are for one read each: a server that sends a byte now and then never meets them, neither while it
drips its headers nor while it says `100 Continue` for ever. Here every read waits no longer than the attempt has left.
Not here: how long an attempt may take (langsmith), or what one that was broken off means (answers).
"""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from http.client import HTTPResponse
from http.cookiejar import DefaultCookiePolicy
from threading import Thread
from typing import Any

import requests
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, LocationParseError, NameResolutionError, NewConnectionError
from urllib3.util.connection import allowed_gai_family, create_connection

from langsmith_core.adapters.clock import Clock


class Watch:
    """The end of an attempt that has so many seconds, by the call's clock and by one that nobody sets back."""

    def __init__(self, seconds: float, clock: Clock) -> None:
        self.seconds, self._clock = seconds, clock
        self.until, self._ends = clock.now() + timedelta(seconds=seconds), time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds that are left; none or fewer where the attempt has had its time."""
        return min((self.until - self._clock.now()).total_seconds(), self._ends - time.monotonic())


_WATCH: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def within(seconds: float, clock: Clock) -> Iterator[Watch]:
    """Every wait of a connection of `session` ends within the block's seconds, with the error of a timeout."""
    watch = Watch(seconds, clock)
    token = _WATCH.set(watch)
    try:
        yield watch
    finally:
        _WATCH.reset(token)


def session(threads: int = 1) -> requests.Session:
    """A session that keeps connections open, and nothing else from call to call: no cookie.

    It never retries on its own, and keeps to the time of `within`.
    """
    made = _Session()
    made.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    made.mount("https://", _Adapter(pool_connections=1, pool_maxsize=threads, max_retries=0))
    made.mount("http://", _Direct(pool_connections=1, pool_maxsize=threads, max_retries=0))
    return made


class _Session(requests.Session):
    """Redirects are not followed. Where it looks for one all the same, requests would read the whole body of the answer."""

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002  the signature of requests
        """Nowhere."""
        return


class _Adapter(requests.adapters.HTTPAdapter):
    """The transport of requests, on our own connections, by way of a proxy too."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> urllib3.ProxyManager:
        manager: urllib3.ProxyManager = super().proxy_manager_for(proxy, **options)
        if isinstance(manager, urllib3.ProxyManager):
            manager.pool_classes_by_scheme = _POOLS
        return manager


class _Direct(_Adapter):
    """What is not encrypted stays on this machine (parsers.base_url, langsmith._trust): no proxy sees it."""

    def send(self, *values: Any, **named: Any) -> requests.Response:
        return super().send(*values, **{**named, "proxies": None})


class _Response(HTTPResponse):
    """An answer whose every read waits no longer than the attempt has left: status, headers, body, and what comes before them."""

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_Reads(sock, self.fp.detach()))


class _Reads(io.RawIOBase):
    """A socket's reads, each with the timeout that the socket has, or what is left until the end where that is less."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase) -> None:
        self._sock, self._raw, self._silence, self._watch = sock, raw, sock.gettimeout(), _WATCH.get()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        """What has come; TimeoutError where nothing has, or the time is over."""
        self._sock.settimeout(_shorter(self._silence, self._watch))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Connecting:
    """A connection that is made within the attempt's time, however many addresses the host has and however slow its name."""

    def _new_conn(self: Any) -> socket.socket:
        watch = _WATCH.get()
        try:
            addresses = _addresses(self._dns_host, self.port, _shorter(self.timeout, watch))
            made: socket.socket = self._first(addresses, watch)
            made.settimeout(_shorter(self.timeout, watch))  # TLS, and sending
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"connecting to {self.host} took too long") from error
        except OSError as error:
            raise NewConnectionError(self, f"no connection: {error}") from error
        return made

    def _first(self: Any, addresses: list[str], watch: Watch | None) -> socket.socket:
        """A connection to the first address that takes one; the failure of the last where none does."""
        failure = OSError("the host has no address")
        for address in addresses:
            try:
                return create_connection(
                    (address, self.port), _shorter(self.timeout, watch), self.source_address, self.socket_options
                )
            except OSError as error:
                failure = error
        raise failure


def _addresses(host: str, port: int, seconds: float | None) -> list[str]:
    """The host's addresses. Looking them up has no timeout of its own, so a thread does it that may be left behind."""
    found: Future[list[str]] = Future()

    def look_up() -> None:
        try:
            entries = socket.getaddrinfo(host.strip("[]"), port, allowed_gai_family(), socket.SOCK_STREAM)
            found.set_result(list(dict.fromkeys(str(entry[4][0]) for entry in entries)))
        except (OSError, UnicodeError) as error:
            # No network will ever find what cannot be the name of a host.
            found.set_exception(error if isinstance(error, OSError) else LocationParseError("the host"))

    Thread(target=look_up, name="look-up", daemon=True).start()
    return found.result(seconds)


def _shorter(seconds: float | None, watch: Watch | None) -> float | None:
    """The shorter of a timeout and what is left. Raises TimeoutError where nothing is."""
    left = watch.left if watch else seconds
    if left is not None and left <= 0:
        raise TimeoutError("the time of this attempt is over")
    return left if seconds is None or left is None else min(seconds, left)


class _Plain(_Connecting, HTTPConnection):
    response_class = _Response


class _Secure(_Connecting, HTTPSConnection):
    response_class = _Response


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Secure


_POOLS = {"http": _PlainPool, "https": _SecurePool}
