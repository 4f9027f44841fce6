"""Planned faults: which requests go wrong, and how. The effects are a table; the handlers know nothing of them.

sim.faults.add(Fault(kind="runs", nth=3, status=502, body=b"<html>", content_type="text/html"))
sim.faults.add(Fault(kind="runs", probability=0.1, reset=True, times=None))
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from simulator.jsontext import encode
from simulator.messages import JSON, Request, Response


@dataclass(eq=False)
class Fault:
    """One planned fault. A request must match every condition that is set; `nth` counts the requests that match."""

    kind: str | None = None
    nth: int | None = None  # from 1; None: every matching request
    when: Callable[[Request], bool] | None = None
    probability: float = 1.0
    times: int | None = 1  # how often it strikes; None: without end

    status: int | None = None  # answer this in place of the true answer
    body: bytes | str | dict[str, object] = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON
    redirect: str | None = None  # redirect to this URL, with a 307 unless `status` is set
    reset: bool = False  # the connection breaks before the request is carried out
    lose_answer: bool = False  # the request is carried out, then the connection breaks
    truncate: int | float | None = None  # only this many bytes (int) or this share (float) of the answer arrive
    slow: float | None = None  # seconds before the answer
    drip: float | None = None  # seconds before each twentieth of the body
    cursor: Literal["repeat", "expire"] | None = None  # applies to requests with a cursor only
    offset_shift: int | None = None  # applies to further pages of a list only
    longer: int | None = None  # a page has this many times the records that were asked for
    stream: Callable[[Request], Iterable[bytes]] | None = None  # answer this in place of the true answer, made as it is sent
    rewrite: Callable[[bytes], bytes] | None = None  # rewrites the body of a true answer that is a 200

    matched: int = 0
    struck: int = 0

    def concerns(self, request: Request) -> bool:
        """Whether this request meets the fault's conditions."""
        return (
            self.kind in {None, request.kind}
            and (self.when is None or self.when(request))
            and (self.cursor is None or _has_cursor(request))
            and (self.offset_shift is None or dict(request.query).get("offset", "0") != "0")
        )


def _has_cursor(request: Request) -> bool:
    """Whether a request names a cursor, in its body or its query."""
    body = request.body if isinstance(request.body, dict) else {}
    return bool(body.get("cursor") or dict(request.query).get("cursor"))


class Faults:
    """The planned faults, and the random generator for those with a probability."""

    def __init__(self, seed: int) -> None:
        self._planned: list[Fault] = []
        self._random = random.Random(seed)

    def add(self, fault: Fault) -> Fault:
        """Plan a fault; returns it, so that a test can read how often it struck."""
        self._planned.append(fault)
        return fault

    def clear(self) -> None:
        """Remove all planned faults."""
        self._planned.clear()

    def striking(self, request: Request) -> list[Fault]:
        """The faults that strike this request."""
        return [fault for fault in self._planned if self._strikes(fault, request)]

    def _strikes(self, fault: Fault, request: Request) -> bool:
        if not fault.concerns(request):
            return False
        fault.matched += 1
        spent = fault.times is not None and fault.struck >= fault.times
        if spent or fault.nth not in {None, fault.matched}:
            return False
        if fault.probability < 1.0 and self._random.random() >= fault.probability:
            return False
        fault.struck += 1
        return True


def replacement(faults: list[Fault], request: Request) -> Response | None:
    """The answer that replaces the true one; None if no fault does so."""
    for fault in faults:
        if fault.reset:
            return Response(reset=True)
        if fault.stream is not None:
            return Response(
                fault.status or 200, b"", fault.content_type, list(fault.headers.items()), stream=fault.stream(request)
            )
        if fault.status is not None or fault.redirect is not None:
            where = [("Location", fault.redirect)] if fault.redirect else []
            return Response(
                fault.status or 307,
                _bytes(fault.body),
                fault.content_type,
                [*where, *fault.headers.items()],
            )
    return None


def _bytes(body: bytes | str | dict[str, object]) -> bytes:
    if isinstance(body, dict):
        return encode(body)
    return body.encode() if isinstance(body, str) else body


def _lose(response: Response, _: Fault) -> None:
    response.reset = True


def _truncate(response: Response, fault: Fault) -> None:
    share = fault.truncate or 0
    response.cut_at = int(share * len(response.content)) if isinstance(share, float) else share


def _slow(response: Response, fault: Fault) -> None:
    response.delay_seconds += fault.slow or 0.0


def _drip(response: Response, fault: Fault) -> None:
    response.drip_seconds = fault.drip or 0.0


def _rewrite(response: Response, fault: Fault) -> None:
    if fault.rewrite is not None and response.status == 200:
        response.content = fault.rewrite(response.content)


# setting of a fault: its effect on the answer
ON_THE_WAY: dict[str, Callable[[Response, Fault], None]] = {
    "rewrite": _rewrite,
    "lose_answer": _lose,
    "truncate": _truncate,
    "slow": _slow,
    "drip": _drip,
}


def disturb(response: Response, faults: list[Fault]) -> Response:
    """Apply the faults' effects to an answer."""
    for fault in faults:
        for setting, act in ON_THE_WAY.items():
            planned = getattr(fault, setting)
            if planned is not None and planned is not False:  # a cut at 0 bytes is a plan
                act(response, fault)
    return response
