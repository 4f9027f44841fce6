"""The documented rate tiers, kept by the clock: so many requests in any such span of seconds.

Off unless `rate_limits` is on. A request that is refused does not count.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from simulator.conditions import start_bounds
from simulator.filters import FilterError, parse
from simulator.messages import Request, Response, answer
from simulator.settings import Settings
from simulator.times import http_date, parse_time

WEEK = timedelta(days=7)


@dataclass
class Tier:
    """At most `count` requests in any `seconds`, of those that match."""

    name: str
    count: int
    seconds: float
    applies: Callable[[Request, datetime], bool]
    taken: deque[datetime] = field(default_factory=deque)

    def free_at(self, now: datetime) -> datetime:
        """When the next request may come."""
        span = timedelta(seconds=self.seconds)
        while self.taken and self.taken[0] + span <= now:
            self.taken.popleft()
        return now if len(self.taken) < self.count else self.taken[0] + span


def _v1_query(request: Request, _: datetime) -> bool:
    return request.kind == "runs" and "/v2/" not in request.path


def _v1_narrow(request: Request, now: datetime) -> bool:
    return _v1_query(request, now) and _window(request, now) <= WEEK


def _v1_wide(request: Request, now: datetime) -> bool:
    return _v1_query(request, now) and _window(request, now) > WEEK


def _window(request: Request, now: datetime) -> timedelta:
    """The span of start times that a v1 query asks for; without a start_time it is all history."""
    body = request.body if isinstance(request.body, dict) else {}
    try:
        low = parse_time(str(body["start_time"])) if body.get("start_time") else None
        bounds = start_bounds(parse(body["filter"])) if body.get("filter") else (None, None)
        end = parse_time(str(body["end_time"])) if body.get("end_time") else None
    except (ValueError, FilterError):
        return timedelta.max
    highs = [moment for moment in (bounds[1], end, now) if moment is not None]
    return min(highs) - low if low is not None else timedelta.max


def documented_tiers() -> list[Tier]:
    """Gateway and application tiers, as the documentation lists them."""
    return [
        Tier("any request, gateway", 1000, 10, lambda _, __: True),
        Tier("v1 runs query, gateway", 15, 10, _v1_query),
        Tier("v1 runs query within 7 days", 10, 10, _v1_narrow),
        Tier("v1 runs query beyond 7 days", 3, 10, _v1_wide),
        Tier("v1 run", 30, 60, lambda request, _: request.kind == "run" and "/v2/" not in request.path),
        Tier("v2 runs query", 300, 10, lambda request, _: request.kind == "runs" and "/v2/" in request.path),
        Tier("v2 run", 300, 10, lambda request, _: request.kind == "run" and "/v2/" in request.path),
        Tier("examples", 5000, 60, lambda request, _: request.kind in {"examples", "example"}),
    ]


class Limits:
    """The tiers of one workspace, which a test may edit."""

    def __init__(self, settings: Settings) -> None:
        self.tiers = documented_tiers()
        self._settings = settings

    def refusal(self, request: Request, now: datetime) -> Response | None:
        """A 429 when some tier is full, else None and the request counts."""
        if not self._settings.rate_limits:
            return None
        tiers = [tier for tier in self.tiers if tier.applies(request, now)]
        free_at = max((tier.free_at(now) for tier in tiers), default=now)
        if free_at > now:
            return self._refuse(free_at, now)
        for tier in tiers:
            tier.taken.append(now)
        return None

    def _refuse(self, free_at: datetime, now: datetime) -> Response:
        response = answer({"detail": "Rate limit exceeded"}, 429)
        up = free_at + timedelta(seconds=1) - timedelta(microseconds=1)  # whole seconds, upwards
        if self._settings.retry_after == "seconds":
            response.with_headers(("Retry-After", str(int((up - now).total_seconds()))))
        elif self._settings.retry_after == "date":
            response.with_headers(("Retry-After", http_date(up)))
        return response
