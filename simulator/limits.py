"""The documented rate limits, as tiers: each allows a number of requests in any span of seconds, by the simulator's clock.

They are off unless `rate_limits` is on. A refused request does not count.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from simulator.conditions import comparisons, start_bounds
from simulator.filters import FilterError, parse
from simulator.messages import Request, Response, answer
from simulator.settings import Settings
from simulator.times import http_date, parse_time

WEEK = timedelta(days=7)
_SESSION = re.compile(r"/sessions/[^/]+/?$")


Applies = Callable[[Request, datetime], bool]


@dataclass
class Tier:
    """At most `count` matching requests in any `seconds`. With `before_auth`, requests with a wrong key count too."""

    name: str
    count: int
    seconds: float
    applies: Applies
    before_auth: bool = False
    v2_rates: str | None = None  # applies under this value of the `v2_rates` setting; None: always
    taken: deque[datetime] = field(default_factory=deque)

    def free_at(self, now: datetime) -> datetime:
        """The moment from which the next request is allowed."""
        span = timedelta(seconds=self.seconds)
        while self.taken and self.taken[0] + span <= now:
            self.taken.popleft()
        return now if len(self.taken) < self.count else self.taken[0] + span


def _any(_: Request, __: datetime) -> bool:
    return True


def _keyless(request: Request, _: datetime) -> bool:
    return "X-API-Key" not in request.headers and "Authorization" not in request.headers


def _deletes_session(request: Request, _: datetime) -> bool:
    return request.method == "DELETE" and _SESSION.search(request.path) is not None


def _of(*kinds: str, v2: bool = False) -> Applies:
    return lambda request, _: request.kind in kinds and ("/v2/" in request.path) == v2


_v1_query = _of("runs")
_v2_query = _of("runs", v2=True)


def _v1(within: bool, of: Callable[[dict[str, Any]], bool]) -> Applies:
    """Match v1 queries by their window (within seven days, or beyond) and their body."""

    def applies(request: Request, now: datetime) -> bool:
        body = request.body if isinstance(request.body, dict) else {}
        return _v1_query(request, now) and (_window(body, now) <= WEEK) == within and of(body)

    return applies


def _v2(within: bool) -> Applies:
    """Match v2 queries by their window (within seven days, or beyond). Without a lower bound it is a day."""

    def applies(request: Request, now: datetime) -> bool:
        body = request.body if isinstance(request.body, dict) else {}
        return _v2_query(request, now) and (_v2_window(body, now) <= WEEK) == within

    return applies


def _v2_window(body: dict[str, Any], now: datetime) -> timedelta:
    try:
        high = parse_time(str(body["max_start_time"])) if body.get("max_start_time") else now
        return high - parse_time(str(body["min_start_time"])) if body.get("min_start_time") else timedelta(days=1)
    except ValueError:
        return timedelta.max


def _plain(_: dict[str, Any]) -> bool:
    return True


def _with_children(body: dict[str, Any]) -> bool:
    return "child_run_ids" in (body.get("select") or ())


def _full_text(body: dict[str, Any]) -> bool:
    """Whether a query searches for text, by a member of the body or by a condition of the filter."""
    return bool(body.get("query") or body.get("search_filter")) or _searches(body.get("filter"))


def _searches(text: object) -> bool:
    try:
        return bool(text) and any(compare.operator == "search" for compare in comparisons(parse(str(text))))
    except FilterError:
        return False


def _window(body: dict[str, Any], now: datetime) -> timedelta:
    """The span of start times of a v1 query; without a start_time it is all history."""
    try:
        low = parse_time(str(body["start_time"])) if body.get("start_time") else None
        bounds = start_bounds(parse(body["filter"])) if body.get("filter") else (None, None)
        end = parse_time(str(body["end_time"])) if body.get("end_time") else None
    except (ValueError, FilterError):
        return timedelta.max
    highs = [moment for moment in (bounds[1], end, now) if moment is not None]
    return min(highs) - low if low is not None else timedelta.max


def documented_tiers() -> list[Tier]:
    """The gateway's and the application's tiers, as the documentation lists them."""
    return [
        Tier("load balancer", 2000, 60, _any, before_auth=True),
        Tier("without a key, by address", 100, 60, _keyless, before_auth=True),
        Tier("any request, gateway", 1000, 10, _any),
        Tier("v1 runs query, gateway", 15, 10, _v1_query),
        Tier("v1 runs query within 7 days", 10, 10, _v1(within=True, of=_plain)),
        Tier("v1 runs query beyond 7 days", 3, 10, _v1(within=False, of=_plain)),
        Tier("v1 children within 7 days", 3, 10, _v1(within=True, of=_with_children)),
        Tier("v1 children beyond 7 days", 1, 10, _v1(within=False, of=_with_children)),
        Tier("v1 full text within 7 days", 3, 10, _v1(within=True, of=_full_text)),
        Tier("v1 full text beyond 7 days", 1, 10, _v1(within=False, of=_full_text)),
        Tier("v1 run", 30, 60, _of("run")),
        Tier("v1 runs stats", 1, 10, _of("stats")),
        Tier("v2 runs query", 300, 10, _v2_query, v2_rates="flat"),
        Tier("v2 runs query within 7 days", 10, 10, _v2(within=True), v2_rates="by_window"),
        Tier("v2 runs query beyond 7 days", 3, 10, _v2(within=False), v2_rates="by_window"),
        Tier("v2 run", 300, 10, _of("run", v2=True)),
        Tier("prompts", 100, 60, _of("prompts", "prompt", "prompt_commits")),
        Tier("examples", 5000, 60, _of("examples", "example")),
        Tier("delete sessions", 10, 60, _deletes_session),
    ]


class Limits:
    """The tiers of one workspace. A test may edit `tiers`."""

    def __init__(self, settings: Settings) -> None:
        self.tiers = documented_tiers()
        self._settings = settings

    def refusal(self, request: Request, now: datetime, *, before_auth: bool = False) -> Response | None:
        """A 429 if a tier is full; else None, and the request counts. `before_auth` selects the tiers."""
        if not self._settings.rate_limits:
            return None
        held = [
            tier for tier in self.tiers if tier.before_auth == before_auth and tier.v2_rates in (None, self._settings.v2_rates)
        ]
        tiers = [tier for tier in held if tier.applies(request, now)]
        free_at = max((tier.free_at(now) for tier in tiers), default=now)
        if free_at > now:
            return self._refuse(free_at, now)
        for tier in tiers:
            tier.taken.append(now)
        return None

    def _refuse(self, free_at: datetime, now: datetime) -> Response:
        response = answer({"detail": "Rate limit exceeded"}, 429)
        up = free_at + timedelta(seconds=1) - timedelta(microseconds=1)  # rounded up to whole seconds
        if self._settings.retry_after == "seconds":
            response.with_headers(("Retry-After", str(int((up - now).total_seconds()))))
        elif self._settings.retry_after == "date":
            response.with_headers(("Retry-After", http_date(up)))
        return response
