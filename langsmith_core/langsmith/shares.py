"""Shares of LangSmith's limits, for several processes that read one workspace: together they never pass a limit.

Pure: grants and the time in, grants out. Not here: where grants are kept (destinations.firestore.shares), keeping a part's pace
(pacing).

A grant says: this holder may use so much of every limit until then. It counts until the longest limit's window after its end,
since the window still has its requests. A grant is never taken back: who wants less adds a smaller one, and the larger one
counts until its end. Only who has sent its last request ends its grants at once. Of several grants of one holder the largest
counts, as it never uses more than that in any window.

So one rule is enough: all holders' largest counting grants are at most the whole. Time only takes grants away, and each new
grant keeps the rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from langsmith_core.langsmith.pacing import TIERS

WHOLE = 1_000
"""Parts are counted in thousandths of every limit."""
OF_LOOKS = 100
"""The part that shards leave to the scheduled pass, whose looks go on meanwhile: three v2 queries a second."""
LIFE = timedelta(seconds=75)
RENEWED = timedelta(seconds=60)
"""How long a grant lives, and after how long its holder asks for the next one: a document takes about one write a second."""
WINDOW = timedelta(seconds=max(tier.seconds + tier.slack for tier in TIERS.values()) + 1)
"""How long a grant counts past its end: the longest limit's window, and a second for requests on their way."""


class Grant(Struct, frozen=True):
    """`part` thousandths of every limit for a holder, until then; 0: it waits for a part. `looks`: for the scheduled pass."""

    holder: str
    part: int
    until: datetime
    looks: bool = False


def granted(grants: Sequence[Grant], holder: str, now: datetime, *, looks: bool, instances: int) -> tuple[Grant, list[Grant]]:
    """Grant a holder its part at `now`, by the clock that all ends are written by. Return its grant, and all that count.

    A shard's part is that of all shards divided by those that live. One that comes new counts those with it that are still to
    come, up to `instances`. So all that begin together begin at once, and grow a minute later where they are fewer.
    """
    counting = [one for one in grants if one.until + WINDOW > now]
    others = [one for one in counting if one.holder != holder]
    for_looks, for_shards = used(one for one in others if one.looks), used(one for one in others if not one.looks)
    if looks:
        most, free = OF_LOOKS if for_shards else WHOLE, WHOLE - for_shards - for_looks
    else:
        most, free = _of_a_shard(counting, holder, now, instances), WHOLE - for_shards - max(OF_LOOKS, for_looks)
    own = Grant(holder, max(0, min(most, free)), now + LIFE, looks)
    return own, [*(one for one in counting if one.holder != holder or one.part > own.part), own]


def released(grants: Iterable[Grant], holder: str, now: datetime) -> list[Grant]:
    """End a holder's grants at `now`. It has sent its last request before."""
    return [replace(one, until=min(one.until, now)) if one.holder == holder else one for one in grants]


def used(grants: Iterable[Grant]) -> int:
    """Add up what holders may use: of each its largest grant."""
    largest: dict[str, int] = {}
    for one in grants:
        largest[one.holder] = max(one.part, largest.get(one.holder, 0))
    return sum(largest.values())


def _of_a_shard(counting: Sequence[Grant], holder: str, now: datetime, instances: int) -> int:
    live = [one for one in counting if not one.looks and one.until > now]
    known = any(one.holder == holder and one.part for one in live)
    count = len({holder, *(one.holder for one in live)})
    return (WHOLE - OF_LOOKS) // (count if known else max(count, instances))
