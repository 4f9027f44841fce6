"""How fast LangSmith may be asked: the documented limits as a table, and a pace that learns from 429.

Pure: readings of a clock come in, seconds to wait go out. Not here: sleeping, or what a 429 looks like.
Source: API reference, section 5, and of November 2026, section 2. v2's 300 per 10 s are documented, but more than some 3 a second
were never measured on the cloud: there the pace begins at that and climbs while no 429 comes, never past the documented limit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from msgspec import Struct

HOSTS = ".smith.langchain.com"
"""The limits below are of LangChain's own cloud. Others keep those that hold `everywhere`, and all from their first 429 on."""
SLACK = 0.5
"""Seconds by which requests of one interval may be delayed unequally on their way, without one too many arriving in it."""


class Tier(Struct, frozen=True):
    """At most so many requests in so many seconds; `start` is the gap at first on the cloud, where that is longer."""

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
    "any": Tier(1_000, 10.0),
    "all": Tier(2_000, 60.0, slack=0.0),  # the load balancer's, of requests of every tier
}
RISE = 0.9
CREEP = 0.98
"""The gap's change by an answer, and near a gap that was refused: what was too fast once is not rushed at again."""
NEAR = 2.0
SLOWEST = 60.0
AFTER_429 = 1.0
TOLD_MAX = 3_600.0
"""The longest Retry-After that outlasts the call it came in: one of years is a mistake, and must not stop a sync for ever."""


class Pacer:
    """The gap kept between requests of a tier, and when the last one of it was sent."""

    def __init__(self, host: str) -> None:
        self._limited = host.endswith(HOSTS)
        self._gaps = {name: max(tier.start if self._limited else 0.0, self._least(name)) for name, tier in TIERS.items()}
        self._refused_at: dict[str, float] = {}
        self._climbing: set[str] = set(TIERS)
        self._sent = {name: deque[float](maxlen=tier.requests) for name, tier in TIERS.items()}
        self._not_before: dict[str, float] = {}

    def wait(self, tier: str, now: float) -> float:
        """Seconds to wait before a request of this tier."""
        told = min(self._not_before.get(tier, now), now + TOLD_MAX)
        return max(now, told, self._ready(tier, now), self._ready("all", now)) - now

    def sent(self, tier: str, now: float) -> None:
        """A request of this tier is sent now. One that was waited for and then not sent holds no other up."""
        for name in (tier, "all"):
            self._sent[name].append(now)

    def passed(self, tier: str) -> None:
        """An answer that was no 429: a little faster, down to the least gap."""
        near = self._gaps[tier] <= NEAR * self._refused_at.get(tier, 0.0)
        self._gaps[tier] = max(self._least(tier), self._gaps[tier] * (CREEP if near else RISE))
        self._climbing.add(tier)

    def refused(self, tier: str, now: float, retry_after: float | None = None) -> None:
        """A 429: half as fast, and not before it says, for every request of the tier and every call of this process."""
        self._limited = True
        self._gaps = {name: max(gap, self._least(name)) for name, gap in self._gaps.items()}
        if tier in self._climbing:
            self._refused_at[tier] = self._gaps[tier]
            self._climbing.remove(tier)
        self._gaps[tier] = min(SLOWEST, max(self._gaps[tier], AFTER_429 / 2) * 2)
        self._not_before[tier] = now + min(retry_after or 0.0, TOLD_MAX)

    def _keeps(self, name: str) -> bool:
        """Whether this host has the tier's limit, as far as is known."""
        return self._limited or TIERS[name].everywhere

    def _least(self, name: str) -> float:
        """The least gap of a tier on this host."""
        return TIERS[name].gap if self._keeps(name) else 0.0

    def _ready(self, name: str, now: float) -> float:
        """When a tier has room: after the gap, and after the interval where that is full, as a burst without a pace fills it.

        A clock set back does not make it wait longer than these.
        """
        tier, sent = TIERS[name], self._sent[name]
        if not sent:
            return now
        full = self._keeps(name) and len(sent) == tier.requests
        interval = min(sent[0], now) + tier.seconds + tier.slack if full else now
        return max(min(sent[-1], now) + self._gaps[name], interval)
