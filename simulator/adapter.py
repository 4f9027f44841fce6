"""The simulator as a transport of `requests`: in the process, without sockets, for any host it is mounted on.

A broken connection or a truncated answer raises what requests raises for a real one. The clock does the waiting.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from requests import PreparedRequest
from requests import Response as ClientResponse
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.exceptions import ConnectionError as ClientConnectionError
from requests.exceptions import ReadTimeout
from urllib3 import HTTPHeaderDict, HTTPResponse
from urllib3.exceptions import ProtocolError

from simulator.clock import Clock
from simulator.messages import Headers, Request, Response

Timeout = float | tuple[float | None, float | None] | None


class SimulatorAdapter(BaseAdapter):
    """Passes the requests of a session to a handler."""

    def __init__(self, handle: Callable[[Request], Response], clock: Clock) -> None:
        super().__init__()
        self._handle = handle
        self._clock = clock
        self._builder = HTTPAdapter()  # builds a response as requests does for a real connection

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: ARG002 - the signature of requests
        timeout: Timeout = None,
        verify: bool | str = True,  # noqa: ARG002 - the signature of requests
        cert: object = None,  # noqa: ARG002 - the signature of requests
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002 - the signature of requests
    ) -> ClientResponse:
        """Answer one request."""
        response = self._handle(_received(request))
        self._wait(response.delay_seconds, timeout, request)
        if response.reset:
            broken = ConnectionResetError(104, "Connection reset by peer")
            raise ClientConnectionError(ProtocolError("Connection aborted.", broken), request=request)
        return self._builder.build_response(request, _raw(response, self._clock, _limit(timeout)))

    def close(self) -> None:
        """Do nothing: the adapter holds no resources."""

    def _wait(self, seconds: float, timeout: Timeout, request: PreparedRequest) -> None:
        limit = _limit(timeout)
        if seconds > limit:
            self._clock.sleep(limit)
            raise ReadTimeout(f"Read timed out. (read timeout={limit})", request=request)
        if seconds:
            self._clock.sleep(seconds)


def _limit(timeout: Timeout) -> float:
    """The read timeout in seconds; infinite if none is set."""
    limit = timeout[1] if isinstance(timeout, tuple) else timeout
    return limit if isinstance(limit, int | float) else math.inf


def _received(request: PreparedRequest) -> Request:
    parts = urlsplit(str(request.url))
    return Request(
        method=str(request.method),
        base_url=f"{parts.scheme}://{parts.netloc}",
        path=parts.path,
        query=parse_qsl(parts.query, keep_blank_values=True),
        headers=Headers((str(name), _text(value)) for name, value in request.headers.items()),
        content=_content(request.body),
    )


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _content(body: object) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    if hasattr(body, "read"):
        return bytes(body.read())
    return b"".join(body) if isinstance(body, Iterable) else b""


class _Body(io.RawIOBase):
    """The body of an answer as a stream that waits before each piece."""

    def __init__(self, response: Response, clock: Clock, limit: float) -> None:
        self._pieces = iter(response.pieces if response.stream is None else response.stream)
        self._rest, self._seconds, self._clock = b"", response.drip_seconds, clock
        self._limit = limit

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read the next piece, or as much of it as the buffer holds."""
        piece = self._rest or self._next()
        size = min(len(piece), len(buffer))
        buffer[:size] = piece[:size]
        self._rest = piece[size:]
        return size

    def _next(self) -> bytes:
        """Wait, then return the next piece; empty at the end. Raises TimeoutError past the read timeout."""
        piece = next(self._pieces, b"")
        if piece and self._seconds:
            self._clock.sleep(min(self._seconds, self._limit))
        if piece and self._seconds > self._limit:
            raise TimeoutError("timed out")
        return piece


def _raw(response: Response, clock: Clock, limit: float) -> HTTPResponse:
    headers = HTTPHeaderDict([("Content-Type", response.content_type)])
    if response.stream is None:
        headers.add("Content-Length", str(len(response.content)))
    for name, value in response.headers:
        headers.add(name, value)
    in_pieces = bool(response.drip_seconds) or response.stream is not None
    return HTTPResponse(
        body=io.BufferedReader(_Body(response, clock, limit)) if in_pieces else io.BytesIO(b"".join(response.pieces)),
        headers=headers,
        status=response.status,
        preload_content=False,
        enforce_content_length=True,
    )
