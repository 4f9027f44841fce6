"""A server on loopback whose answer never ends: it sends a beginning, then one piece again and again, as fast as asked.

Not here: what is sent, and what a client makes of it (test_time_limit, simulation/test_faults_wire).
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Thread
from time import sleep

PIECES_MAX = 4_000
"""Some seconds of real time. A client that reads on until then finds a broken connection, and its test fails."""
REAL_SECONDS = 0.001
"""Between two pieces, so that no client is drowned."""


@dataclass(frozen=True)
class Endless:
    """An answer without an end. `quiet`: the server reads nothing before it, as in the middle of a TLS handshake."""

    beginning: bytes
    piece: bytes
    quiet: bool = False


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ENDLESS = {
    "a status line that drips": Endless(b"HTTP/1.1 200 ", b"O"),
    "a header that drips": Endless(OK + b"X-Slow: ", b"a"),
    "100 Continue for ever": Endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "100 Continue with headers for ever": Endless(b"HTTP/1.1 100 Continue\r\nX-Slow: ", b"a"),
    "a body that drips": Endless(OK + b"Content-Length: 99999999\r\n\r\n[", b" "),
    "a body without a length that drips": Endless(OK + b"\r\n[", b" "),
    "chunks that drip": Endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "a chunk's length that drips": Endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    "trailers for ever": Endless(OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n1\r\n0\r\n", b"X: y\r\n"),
    # Ten bytes of gzip's header, then blocks that hold nothing.
    "gzip that unpacks to nothing": Endless(
        OK + b"Content-Encoding: gzip\r\nContent-Length: 99999999\r\n\r\n" + bytes.fromhex("1f8b08000000000000ff"),
        bytes.fromhex("000000ffff"),
    ),
    "an error whose body drips": Endless(b"HTTP/1.1 500 Oh\r\nContent-Length: 99999999\r\n\r\n", b" "),
    "a redirect whose body drips": Endless(
        b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 99999999\r\n\r\n", b" "
    ),
}


@contextmanager
def serving(answer: Endless, turn: Callable[[], None], tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Yield the server's port while the block lasts. It calls `turn` after every piece."""
    listening, closed = socket.create_server(("127.0.0.1", 0)), Event()

    def answered(client: socket.socket) -> None:
        # The client may leave at any time.
        with suppress(OSError), client, tls.wrap_socket(client, server_side=True) if tls else client as held:
            if not answer.quiet:
                held.recv(65_536)
            held.sendall(answer.beginning)
            for _ in range(PIECES_MAX):
                if closed.is_set():
                    return
                held.sendall(answer.piece)
                turn()
                sleep(REAL_SECONDS)

    def served() -> None:
        with suppress(OSError):  # the end of the block closes it
            while True:
                Thread(target=answered, args=(listening.accept()[0],), daemon=True).start()

    Thread(target=served, daemon=True).start()
    try:
        yield listening.getsockname()[1]
    finally:
        closed.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
