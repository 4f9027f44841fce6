"""The HTTP session: bound a whole attempt (DNS, connect, TLS, headers, body) by one deadline.

The timeouts of `requests` hold for one read each. A server that sends a byte now and then never meets them, neither while it
drips its headers nor while it sends `100 Continue` for ever. Here every read waits no longer than the attempt has left. Not here:
the deadline itself (deadline), or what a broken attempt means (network).
"""

from __future__ import annotations

import io
import socket
from concurrent.futures import Future
from http.client import HTTPResponse
from http.cookiejar import DefaultCookiePolicy
from threading import Thread
from typing import Any

import requests
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, LocationParseError, NameResolutionError, NewConnectionError
from urllib3.util.connection import allowed_gai_family, create_connection

from langsmith_core.langsmith.deadline import Deadline, current, shorter

CONNECT_SECONDS = 10
HOSTS = 4
"""Hosts to which connections are kept: LangSmith, and the object storage that its records name."""
ACCEPTED = "gzip"
"""The compression to ask for. Without it requests names whatever this installation can unpack, but only gzip is tested."""


def timeouts(seconds: float, read_seconds: float) -> tuple[float, float]:
    """Return the seconds to connect and to wait for each further piece of an answer, in an attempt of so many `seconds`."""
    return min(CONNECT_SECONDS, seconds), min(read_seconds, seconds)


def no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep a .netrc of the machine out of the request."""
    return request


def session(threads: int = 1) -> requests.Session:
    """Make a session that keeps connections open, and nothing else from call to call: it takes no cookie.

    It never retries on its own, and keeps to the time of `within`.
    """
    made = _Session()
    made.headers["Accept-Encoding"] = ACCEPTED
    made.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    made.mount("https://", _Adapter(pool_connections=HOSTS, pool_maxsize=threads, max_retries=0))
    made.mount("http://", _Direct(pool_connections=HOSTS, pool_maxsize=threads, max_retries=0))
    return made


class _Session(requests.Session):
    """A session that looks for no redirect. `requests` would read the whole body of one that it does not even follow."""

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002  the signature of requests
        """Return no target."""
        return


class _Adapter(requests.adapters.HTTPAdapter):
    """The transport of requests on our own connections, also through a proxy."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> urllib3.ProxyManager:
        manager: urllib3.ProxyManager = super().proxy_manager_for(proxy, **options)
        if isinstance(manager, urllib3.ProxyManager):
            manager.pool_classes_by_scheme = _POOLS
        return manager


class _Direct(_Adapter):
    """Send what is not encrypted through no proxy: it stays on this machine (settings.parsers, downloads)."""

    def send(self, *values: Any, **named: Any) -> requests.Response:
        return super().send(*values, **{**named, "proxies": None})


class _Response(HTTPResponse):
    """An answer whose every read keeps the deadline: status, headers, body, and 1xx answers before them."""

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_Reads(sock, self.fp.detach()))


class _Reads(io.RawIOBase):
    """A socket's reads, each bounded by the socket's timeout or by the time left, whichever is shorter."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase) -> None:
        self._sock, self._raw, self._read_timeout, self._deadline = sock, raw, sock.gettimeout(), current()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what has arrived. Raises TimeoutError where nothing has, or the time is over."""
        self._sock.settimeout(shorter(self._read_timeout, self._deadline))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Connecting:
    """A connection made within the attempt's time, however many addresses the host has and however slow DNS is."""

    def _new_conn(self: Any) -> socket.socket:
        deadline = current()
        try:
            addresses = _addresses(self._dns_host, self.port, shorter(self.timeout, deadline))
            made: socket.socket = self._first(addresses, deadline)
            made.settimeout(shorter(self.timeout, deadline))  # for TLS and sending
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"connecting to {self.host} took too long") from error
        except OSError as error:
            raise NewConnectionError(self, f"no connection: {error}") from error
        return made

    def _first(self: Any, addresses: list[str], deadline: Deadline | None) -> socket.socket:
        """Connect to the first address that accepts. Raises the last address's failure where none does."""
        failure = OSError("the host has no address")
        for address in addresses:
            try:
                return create_connection(
                    (address, self.port), shorter(self.timeout, deadline), self.source_address, self.socket_options
                )
            except OSError as error:
                failure = error
        raise failure


def _addresses(host: str, port: int, seconds: float | None) -> list[str]:
    """Look up the host's addresses in a thread that may be left behind, because a look-up has no timeout of its own."""
    found: Future[list[str]] = Future()

    def look_up() -> None:
        try:
            entries = socket.getaddrinfo(host.strip("[]"), port, allowed_gai_family(), socket.SOCK_STREAM)
            found.set_result(list(dict.fromkeys(str(entry[4][0]) for entry in entries)))
        except (OSError, UnicodeError) as error:
            # No network ever finds a text that cannot be a host name.
            found.set_exception(error if isinstance(error, OSError) else LocationParseError("the host"))

    Thread(target=look_up, name="look-up", daemon=True).start()
    return found.result(seconds)


class _Plain(_Connecting, HTTPConnection):
    response_class = _Response


class _Secure(_Connecting, HTTPSConnection):
    response_class = _Response


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Secure


_POOLS = {"http": _PlainPool, "https": _SecurePool}
