"""Shares on Firestore's emulator: whatever dies at whatever step, no window has more than the whole of a limit.

Requests go to the real emulator, with its compare and set. The clock is the test's own, for the server and for each process.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given
from hypothesis import settings as chosen
from hypothesis import strategies as st

from langsmith_core.destinations.firestore import shares
from langsmith_core.destinations.firestore.documents import Documents, Head, connected
from langsmith_core.errors import StateError, SyncError
from langsmith_core.langsmith.pacing import TIERS
from langsmith_core.langsmith.shares import WHOLE
from langsmith_core.settings.config import Settings

BEGIN = datetime(2026, 11, 28, tzinfo=UTC)
LONGEST = max(tier.seconds for tier in TIERS.values())
FATES = (
    "well",
    "well",
    "well",
    "dies before it reads",
    "dies before it writes",
    "dies once it has written",
    "answer lost",
    "raced",
    "gives back",
)


class Died(BaseException):
    """Raised where a process is killed."""


class Fragile:
    """The documents as one process reaches them: requests take a while, and it may die around each."""

    def __init__(self, documents: Documents, clock: Clock) -> None:
        self._documents, self._clock = documents, clock
        self.fate, self.delay = "well", 0.0
        self.race: Callable[[], object] = lambda: None

    def head(self) -> Head:
        """Read, after a while."""
        self._clock.advance(self.delay)
        self._die("dies before it reads")
        return self._documents.head()

    def create(self, fields: dict[str, Any]) -> datetime:
        """Write the first time."""
        return self._written(lambda: self._documents.create(fields))

    def switch(self, fields: dict[str, Any], written: datetime) -> datetime:
        """Write, if nobody else did."""
        return self._written(lambda: self._documents.switch(fields, written))

    def _written(self, write: Callable[[], datetime]) -> datetime:
        self._clock.advance(self.delay)
        self._die("dies before it writes")
        if self.fate == "raced":
            self.fate = "well"
            self.race()
        at = write()
        self._die("dies once it has written")
        if self.fate == "answer lost":
            self.fate = "well"
            raise SyncError("its answer was lost", 503)
        return at

    def _die(self, where: str) -> None:
        if self.fate == where:
            raise Died(where)


class Clock:
    """Seconds since the beginning. What each process may use is noted as time goes on."""

    def __init__(self) -> None:
        self.now, self.living = 0.0, dict[str, shares.Share]()
        self.used: list[tuple[str, int, float, float]] = []

    def advance(self, seconds: float) -> None:
        """Let time go by. Every process that lives uses all that it may."""
        for name, one in self.living.items():
            self.used.append((name, one._part, self.now, min(self.now + seconds, one._until)))  # noqa: SLF001  without asking
        self.now += seconds
        assert self.most() <= WHOLE, self.used

    def most(self) -> int:
        """Add up the most that each process has used at any time of the longest limit's window before now."""
        largest: dict[str, int] = {}
        for name, part, begin, end in self.used:
            if begin < end and end > self.now - LONGEST:
                largest[name] = max(part, largest.get(name, 0))
        return sum(largest.values())


class Processes:
    """Processes that share one document. One that died is followed by another of another name."""

    def __init__(self, documents: Documents, instances: int) -> None:
        self._documents, self._instances, self._count = documents, instances, 0
        self.clock = Clock()
        self._of: dict[int, tuple[str, Fragile]] = {}

    def ask(self, number: int, fate: str, delay: float) -> None:
        """Have a process ask for its part."""
        name, way = self._of.get(number) or self._born(number)
        way.fate, way.delay, way.race = fate, delay, lambda: self.ask(number + 1, "well", 0.0)
        share = self.clock.living[name]
        share._asks_at = self.clock.now  # noqa: SLF001  it is time, whatever it thinks
        try:
            share.release() if fate == "gives back" else share.part()
        except Died:
            del self.clock.living[name], self._of[number]

    def _born(self, number: int) -> tuple[str, Fragile]:
        self._count += 1
        name, way = f"h{number}-{self._count}", Fragile(self._documents, self.clock)
        documents: Any = way
        self.clock.living[name] = shares.Share(
            documents,
            name,
            looks=number == 0,
            instances=self._instances,
            ticks=lambda: self.clock.now,
            now=lambda _: BEGIN + timedelta(seconds=self.clock.now),
        )
        self._of[number] = name, way
        return name, way


