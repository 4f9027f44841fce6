"""Self-hosted instances that serve both run APIs: every run arrives by either face, although SmithDB may lack older runs.

LangChain's installation guide calls the migration of ClickHouse's history optional. test_increments and test_changes have
instances with one API, and LangChain's own cloud.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from simulation.axes import in_turn
from simulation.face_calls import state, tables

from product import World
from simulator import Fault
from simulator.messages import Request

HOST = "https://langsmith.example"
WAYS = (("fivetran", True), ("duckdb", False), ("duckdb", True), ("fivetran", False))
every_face = pytest.mark.parametrize("face", ["fivetran", "duckdb"])
migrated_or_not = pytest.mark.parametrize("migrated", [False, True])
counted_in = pytest.mark.parametrize("stats_of_smithdb", [False, True])


def synced(w: World, face: str) -> None:
    """Sync to the end through a face."""
    w.fivetran.sync() if face == "fivetran" else w.sync_locally()


def dual(world: Callable[..., World], *, migrated: bool = False, stats_of_smithdb: bool = False) -> World:
    """Make a workspace with a past of months in ClickHouse, and with SmithDB since two days ago."""
    w = world()
    w.configure(LANGSMITH_BASE_URL=HOST)
    w.sim.stats_of_smithdb = stats_of_smithdb
    w.sim.corpus(projects=3, runs=300, days=90)
    dormant = w.workspace.add_project("dormant")
    w.workspace.add_run(dormant, start_time=w.clock.now() - timedelta(days=30))
    w.workspace.start_smithdb(migrated=migrated)
    w.clock.advance(days=2)
    for number in range(3):
        w.workspace.add_run(w.workspace.add_project(f"new-{number}"))
    return w


def asked(w: World, api: str) -> list[Request]:
    """Return the run queries of an API since the list of requests was cleared."""
    return [request for request in w.sim.requests if request.kind == "runs" and f"/{api}/" in request.path]


@every_face
@migrated_or_not
@counted_in
def test_the_past_is_read_though_smithdb_has_none_of_it(
    world: Callable[..., World], face: str, migrated: bool, stats_of_smithdb: bool
) -> None:
    """A first sync brings every run, also those in ClickHouse alone, whichever store the projects' statistics come from."""
    w = dual(world, migrated=migrated, stats_of_smithdb=stats_of_smithdb)
    synced(w, face)
    w.assert_complete(face)


@every_face
@migrated_or_not
def test_later_syncs_ask_v2_for_what_is_young_enough(world: Callable[..., World], face: str, migrated: bool) -> None:
    """A day after the first look v2 is asked for the whole window. v1 is asked for old runs by id, and for nothing else."""
    w = dual(world, migrated=migrated)
    old = w.clock.now() - timedelta(days=5)
    w.workspace.add_run(next(iter(w.workspace.projects)), start_time=old, end_time=None, status="pending")
    synced(w, face)
    w.clock.advance(hours=25)
    synced(w, face)
    w.sim.requests.clear()
    w.clock.advance(minutes=30)
    w.workspace.add_run(next(iter(w.workspace.projects)))
    synced(w, face)
    assert ["id" in request.body for request in asked(w, "v1")] == [True]
    assert {"ids" in request.body for request in asked(w, "v2")} == {False}
    w.assert_complete(face)


@every_face
def test_runs_that_lie_in_clickhouse_alone_are_followed(world: Callable[..., World], face: str) -> None:
    """v1 reads a run of ClickHouse alone again: after its late end, late feedback, or an edit of its feedback."""
    w = dual(world)
    project = next(iter(w.workspace.projects))
    pending = w.workspace.add_run(project, start_time=w.clock.now() - timedelta(days=9), status="pending", end_time=None)
    judged = w.workspace.add_run(project, start_time=w.clock.now() - timedelta(days=60))
    feedback = w.workspace.add_feedback(judged, "good", score=0.0)
    w.workspace.start_smithdb(migrated=False)
    synced(w, face)
    w.clock.advance(days=2)
    w.workspace.finish_run(pending, outputs={"done": True}, total_tokens=7)
    w.workspace.add_feedback(judged, "helpful", score=1.0)
    w.clock.advance(minutes=30)
    synced(w, face)
    w.assert_complete(face)
    w.workspace.edit_feedback(feedback, score=1.0)
    w.clock.advance(days=1)
    synced(w, face)
    w.assert_complete(face)


@every_face
def test_runs_beyond_reach_are_not_taken_for_deleted(world: Callable[..., World], face: str) -> None:
    """Once v1 has ended, v2 finds no run that only ClickHouse had. The rows of these runs stay as they were."""
    w = dual(world)
    project = next(iter(w.workspace.projects))
    w.workspace.add_run(project, start_time=w.clock.now() - timedelta(days=9), status="pending", end_time=None)
    w.workspace.start_smithdb(migrated=False)
    synced(w, face)
    before = tables(w, face)["langsmith_run"]
    w.sim.mode = "smithdb"
    for _ in range(3):
        w.clock.advance(days=2)
        synced(w, face)
    assert tables(w, face)["langsmith_run"] == before


