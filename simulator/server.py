"""The simulator as a WSGI application and on a loopback socket, where broken connections are really broken."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request as WsgiRequest
from werkzeug.wrappers import Response as WsgiResponse

from simulator.messages import Headers, Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def wsgi_app(handle: Callable[[Request], Response]) -> WSGIApplication:
    """Wrap a handler in a WSGI application."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        response = handle(_received(WsgiRequest(environ)))
        if response.delay_seconds:
            time.sleep(response.delay_seconds)
        if response.reset:
            _reset(environ)
        return _sent(response)(environ, start_response)

    return application


def _received(request: WsgiRequest) -> Request:
    return Request(
        method=request.method,
        base_url=request.host_url.rstrip("/"),
        path=request.path,
        query=list(request.args.items(multi=True)),
        headers=Headers(request.headers.items()),
        content=request.get_data(),
    )


def _sent(response: Response) -> WsgiResponse:
    if response.stream is not None:
        headers = [("Content-Type", response.content_type), *response.headers]
        return WsgiResponse(response.stream, response.status, headers)
    sent = WsgiResponse(
        _dripping(response) if response.drip_seconds else b"".join(response.pieces),
        response.status,
        content_type=response.content_type,
    )
    sent.automatically_set_content_length = False
    sent.headers["Content-Length"] = str(len(response.content))
    for name, value in response.headers:
        sent.headers.add(name, value)
    if response.cut_at is not None:
        sent.headers["Connection"] = "close"
    return sent


def _dripping(response: Response) -> Iterator[bytes]:
    for piece in response.pieces:
        time.sleep(response.drip_seconds)
        yield piece


def _reset(environ: WSGIEnvironment) -> None:
    """Close the connection so that the client sees a reset, not a clean end."""
    connection: Any = environ.get("werkzeug.socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    raise ConnectionResetError("the simulator broke this connection")


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps connections alive, as the real server does
    disable_nagle_algorithm = True

    def send_response(self, code: int, message: str | None = None) -> None:
        """Begin an answer without werkzeug's Date and Server fields: Date comes from the simulator's clock."""
        self.send_response_only(code, message)

    def connection_dropped(self, error: BaseException, environ: WSGIEnvironment | None = None) -> None:
        """Stop reading requests from a broken connection."""
        del error, environ
        self.close_connection = True

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's signature
        """Log nothing: `Simulator.requests` records the requests."""


@contextmanager
def serving(application: WSGIApplication, port: int) -> Iterator[str]:
    """Serve in threads on the loopback interface while the block lasts; yields the base URL."""
    server = make_server("127.0.0.1", port, application, threaded=True, request_handler=_Handler)
    forever = {"poll_interval": 0.02}  # the poll interval of closing; werkzeug's half second adds up in tests
    thread = threading.Thread(target=server.serve_forever, kwargs=forever, name="simulator", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
