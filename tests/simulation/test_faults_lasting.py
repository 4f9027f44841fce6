"""Trouble that no single fault shows: bursts of 429, outages, pages that always fail, cursors and addresses that expire."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from simulation.face_calls import called, calls, is_further, state, statuses, tables
from simulation.fault_table import STORIES, lines

from product import World
from simulator import Fault
from simulator.settings import Mode

every_mode = pytest.mark.parametrize("mode", ["clickhouse", "smithdb"])
every_face = pytest.mark.parametrize("face", ["fivetran", "duckdb"])
straight = pytest.mark.parametrize(("face", "mode"), [("fivetran", "clickhouse"), ("duckdb", "smithdb")])
crossed = pytest.mark.parametrize(("face", "mode"), [("fivetran", "smithdb"), ("duckdb", "clickhouse")])
HERE = Path(__file__)
PAGE = HERE.parents[2] / "docs" / "faults.md"
Filled = Callable[[Mode], World]


@pytest.fixture
def filled(world: Callable[..., World]) -> Filled:
    """Make a workspace of several pages."""

    def make(mode: Mode) -> World:
        w = world(mode)
        w.sim.corpus(projects=3, runs=90, days=6, datasets=2, examples=15)
        for run in list(w.workspace.truth()["langsmith_run"])[:15]:
            w.workspace.add_feedback(run, "checked", score=1.0)
        w.configure(PAGE_SIZE="10")
        return w

    return make


@straight
def test_bursts_of_429(filled: Filled, mode: Mode, face: str) -> None:
    """No call fails and no row is missing where the last five of every twenty requests get a 429."""
    w = filled(mode)
    burst = w.sim.faults.add(Fault(when=lambda _: len(w.sim.requests) % 20 >= 15, status=429, times=None))
    assert statuses(calls(w, face, 200)) == {200}
    assert burst.struck >= 5
    w.assert_complete(face)


@crossed
def test_langsmith_is_down_for_an_hour(filled: Filled, mode: Mode, face: str) -> None:
    """Each call of the outage is a 502 or 503 and moves nothing. The first calls after it bring what was made during it."""
    w = filled(mode)
    assert statuses(calls(w, face)) == {200}
    w.clock.advance(hours=1)
    kept = state(w, face), tables(w, face)
    project = w.workspace.add_project("made meanwhile")
    for minute in range(0, 60, 5):
        w.sim.faults.clear()
        w.sim.faults.add(Fault(status=503 if minute % 10 else 502, body="<html>", content_type="text/html", times=None))
        down = called(w, face)
        assert (down.status, down.has_more) == (503 if minute % 10 else 502, False)
        assert down.message.startswith("LangSmith is unavailable" if minute % 10 else "LangSmith's gateway failed")
        assert (state(w, face), tables(w, face)) == kept
        w.workspace.add_run(project)
        w.clock.advance(minutes=5)
    w.sim.faults.clear()
    assert statuses(calls(w, face)) == {200}
    assert len(tables(w, face)["langsmith_run"]) == len(kept[1]["langsmith_run"]) + 12
    w.assert_complete(face)


@straight
def test_follow_up_pages_that_always_fail(filled: Filled, mode: Mode, face: str) -> None:
    """Each stream's first page arrives where all later pages fail. The sync ends in a 502; the rest arrives afterwards."""
    w = filled(mode)
    w.sim.faults.add(Fault(when=is_further, status=500, times=None))
    assert calls(w, face)[-1].failed(502, "LangSmith failed")
    found = tables(w, face)
    assert [len(found[table]) >= 10 for table in ("langsmith_run", "langsmith_example", "langsmith_feedback")] == [True] * 3
    w.sim.faults.clear()
    w.clock.advance(minutes=30)
    assert statuses(calls(w, face)) == {200}
    w.assert_complete(face)