@pytest.mark.parametrize(("status", "face", "said"), in_turn([501, 410, 404], WAYS, each=2))
def test_the_end_of_v1_loses_and_doubles_nothing(
    world: Callable[..., World], face: str, status: int, said: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """v1 ends in the middle of a first sync of a migrated instance. v2 brings the rest, whether or not `/info` names v1."""
    w = dual(world, migrated=True)
    w.configure(MAX_RESPONSE_MB="0.1", PAGE_SIZE="20")
    w.sim.v1_missing_status = status  # type: ignore[assignment]  # a row of the table

    def ends(_: Request) -> bool:
        w.sim.v1_ended = len(asked(w, "v1")) > 4
        w.sim.mode = "smithdb" if w.sim.v1_ended and said else "dual"
        return False

    w.sim.faults.add(Fault(kind="runs", when=ends, times=None))
    synced(w, face)
    assert len(asked(w, "v1")) == 5
    w.assert_complete(face)
    assert any("no longer serves v1 run queries" in record.message for record in caplog.records)
    w.sim.requests.clear()
    w.clock.advance(minutes=30)
    synced(w, face)
    assert asked(w, "v1") == []
    w.assert_complete(face)


def test_a_v1_that_has_ended_is_asked_again_daily(world: Callable[..., World]) -> None:
    """A v1 that has ended is asked once a day while `/info` still names it. A v1 that comes back is read again."""
    w = dual(world)
    w.fivetran.sync()
    w.sim.v1_ended = True
    run = w.workspace.add_run(next(iter(w.workspace.projects)), start_time=w.clock.now() - timedelta(hours=1))
    for expected in (1, 0, 0):
        w.sim.requests.clear()
        w.clock.advance(minutes=30)
        w.fivetran.sync()
        assert len(asked(w, "v1")) == expected
    w.sim.v1_ended = False
    w.clock.advance(days=1)
    w.fivetran.sync()
    assert run in w.in_fivetran("langsmith_run")
    w.assert_complete("fivetran")


@every_face
def test_a_state_that_has_read_v2_alone_reads_the_past_by_v1(world: Callable[..., World], face: str) -> None:
    """A state that has read only v2 becomes one of a dual instance. The next sync brings what ClickHouse alone has."""
    w = dual(world)
    w.sim.mode = "smithdb"
    synced(w, face)
    w.sim.mode = "dual"
    w.clock.advance(hours=1)
    synced(w, face)
    w.assert_complete(face)


@every_face
def test_smithdb_is_installed_between_two_syncs(world: Callable[..., World], face: str) -> None:
    """A ClickHouse instance becomes a dual one. Nothing is lost, and no backfill reads the past again."""
    w = world()
    w.configure(LANGSMITH_BASE_URL=HOST)
    w.sim.corpus(projects=3, runs=300, days=60)
    synced(w, face)
    w.workspace.start_smithdb(migrated=False)
    w.clock.advance(hours=1)
    w.workspace.add_run(next(iter(w.workspace.projects)))
    w.sim.requests.clear()
    synced(w, face)
    w.assert_complete(face)
    assert "backfill" not in state(w, face)
    assert len(w.sim.requests) < 20


@every_face
def test_a_project_found_late_has_its_past_in_clickhouse(world: Callable[..., World], face: str) -> None:
    """A wider PROJECTS on a dual instance brings the past of the added projects, by v1."""
    w = dual(world, stats_of_smithdb=True)
    w.configure(PROJECTS="new-0")
    synced(w, face)
    w.configure(PROJECTS="")
    w.clock.advance(hours=1)
    synced(w, face)
    w.assert_complete(face)


@pytest.mark.parametrize(("host", "v1"), [("https://eu.api.smith.langchain.com", 0), (HOST, 15)])
def test_only_a_self_hosted_instance_is_asked_by_v1(world: Callable[..., World], host: str, v1: int) -> None:
    """LangChain's cloud is read by v2 alone, even where it serves both. Only a self-hosted instance is asked by v1."""
    w = dual(world, migrated=True)
    w.configure(LANGSMITH_BASE_URL=host)
    w.fivetran.sync()
    w.assert_complete("fivetran")
    assert len(asked(w, "v1")) == v1


@pytest.mark.parametrize("mode", ["clickhouse", "smithdb"])
def test_an_instance_with_one_api_pays_nothing(world: Callable[..., World], mode: str) -> None:
    """An API that `/info` does not name is never asked."""
    w = world(mode)
    w.configure(LANGSMITH_BASE_URL=HOST)
    w.sim.corpus(projects=3, runs=100, days=20)
    w.fivetran.sync()
    assert asked(w, "v2" if mode == "clickhouse" else "v1") == []
    w.assert_complete("fivetran")
