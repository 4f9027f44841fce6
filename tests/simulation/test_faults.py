"""The table of faults, row by row: the product absorbs passing faults and reports lasting ones.

The rows meet both faces and both run APIs in turn. `make soak` plays every row on each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from simulation.axes import in_turn
from simulation.face_calls import called, calls, of_project, state, statuses, tables
from simulation.fault_table import ONCE, PACE, RATE, TABLE, FaultCase

from langsmith_core.settings.keys import KEYS
from product import World, expected, known
from simulator import Fault
from simulator.settings import Mode

KINDS = ("info", "sessions", "runs", "datasets", "versions", "examples", "feedback")
"""Every kind of request that a first sync makes."""
DEPLOYED_SECONDS = float(next(str(key.default) for key in KEYS if key.name == "MAX_SECONDS"))
CALLS_A_DAY = 24 * 4
PAST_SECONDS = 15
"""The most seconds that a call may take beyond MAX_SECONDS (law 4)."""
STRAIGHT: tuple[tuple[str, Mode], ...] = (("fivetran", "clickhouse"), ("duckdb", "smithdb"))
CROSSED: tuple[tuple[str, Mode], ...] = (("fivetran", "smithdb"), ("duckdb", "clickhouse"))


def rows_in_turn(ways: tuple[tuple[str, Mode], ...], first: int, rows: Sequence[FaultCase] = TABLE) -> pytest.MarkDecorator:
    """Play each row on one face and one run API, since the reaction to a failure depends on neither."""
    return pytest.mark.parametrize(("row", "face", "mode"), in_turn(rows, ways, first), ids=_id)


def _id(value: FaultCase | str) -> str:
    return value.name if isinstance(value, FaultCase) else value


@pytest.fixture
def filled(world: Callable[..., World]) -> Callable[[Mode], World]:
    """Make a workspace with some records of every table."""

    def make(mode: Mode) -> World:
        w = world(mode)
        w.sim.corpus(projects=3, runs=24, days=20, datasets=2, examples=3)
        return w

    return make


def struck(w: World, row: FaultCase, **plan: Any) -> Fault:
    """Plan the fault of a row."""
    return w.sim.faults.add(Fault(**{**row.fault, **plan}))


@rows_in_turn(STRAIGHT, 0)
def test_trouble_that_passes(filled: Callable[[Mode], World], row: FaultCase, mode: Mode, face: str) -> None:
    """One call brings complete tables where a fault strikes every kind of request, as often as retries can mend.

    A fault that is not retried fails calls as its row says. The calls after it complete the tables.
    """
    w = filled(mode)
    w.configure(MAX_SECONDS="100000")  # time enough for the waits of seven kinds of request
    times = max(1, row.attempts - 1)
    faults = [struck(w, row, kind=kind, times=times) for kind in KINDS]
    made = calls(w, face)
    if row.attempts == ONCE:
        for _ in KINDS:
            made += calls(w, face)
        assert statuses(made) == {200, row.status}
        assert all(one.failed(row.status, row.says) for one in made if one.status != 200)
    else:
        assert [one.status for one in made] == [200]
    assert [fault.struck for fault in faults] == [times] * len(KINDS)
    w.assert_complete(face)


@rows_in_turn(STRAIGHT, 1)
def test_trouble_that_passes_as_deployed(filled: Callable[[Mode], World], row: FaultCase, mode: Mode, face: str) -> None:
    """Calls of four minutes, one each quarter of an hour, end in time. The tables are complete within a day."""
    w = filled(mode)
    times = max(1, row.attempts - 1)
    faults = [struck(w, row, kind=kind, times=times) for kind in KINDS]
    for _ in range(CALLS_A_DAY):
        begun = w.clock.now()
        one = called(w, face)
        assert (w.clock.now() - begun).total_seconds() <= DEPLOYED_SECONDS + PAST_SECONDS
        paced = row.says == RATE and one.failed(503, PACE)
        assert one.status == 200 or paced or one.failed(row.status, row.says), one
        w.clock.advance(minutes=0 if one.has_more else 15)
        if one.status == 200 and not one.has_more:
            break
    assert [fault.struck for fault in faults] == [times] * len(KINDS)
    w.assert_complete(face)


@rows_in_turn(CROSSED, 0)
def test_trouble_that_stays(filled: Callable[[Mode], World], row: FaultCase, mode: Mode, face: str) -> None:
    """Rows read before a lasting fault are kept. Calls during it say what failed and move nothing. The next ones complete all."""
    w = filled(mode)
    w.configure(MAX_SECONDS="100000")
    struck(w, row, when=lambda _: w.requests("runs") > 1, times=None)
    first = called(w, face)
    assert (first.status, first.has_more) == (200, True)
    kept = state(w, face), tables(w, face)
    assert kept[1]["langsmith_run"]
    for _ in range(2):
        w.clock.advance(minutes=5)
        again = called(w, face)
        assert again.failed(row.status, row.says), again
        assert (state(w, face), tables(w, face)) == kept
    w.sim.faults.clear()
    assert statuses(calls(w, face)) == {200}
    w.assert_complete(face)


@rows_in_turn(CROSSED, 1, [row for row in TABLE if row.of_a_part and "slow" not in row.fault])
def test_trouble_with_one_project(filled: Callable[[Mode], World], row: FaultCase, mode: Mode, face: str) -> None:
    """All but the failing project's runs is delivered. The sync ends in the row's failure, and completes once the fault ends."""
    w = filled(mode)
    bad = next(iter(w.workspace.truth()["langsmith_project"]))
    struck(w, row, kind="runs", when=of_project(bad), times=None)
    last = calls(w, face, 30)[-1]
    assert last.failed(row.status, row.says), last
    assert_all_but(w, face, bad)
    w.sim.faults.clear()
    w.clock.advance(minutes=30)
    assert statuses(calls(w, face)) == {200}
    w.assert_complete(face)


@pytest.mark.parametrize("face", ["fivetran", "duckdb"])
def test_one_project_that_never_answers_in_time(world: Callable[..., World], face: str) -> None:
    """One project's runs always time out. With the default MAX_SECONDS the sync ends within three hours and says why."""
    w = world("smithdb")
    projects = [w.workspace.add_project(f"p{number}") for number in range(3)]
    for project in projects:
        w.workspace.add_run(project)
        w.workspace.add_run(project, start_time=w.clock.now() - timedelta(days=20))
    w.sim.faults.add(Fault(kind="runs", when=of_project(projects[1]), slow=90.0, times=None))
    begun = w.clock.now()
    while (one := called(w, face)).has_more:
        assert (w.clock.now() - begun).total_seconds() < 3 * 3600
    assert one.failed(503, "LangSmith did not answer in time"), one
    assert_all_but(w, face, projects[1])
    w.sim.faults.clear()
    w.clock.advance(minutes=15)
    assert statuses(calls(w, face)) == {200}
    w.assert_complete(face)


def assert_all_but(w: World, face: str, bad: str) -> None:
    """Check that every row is there with its values, and no run of one project."""
    found = tables(w, face)
    for table, records in w.truth().items():
        there = {key: one for key, one in records.items() if table != "langsmith_run" or one["project_id"] != bad}
        assert known(found[table], table, there) == {key: expected(one) for key, one in there.items()}, table
