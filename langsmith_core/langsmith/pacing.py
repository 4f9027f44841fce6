"""Rate limiting: keep LangSmith's documented limits, and slow down after a 429.

Pure: readings of a clock in, seconds to wait out. Not here: sleeping (client), or what a 429 looks like (answers).

Source: API reference, section 5, and of November 2026, section 2. v2's 300 requests per 10 s are documented, but nobody measured
more than about 3 a second on the cloud. So the pace begins there at 3 a second. It climbs while no 429 comes, never past the
documented limit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from threading import Lock
from typing import TypeAlias

from msgspec import Struct

Part: TypeAlias = Callable[[], float]
"""Gives the part of every limit that this process may use now: 1.0 is all, 0.0 nothing yet. Parts are shared out by `shares`."""
HOSTS = ".smith.langchain.com"
"""The limits below are those of LangChain's own cloud. Other hosts keep those marked `everywhere`, and all of them from their
first 429 on.
"""
SLACK = 0.2
"""Seconds that requests of one interval may be delayed unequally on their way, without one too many arriving in an interval."""


class Tier(Struct, frozen=True):
    """A rate limit: at most `requests` in `seconds`. `start` is the first gap on the cloud, where that is longer."""

    requests: int
    seconds: float
    start: float = 0.0
    everywhere: bool = False
    slack: float = SLACK

    @property
    def gap(self) -> float:
        """The least seconds between two requests."""
        return self.seconds / self.requests


TIERS: Mapping[str, Tier] = {
    "v1_week": Tier(10, 10.0),
    "v1_long": Tier(3, 10.0),
    "v2": Tier(300, 10.0, start=1 / 3, everywhere=True),
    "prompts": Tier(100, 60.0),  # /repos and /commits together
    "any": Tier(1_000, 10.0),
    "all": Tier(2_000, 60.0, slack=0.0),  # the load balancer's limit, over requests of all tiers
}
RISE = 0.9
CREEP = 0.98
"""How an answer changes the gap: by CREEP near a gap that brought a 429, by RISE elsewhere."""
NEAR = 2.0
SLOWEST = 60.0
AFTER_429 = 1.0
RETRY_AFTER_MAX = 3_600.0
"""The longest Retry-After that outlasts its call. One of years is a mistake, and must not stop a sync for ever."""


def whole() -> float:
    """Return the part of a process that shares the limits with no other."""
    return 1.0


class Pacer:
    """The gap between requests of each tier, and when they were sent. It outlives a call.

    Several threads share it. A thread holds the tier's `turn` while it waits and until it has noted that it sends.
    """

    def __init__(self, host: str) -> None:
        self.turn = {name: Lock() for name in TIERS}
        self._changing = Lock()
        self._limited = host.endswith(HOSTS)
        self._gaps = {name: max(tier.start if self._limited else 0.0, self._least(name)) for name, tier in TIERS.items()}
        self._refused_at: dict[str, float] = {}
        self._slowed: dict[str, float] = {}
        self._climbing: set[str] = set(TIERS)
        self._sent = {name: deque[float](maxlen=tier.requests) for name, tier in TIERS.items()}
        self._not_before: dict[str, float] = {}

    def gap(self, tier: str, part: float = 1.0) -> float:
        """Return the seconds between two requests of this tier, as long as no interval is full."""
        return self._gaps[tier] / part

    def wait(self, tier: str, now: float, part: float = 1.0) -> float:
        """Return the seconds to wait before a request of this tier, where a `part` of the limits may be used."""
        until = min(self._not_before.get(tier, now), now + RETRY_AFTER_MAX)
        return max(now, until, self._ready(tier, now, part), self._ready("all", now, part)) - now

    def sent(self, tier: str, now: float) -> None:
        """Note that a request of this tier is sent now. A request that was waited for but not sent delays no other."""
        for name in (tier, "all"):
            self._sent[name].append(now)

    def passed(self, tier: str) -> None:
        """Note an answer other than 429: go a little faster, down to the least gap."""
        with self._changing:
            self._rise(tier)

    def refused(self, tier: str, now: float, retry_after: float | None = None, sent: float | None = None) -> None:
        """Note a 429 to a request sent at `sent`: halve the speed, and wait as long as it says.

        This holds for every request of the tier and every call of this process. Of several requests that were under way
        together, the first 429 halves the speed for all of them.
        """
        with self._changing:
            until = now + min(retry_after or 0.0, RETRY_AFTER_MAX)
            if sent is not None and sent < min(self._slowed.get(tier, sent), now):
                self._not_before[tier] = max(until, self._not_before[tier])
                return
            self._slow_down(tier)
            self._slowed[tier], self._not_before[tier] = now, until

    def _rise(self, tier: str) -> None:
        near = self._gaps[tier] <= NEAR * self._refused_at.get(tier, 0.0)
        self._gaps[tier] = max(self._least(tier), self._gaps[tier] * (CREEP if near else RISE))
        self._climbing.add(tier)

    def _slow_down(self, tier: str) -> None:
        self._limited = True
        self._gaps = {name: max(gap, self._least(name)) for name, gap in self._gaps.items()}
        if tier in self._climbing:
            self._refused_at[tier] = self._gaps[tier]
            self._climbing.remove(tier)
        self._gaps[tier] = min(SLOWEST, max(self._gaps[tier], AFTER_429 / 2) * 2)

    def _keeps(self, name: str) -> bool:
        """Whether this host has the tier's limit, as far as is known."""
        return self._limited or TIERS[name].everywhere

    def _least(self, name: str) -> float:
        """Return the least gap of a tier on this host."""
        return TIERS[name].gap if self._keeps(name) else 0.0

    def _ready(self, name: str, now: float, part: float) -> float:
        """Return when the tier takes a request: after the gap, and after the interval where that is full.

        A burst without a gap can fill an interval. A clock set back does not make this wait longer than these two. A part with
        less than one request an interval takes none: others would have theirs in the same one.
        """
        tier, sent = TIERS[name], self._sent[name]
        most = int(tier.requests * part)
        if self._keeps(name) and not most:
            return now + RETRY_AFTER_MAX
        if not sent:
            return now
        full = self._keeps(name) and len(sent) >= most
        interval = min(sent[-most], now) + tier.seconds + tier.slack if full else now
        return max(min(sent[-1], now) + self._gaps[name] / part, interval)
