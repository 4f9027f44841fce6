"""How fast LangSmith may be asked: the documented limits as a table, and a pace that learns from 429.

Pure: readings of a clock come in, seconds to wait go out. Not here: sleeping, or what a 429 looks like.
Source: API reference, section 5 and 10. The sources disagree on v2 (10 or 300 per 10 s): it starts at the lower figure and
rises while no 429 comes, never past the higher.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

HOSTS = ".smith.langchain.com"
"""The limits below are of LangChain's own cloud. Any other host is unpaced until it answers 429."""


class Tier(Struct, frozen=True):
    """Seconds between two requests: at first, and at the least."""

    start: float
    floor: float


TIERS: Mapping[str, Tier] = {
    "v1_week": Tier(1.0, 1.0),  # 10 per 10 s
    "v1_long": Tier(10 / 3, 10 / 3),  # 3 per 10 s
    "v2_week": Tier(1.0, 10 / 300),  # 10, or 300, per 10 s
    "v2_long": Tier(10 / 3, 10 / 300),  # 3, or 300, per 10 s
    "any": Tier(0.03, 0.03),  # 1,000 per 10 s of a key, but 2,000 a minute at the load balancer
}
TOGETHER: tuple[tuple[frozenset[str], float], ...] = (
    (frozenset({"v2_week", "v2_long"}), 10 / 300),
    (frozenset(TIERS), 60 / 2000),
)
"""Tiers that LangSmith counts together, and the least seconds between any two of their requests."""
RISE = 0.9
SLOWEST = 60.0
AFTER_429 = 1.0
TOLD_MAX = 3_600.0
"""The longest Retry-After that outlasts the call it came in: one of years is a mistake, and must not stop a sync for ever."""


class Pacer:
    """The gap kept between requests of a tier, and when the last one of it was sent."""

    def __init__(self, host: str) -> None:
        limited = host.endswith(HOSTS)
        self._together = TOGETHER if limited else ()
        self._floors = {name: tier.floor if limited else 0.0 for name, tier in TIERS.items()}
        self._gaps = {name: tier.start if limited else 0.0 for name, tier in TIERS.items()}
        self._last: dict[str, float] = {}
        self._not_before: dict[str, float] = {}

    def wait(self, tier: str, now: float) -> float:
        """Seconds to wait before a request of this tier."""
        readies = [self._ready(frozenset({tier}), self._gaps[tier], now)]
        readies += [self._ready(tiers, gap, now) for tiers, gap in self._together if tier in tiers]
        told = min(self._not_before.get(tier, now), now + TOLD_MAX)
        return max(now, told, *readies) - now

    def sent(self, tier: str, now: float) -> None:
        """A request of this tier is sent now. One that was waited for and then not sent holds no other up."""
        self._last[tier] = now

    def _ready(self, tiers: frozenset[str], gap: float, now: float) -> float:
        """When the next of these may be sent. A clock set back does not make it wait longer than the gap."""
        last = max((self._last[one] for one in tiers if one in self._last), default=now - gap)
        return min(last, now) + gap if last > now + gap else last + gap

    def passed(self, tier: str) -> None:
        """An answer that was no 429: a little faster, down to the floor."""
        faster = self._gaps[tier] * RISE
        self._gaps[tier] = max(self._floors[tier], faster if faster > 0.001 else 0.0)

    def refused(self, tier: str, now: float, retry_after: float | None = None) -> None:
        """A 429: half as fast, and not before it says, for every request of the tier and every call of this process."""
        self._gaps[tier] = min(SLOWEST, max(self._gaps[tier], AFTER_429 / 2) * 2)
        self._not_before[tier] = now + min(retry_after or 0.0, TOLD_MAX)