@straight
def test_cursors_die_between_calls(filled: Filled, mode: Mode, face: str) -> None:
    """No row is missing where calls read one page each and no cursor outlives its call. The window is asked again."""
    w = filled(mode)
    w.configure(MAX_SECONDS="2")
    w.sim.faults.add(Fault(slow=3.0, times=None))
    refused = 0
    for _ in range(300):
        one = called(w, face)
        assert one.status == 200
        refused += sum(request.status == 400 for request in w.sim.requests)
        w.sim.requests.clear()
        w.sim.expire_cursors()
        if not one.has_more and not state(w, face).get("look") and not state(w, face).get("backfill"):
            break
    assert refused > 3
    w.assert_complete(face)


@every_face
def test_an_address_of_the_object_storage_that_has_expired(filled: Filled, face: str) -> None:
    """The row lands without a payload whose signed address has expired. The next sync gets fresh addresses and fills it in."""
    w = filled("clickhouse")
    project = w.workspace.add_project("heavy")
    run = w.workspace.add_run(project, inputs={"q": "x" * 2000}, outputs={"a": 1}, offloaded=("inputs",))
    w.sim.presigned_seconds = -1
    assert statuses(calls(w, face)) == {200}
    row = tables(w, face)["langsmith_run"][run]
    assert (row["inputs"], row["outputs"], row["project_name"]) == ('{"_not_fetched":"storage"}', '{"a":1}', "heavy")
    w.sim.presigned_seconds = 3600
    w.clock.advance(minutes=15)
    assert statuses(calls(w, face)) == {200}
    w.assert_complete(face)


@every_face
@every_mode
def test_a_key_refused_in_the_middle(filled: Filled, mode: Mode, face: str) -> None:
    """Rows before the 401 are kept, and later calls are a 401. Once the key works, the sync goes on and does not start over."""
    w = filled(mode)
    w.sim.faults.add(Fault(when=lambda _: len(w.sim.requests) > 9, status=401, body={"detail": "Invalid token"}, times=None))
    assert called(w, face).has_more
    runs = len(tables(w, face)["langsmith_run"])
    for _ in range(12):
        w.clock.advance(minutes=5)
        assert called(w, face).failed(401, "LANGSMITH_API_KEY: LangSmith refuses the key")
    w.sim.faults.clear()
    begun = next(request.content for request in w.sim.requests if request.kind == "runs")
    w.sim.requests.clear()
    assert statuses(calls(w, face)) == {200}
    w.assert_complete(face)
    assert runs >= 10
    assert begun not in [request.content for request in w.sim.requests]


@pytest.mark.parametrize(("mode", "count"), [("smithdb", 10_000), ("clickhouse", 2_100)])
def test_ten_thousand_projects(world: Callable[..., World], mode: Mode, count: int) -> None:
    """All projects arrive, with the runs of active ones, in two syncs. The state stays under 64 KB.

    This is Fivetran's face, whose state is bounded: it knows 2,000 projects by id. test_changes has 2,000 of them.
    """
    w = world(mode)
    projects = [w.workspace.add_project(f"p{number}") for number in range(count)]
    for active in (projects[:: count // 40], [*projects[1 :: count // 20], *projects[-3:]]):
        for project in active:
            w.workspace.add_run(project)
        assert w.fivetran.sync().state_bytes_max < 65_536
        assert w.in_fivetran("langsmith_run").keys() == w.workspace.runs.keys()
        w.clock.advance(hours=2)
    w.assert_complete("fivetran")


def test_the_page_is_the_table() -> None:
    """docs/faults.md has the rows of the table and no others. Each story has a test."""
    page = PAGE.read_text().partition("|---|---|---|\n")[2]
    assert [line for line in page.splitlines() if line.startswith("|")] == lines()
    others = (
        HERE.parent / "test_annotation_queues.py",
        HERE.parent / "test_shifting.py",
        HERE.parent / "test_large.py",
        HERE.parents[1] / "processes" / "test_memory.py",
    )
    tests = "".join(file.read_text() for file in (*HERE.parent.glob("test_faults*.py"), *others))
    assert [name for name in STORIES if f"def {name}(" not in tests] == []
