"""A client with a part of the limits: it waits for one, keeps its pace, and counts anew where the part changes meanwhile."""

from __future__ import annotations

from itertools import chain, pairwise, repeat

import pytest

from langsmith_client.scripted import Answer, World, world
from langsmith_core.calls import Call
from langsmith_core.errors import OutOfTimeError
from langsmith_core.langsmith.client import PART_SECONDS
from langsmith_core.langsmith.pacing import Pacer

V2 = Call("POST", "/api/v2/runs/query", tier="v2", body={})
HOST = "localhost"


def with_parts(*parts: float, seconds: float = 3_600) -> World:
    """Return a client that is given these parts one after the other, and the last one for ever."""
    w = world(Answer(), seconds=seconds)
    given = chain(parts, repeat(parts[-1]))
    w.client.part = lambda: next(given)
    return w


def test_it_waits_for_a_part() -> None:
    """Nothing is sent before. It asks once a second."""
    w = with_parts(0.0, 0.0, 0.0, 0.5)
    w.client.fetch(V2)
    assert (w.clock.slept, len(w.adapter.requests)) == ([PART_SECONDS] * 3, 1)


def test_a_call_whose_time_ends_without_a_part_sends_nothing() -> None:
    """It says that its time is over."""
    w = with_parts(0.0, seconds=2)
    with pytest.raises(OutOfTimeError):
        w.client.fetch(V2)
    assert not w.adapter.requests


def test_a_part_that_shrinks_while_it_waits_makes_it_wait_longer() -> None:
    """The gap of v2 is a thirtieth of a second: a fifteenth for half of the limit, and as much more for a quarter."""
    w = with_parts(0.5, 0.5, 0.5, 0.5, 0.25)
    w.client.fetch(V2)  # asks before it waits, after it, and to tell the gap
    w.client.fetch(V2)
    assert w.clock.slept == pytest.approx([2 / 30, 2 / 30], abs=1e-5)  # the clock has microseconds


@pytest.mark.parametrize(("part", "most"), [(1.0, 300), (0.225, 67), (0.1, 30)])
def test_a_part_has_its_share_of_gap_and_interval(part: float, most: int) -> None:
    """No ten seconds have more than the part of v2's 300 queries, and no gap is shorter than its part of theirs."""
    pacer, now, sent = Pacer(HOST), 0.0, list[float]()
    while now < 60:
        now += pacer.wait("v2", now, part)
        pacer.sent("v2", now)
        sent.append(now)
    assert all(later - first >= 10 - 1e-6 for first, later in zip(sent, sent[most:], strict=False))
    assert min(later - first for first, later in pairwise(sent)) >= 1 / 30 / part - 1e-6
    assert len(sent) > most * 5


def test_a_part_with_less_than_one_request_sends_none() -> None:
    """Of v1's three in ten seconds a tenth is none: several processes would each send one."""
    pacer = Pacer("api.smith.langchain.com")
    assert pacer.wait("v1_long", 0.0, 0.1) > 1_000
    assert pacer.wait("v1_long", 0.0, 0.4) == 0.0
