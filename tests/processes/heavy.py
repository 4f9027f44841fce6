"""Answers that are heavy in every way: too long, too many, too deep, too wide, unpacked to a thousand times their size.

They are made piece by piece as they are sent, so that only the reader has to hold them. test_memory reads them.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from simulator.messages import Request

PIECE = 1 << 18
RUN_ID = "00000000-0000-4000-8000-00000000beef"
Pieces = Iterator[bytes]
Made = Callable[[Request], Pieces]


def start_of(request: Request) -> str:
    """Return the start of a run inside the request's window, by either API."""
    body: Mapping[str, Any] = request.body
    text = body.get("max_start_time") or str(body["filter"]).split('lt(start_time, "')[1].split('"')[0]
    moment = datetime.fromisoformat(text) - timedelta(minutes=10)
    return moment.isoformat().replace("+00:00", "Z")


def page_of(*pieces: Callable[[Request], Pieces]) -> Made:
    """Make a page of one run with these members, by either API."""

    def made(request: Request) -> Pieces:
        project = (request.body.get("project_ids") or request.body["session"])[0]
        yield b'{"runs":' if "v1" in request.path else b'{"items":'
        head = f'[{{"id":"{RUN_ID}","session_id":"{project}","project_id":"{project}","start_time":"{start_of(request)}"'
        yield head.encode()
        for piece in pieces:
            yield from piece(request)
        yield b"}]}"

    return made


def member(name: str, *parts: tuple[bytes, int]) -> Made:
    """Make a member whose value consists of parts, each repeated so many times."""

    def made(_: Request) -> Pieces:
        yield b',"%b":' % name.encode()
        for part, times in parts:
            yield from repeated(part, times)

    return made


def repeated(part: bytes, times: int) -> Pieces:
    """Yield a part so many times, in pieces."""
    at_once = max(1, PIECE // len(part))
    whole, rest = divmod(times, at_once)
    for _ in range(whole):
        yield part * at_once
    yield part * rest


def of_runs(count: int, fields: bytes) -> Made:
    """Make a page of so many runs, newest first, whatever was asked for. After a thousand, the same runs come again."""

    def made(request: Request) -> Pieces:
        project = (request.body.get("project_ids") or request.body["session"])[0].encode()
        first = datetime.fromisoformat(start_of(request))
        runs = [
            b'{"id":"00000000-0000-4000-8000-%012x","session_id":"%b","project_id":"%b","start_time":"%b"%b}'
            % (number, project, project, (first - timedelta(milliseconds=number)).isoformat().encode(), fields)
            for number in range(min(count, 1000))
        ]
        yield b'{"runs":[' if "v1" in request.path else b'{"items":['
        yield b",".join(runs)
        for _thousand in range(1, count // 1000):
            yield b"," + b",".join(runs)
        yield b"]}"

    return made


def endless(_: Request) -> Pieces:
    """Yield a list without an end."""
    yield b'{"runs":[1'
    while True:
        yield b",1" * (PIECE // 2)


def bomb(_: Request) -> Pieces:
    """Yield a gigabyte of blanks, packed into a megabyte, in several members as `gzip` takes them."""
    yield from [_packed()] * 4


@cache
def _packed() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*(packer.compress(b" " * 1_000_000) for _ in range(250)), packer.flush()])