STEPS = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from([0.0, 1.0, 5.0, 30.0, 60.0, 75.0, 136.0]),
        st.sampled_from(FATES),
        st.sampled_from([0.0, 0.5, 4.0]),
    ),
    min_size=5,
    max_size=25,
)


@example(steps=[(1, 0.0, "well", 0.0), (1, 60.0, "dies once it has written", 0.0), *[(2, 15.0, "well", 0.0)] * 12], instances=1)
@example(
    steps=[(0, 0.0, "well", 4.0), *[(n, 1.0, fate, 0.5) for fate in FATES for n in range(4)], (1, 75.0, "well", 0.0)], instances=2
)
@example(steps=[(1, 0.0, "well", 4.0), (2, 133.0, "well", 0.0), (2, 1.0, "well", 0.0)], instances=1)  # a slow answer, one waits
@given(steps=STEPS, instances=st.integers(1, 4))
@chosen(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=(Phase.explicit, Phase.generate),  # a shorter example costs hundreds of requests to the emulator
)
def test_no_window_has_more_than_the_whole(
    position: Settings, steps: list[tuple[int, float, str, float]], instances: int
) -> None:
    """Processes come, renew, stand still, race and die before and after each request; each uses all that it may."""
    with connected(position, uuid.uuid4().hex) as documents:
        processes = Processes(documents, instances)
        for number, pause, fate, delay in steps:
            processes.clock.advance(pause)
            processes.ask(number, fate, delay)
        processes.clock.advance(LONGEST)


def test_who_comes_later_gets_its_part_once_the_others_have_less(position: Settings) -> None:
    """Alone, a shard has nine tenths. Another waits until that grant no longer counts; then both have the same."""
    with connected(position, "later") as documents:
        processes = Processes(documents, 2)
        processes.ask(1, "well", 0.0)
        processes.clock.advance(60)
        processes.ask(1, "well", 0.0)
        processes.ask(2, "well", 0.0)
        assert [one.part() for one in processes.clock.living.values()] == [0.9, 0.0]
        for _ in range(3):
            processes.clock.advance(60)
            processes.ask(1, "well", 0.0)
            processes.ask(2, "well", 0.0)
        assert [one.part() for one in processes.clock.living.values()] == [0.45, 0.45]


def test_a_share_that_cannot_be_renewed_ends(position: Settings, caplog: pytest.LogCaptureFixture) -> None:
    """Firestore fails, and the part stays until its end, never longer. A warning says so."""
    clock = Clock()
    with connected(position, "ends") as documents:
        one = shares.Share(documents, "h", looks=False, instances=1, ticks=lambda: clock.now)
        assert one.part() == 0.9
        documents.head = failing  # type: ignore[method-assign]
        clock.now = 74.0
        assert one.part() == 0.9
        assert "could not be renewed" in caplog.text
        clock.now = 75.0
        assert one.part() == 0.0


def failing() -> Head:
    """Fail as Firestore does."""
    raise SyncError("Firestore: unavailable", 503)


@pytest.mark.parametrize(
    "fields", [{"layout": 2, "grants": "[]"}, {"layout": 1}, {"layout": 1, "grants": "no"}, {"layout": 1, "grants": 5}]
)
def test_a_document_that_is_not_ours_is_no_empty_one(
    position: Settings, fields: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """It gives no part. The message says which document to delete."""
    with connected(position, "foreign") as documents:
        documents.create(fields)
        with pytest.raises(StateError, match="the shares in Firestore"):
            shares._read(documents.head())  # noqa: SLF001  the check itself
        assert shares.Share(documents, "h", looks=False, instances=1).part() == 0.0
    assert "delete that document" in caplog.text
