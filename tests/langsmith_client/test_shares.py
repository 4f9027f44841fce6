"""Tests of shares: whatever holders come, renew, stand still or die, what all use never passes a limit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from langsmith_core.langsmith.pacing import TIERS, Pacer
from langsmith_core.langsmith.shares import LIFE, OF_LOOKS, RENEWED, WHOLE, WINDOW, Grant, granted, used

NOW = datetime(2026, 11, 28, tzinfo=UTC)
HOST = "api.smith.langchain.com"


def seconds(count: float) -> timedelta:
    """So many seconds."""
    return timedelta(seconds=count)


def parts(*calls: tuple[str, float], instances: int = 4) -> list[int]:
    """Return what holders get that ask at these seconds. Those whose name begins with `l` look."""
    grants: list[Grant] = []
    got = []
    for holder, at in calls:
        own, grants = granted(grants, holder, NOW + seconds(at), looks=holder.startswith("l"), instances=instances)
        got.append(own.part)
    return got


@pytest.mark.parametrize(
    ("calls", "got"),
    [
        ([("look", 0)], [1_000]),  # alone
        ([("a", 0), ("b", 1), ("c", 2), ("d", 3), ("look", 4)], [225, 225, 225, 225, 100]),  # all at once
        ([("a", 0), ("a", 60)], [225, 900]),  # the others have not come
        ([("a", 0), ("b", 1), ("a", 60), ("b", 61)], [225, 225, 450, 450]),
        ([("a", 0), ("a", 60), ("look", 61)], [225, 900, 100]),  # the looks' part is free at once
        ([("look", 0), ("a", 1), ("look", 60), ("a", 130)], [1_000, 0, 1_000, 0]),  # none is live whose part is 0: it waits
        ([("look", 0), ("a", 1), ("a", 135), ("a", 137)], [1_000, 0, 0, 225]),  # its end is 75, its window's end 136
        (
            [("a", 0), ("a", 60), ("b", 61), ("a", 120), ("b", 121), ("a", 180), ("b", 197), ("b", 257)],
            [225, 900, 0, 450, 0, 450, 225, 450],
        ),
    ],
)
def test_who_gets_what_and_when(calls: list[tuple[str, float]], got: list[int]) -> None:
    """Shards share nine tenths evenly, looks have a tenth. What was granted is free again a window after its end."""
    assert parts(*calls) == got


CLAIMS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from([0.0, 1.0, 7.0, 30.0, 60.0, 61.0, 75.0, 137.0]), st.booleans()), max_size=40
)


@given(claims=CLAIMS, instances=st.integers(1, 8))
def test_the_sum_of_all_grants_that_count_is_the_whole_at_most(claims: list[tuple[int, float, bool]], instances: int) -> None:
    """Holders ask in any order, after any pause, and some writes get lost: then the ledger stays as it was."""
    grants: list[Grant] = []
    now = NOW
    for number, pause, lost in claims:
        now += seconds(pause)
        _, after = granted(grants, f"h{number}", now, looks=number == 0, instances=instances)
        grants = grants if lost else after
        assert used(one for one in grants if one.until + WINDOW > now) <= WHOLE
        assert used(one for one in grants if not one.looks and one.until + WINDOW > now) <= WHOLE - OF_LOOKS


class Holder:
    """A process that sends as fast as its part allows, and renews its part or not."""

    def __init__(self, name: str) -> None:
        self.name, self.pacer = name, Pacer(HOST)
        self.part, self.until, self.asks_at = 0, 0.0, 0.0
        self.pacer._gaps.update(dict.fromkeys(TIERS, 0.0))  # noqa: SLF001  in bursts: only the interval holds it back

    def next(self, now: float) -> float:
        """Return when it may send next; beyond its end it may not."""
        return now + self.pacer.wait("v2", now, self.part / WHOLE) if self.part else self.until


@example(starts=[4, 74], deaths=[420] * 6, delays=[30, *[0] * 5])  # one ends with a burst, another waits for its part
@settings(deadline=None, max_examples=30)
@given(
    starts=st.lists(st.floats(0, 300), min_size=1, max_size=6),
    deaths=st.lists(st.floats(0, 600), min_size=6, max_size=6),
    delays=st.lists(st.floats(0, 30), min_size=6, max_size=6),
)
def test_no_window_has_more_requests_than_a_limit(starts: list[float], deaths: list[float], delays: list[float]) -> None:
    """Processes come, send in bursts, renew late or after their end, and die. No ten seconds have more than v2's 300 requests of
    all together, and no minute more than the 2,000 of all tiers.
    """
    grants: list[Grant] = []
    sent: list[float] = []
    holders = [(Holder(f"h{i}"), start, deaths[i], delays[i]) for i, start in enumerate(starts)]
    moment = 0.0
    while moment < 420:
        for one, start, death, delay in holders:
            if not start <= moment < death:
                continue
            if moment >= one.asks_at:
                own, grants = granted(grants, one.name, NOW + seconds(moment), looks=one.name == "h0", instances=len(holders))
                one.part, one.until = own.part, moment + LIFE.total_seconds()
                one.asks_at = moment + (RENEWED.total_seconds() + delay if own.part else 5.0)
            while one.part and moment < one.until and one.next(moment) <= moment:
                one.pacer.sent("v2", moment)
                sent.append(moment)
        moment += 1.0
    for tier in ("v2", "all"):
        limit, window = TIERS[tier].requests, TIERS[tier].seconds
        assert all(later - first >= window for first, later in zip(sent, sent[limit:], strict=False))
