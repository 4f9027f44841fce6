"""The check on scripted counts: what it asks, how it goes on, and what bounds it."""

from __future__ import annotations

import json
from concurrent.futures import Future
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from langsmith_core.calls import Call, Reply
from langsmith_core.completeness import days
from langsmith_core.completeness.check import CALIBRATING, PAGES_MAX, Asked, Check
from langsmith_core.completeness.position import SHORT_MAX, Position, Short
from langsmith_core.completeness.values import Ruling, Runs, Total, Verdict
from samples import NOW

DAYS = days.settled(NOW)
RUN = "langsmith_run"


def ident(number: int) -> str:
    """A project's id."""
    return f"00000000-0000-4000-8000-{number:012d}"


class Counting:
    """LangSmith with so many projects, each with ten runs a day. `fails_at`: the number of the call that fails."""

    def __init__(self, projects: int) -> None:
        self.projects = projects
        self.calls: list[Call] = []

    def fetch(self, call: Call, begun: Future[Reply] | None = None) -> Reply:
        """A page of projects; none of them has runs outside of a day's bounds."""
        del begun
        self.calls.append(call)
        query = dict(call.query)
        if "id" in query:
            count = 10 if self._is_a_day(query) else 0
            return self._reply([{"id": value, "run_count": count} for name, value in call.query if name == "id"])
        numbers = range(int(query["offset"]), min(int(query["offset"]) + 100, self.projects))
        return self._reply([{"id": ident(number), "run_count": 10} for number in numbers])

    def _is_a_day(self, query: dict[str, str]) -> bool:
        start = datetime.fromisoformat(query["stats_start_time"])
        return start in DAYS and f"{start:%Y-%m-%d}T23:59" in query["stats_filter"]

    def _reply(self, body: Any) -> Reply:
        return Reply(json.dumps(body).encode(), NOW)

    def begin(self, call: Call) -> Future[Reply]:
        """Nothing is asked ahead."""
        raise AssertionError(call)

    def begin_download(self, address: str, bytes_max: int) -> Future[bytes]:
        """Nothing is stored elsewhere."""
        raise AssertionError(address, bytes_max)

    def download(self, address: str, bytes_max: int) -> bytes:
        """Nothing is stored elsewhere."""
        raise AssertionError(address, bytes_max)


class Holding:
    """A destination that holds the same of every project and day."""

    def __init__(self, runs: Runs, projects: int) -> None:
        self.runs, self.projects = runs, projects
        self.recorded: list[Verdict] = []

    def runs_by_day(self, lo: datetime, hi: datetime) -> dict[tuple[str, datetime], Runs]:
        """The same everywhere."""
        within = [day for day in DAYS if lo <= day < hi]
        return {(ident(number), day): self.runs for number in range(self.projects) for day in within}

    def totals(self) -> list[Total]:
        """Nothing as a whole."""
        return []

    def record(self, verdicts: list[Verdict]) -> None:
        """Keep them."""
        self.recorded += verdicts

    def verdicts(self) -> list[Verdict]:
        """What was recorded."""
        return self.recorded


def check(source: Counting, held: Holding, seconds_left: float = 100.0) -> Check:
    """A check of all projects."""
    asked = Asked(NOW, DAYS, lambda *_: True, lambda _: None)
    return Check(asked, source, held, NOW, lambda: seconds_left)


def test_ten_thousand_projects_take_seven_hundred_requests() -> None:
    """A hundred projects a request, seven days; one sitting takes a hundred pages. Two more ask for the bounds."""
    source, held, here = Counting(9_999), Holding(Runs(10, 2), 9_999), Position()
    sittings = 0
    while here.of != NOW:
        here = check(source, held).sit(here)
        sittings += 1
    pages = [call for call in source.calls if "id" not in dict(call.query)]
    assert (len(pages), sittings, PAGES_MAX) == (700, 7, 100)
    assert len(source.calls) - len(pages) == 2 * sittings
    assert (here.counted, here.unknown, here.short, here.meaning) == (69_993, 0, (), "all")


def test_a_sitting_without_time_takes_one_page_and_the_next_goes_on_behind_it() -> None:
    """No page is asked for twice, and none is left out."""
    source, held, here = Counting(250), Holding(Runs(10, 2), 250), Position()
    while here.of != NOW:
        here = check(source, held, 0.0).sit(here)
    asked = [(dict(call.query)["stats_start_time"][:10], dict(call.query)["offset"]) for call in source.calls]
    pages = [one for one, call in zip(asked, source.calls, strict=True) if "id" not in dict(call.query)]
    assert pages == [(f"{day:%Y-%m-%d}", str(offset)) for day in DAYS for offset in (0, 100, 200)]
    assert len(held.recorded) == 250 * 7


def test_so_many_places_are_read_again_and_no_more() -> None:
    """A destination that has lost everything is read again in portions."""
    held = Holding(Runs(9, 2), 250)
    here = check(Counting(250), held).sit(Position(meaning="all"))
    assert (len(here.short), here.rereading, here.counted) == (SHORT_MAX, True, 250 * 7)
    assert {one.ruling for one in held.recorded} == {Ruling.REREAD}


def test_where_no_day_tells_three_small_ones_are_read_again() -> None:
    """A count of neither all runs nor the roots is not understood: it is unknown, and three places are read again."""
    held = Holding(Runs(9, 2), 20)
    here = check(Counting(20), held).sit(Position())
    assert (len(here.short), here.meaning, here.rereading, here.unknown) == (CALIBRATING, None, True, 20 * 7)
    held.runs = Runs(10, 2)
    learnt = check(Counting(20), held).sit(here)
    assert (learnt.meaning, learnt.of, learnt.short, learnt.gaps) == ("all", None, (), ())


def test_a_gap_whose_counts_have_not_changed_is_not_read_again() -> None:
    """It stays a gap until one side moves."""
    held, source = Holding(Runs(9, 2), 1), Counting(1)
    here = check(source, held).sit(Position(meaning="all"))
    here = check(source, held).sit(here)
    assert {one.ruling for one in held.recorded[-7:]} == {Ruling.GAP}
    assert here.gaps == tuple(Short(RUN, ident(0), 10, 9, day) for day in sorted(DAYS))
    again = check(source, held).sit(here)
    assert (again.short, set(again.gaps), again.rereading) == ((), set(here.gaps), False)
    held.runs = Runs(10, 2)
    assert check(source, held).sit(replace(again, of=None)).gaps == ()
