"""Work that keeps failing does not block other work. It is never forgotten, and it is reported until it succeeds."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from simulation.axes import in_turn

from fivetran_model import CallFailed
from product import World
from simulator import Fault
from simulator.messages import Request
from simulator.settings import Mode

MODES: tuple[Mode, ...] = ("clickhouse", "smithdb")
FACES = ("fivetran", "duckdb")
WAYS: tuple[tuple[str, Mode], ...] = (
    ("fivetran", "clickhouse"),
    ("fivetran", "smithdb"),
    ("duckdb", "smithdb"),
    ("duckdb", "clickhouse"),
)
every_mode = pytest.mark.parametrize("mode", MODES)
every_face = pytest.mark.parametrize("face", FACES)


def calls(w: World, face: str, most: int = 60) -> list[int]:
    """Call as a scheduler does, until a call fails or is the last. Return their statuses."""
    statuses = []
    for _ in range(most):
        status, has_more = called(w, face)
        statuses.append(status)
        if status != 200 or not has_more:
            return statuses
    pytest.fail(f"{most} calls, and still hasMore")


def called(w: World, face: str) -> tuple[int, bool]:
    """Make one call of a face. Return its status, and whether it asks for another."""
    if face == "duckdb":
        status, answer = w.pass_locally()
        return status, answer.get("hasMore", False)
    try:
        return 200, w.fivetran.step().has_more
    except CallFailed as failure:
        return failure.status, False


def of_project(project: str) -> Callable[[Request], bool]:
    """Return a filter of requests: it matches those whose body names this project."""
    return lambda request: project in json.dumps(request.body)


def second_of_20(request: Request) -> bool:
    """Return whether a request asks for a list's second page, by pages of twenty."""
    return dict(request.query).get("offset") == "19"


def filled(w: World, projects: int = 3) -> list[str]:
    """Add projects with runs, datasets with examples, and feedback."""
    made = []
    for number in range(projects):
        made.append(w.workspace.add_project(f"p{number}"))
        run = w.workspace.add_run(made[-1])
        w.workspace.add_feedback(run, "good", score=1.0)
        w.workspace.add_example(w.workspace.add_dataset(f"d{number}"), {"question": number})
    return made


def rows(w: World, face: str, table: str) -> int:
    """Count a table's live rows."""
    return len(w.in_fivetran(table) if face == "fivetran" else w.in_duckdb(table))


@every_face
@every_mode
def test_a_project_whose_runs_fail_does_not_block_the_others(world: Callable[..., World], mode: Mode, face: str) -> None:
    """One project's runs fail: the sync ends in a 502, and all else is delivered, then and later.

    The runs arrive once they can be read. On v2 a query has several projects. The sync halves the batch until it finds the one
    that fails.
    """
    w = world(mode)
    bad = filled(w)[1]
    w.sim.faults.add(Fault(kind="runs", when=of_project(bad), status=500, times=None))
    assert calls(w, face)[-1] == 502
    assert rows(w, face, "langsmith_run") == 2
    w.clock.advance(minutes=30)
    w.workspace.add_dataset("made later")
    assert calls(w, face)[-1] == 502
    assert rows(w, face, "langsmith_dataset") == 4
    w.sim.faults.clear()
    w.clock.advance(minutes=30)
    assert calls(w, face)[-1] == 200
    w.assert_complete(face)


@every_face
@pytest.mark.parametrize("kind", ["feedback", "examples", "versions"])
def test_a_stream_that_fails_does_not_block_the_others(world: Callable[..., World], kind: str, face: str) -> None:
    """All else is delivered while feedback or a dataset's examples fail. They arrive once they can be read."""
    w = world("clickhouse")
    filled(w)
    w.sim.faults.add(Fault(kind=kind, status=500, times=None))
    assert calls(w, face)[-1] == 502
    assert rows(w, face, "langsmith_run") == 3
    assert rows(w, face, "langsmith_dataset") == 3
    w.sim.faults.clear()
    w.clock.advance(minutes=30)
    assert calls(w, face)[-1] == 200
    w.assert_complete(face)


@pytest.mark.parametrize(("kind", "face", "mode"), in_turn(["sessions", "datasets"], WAYS, each=2))
def test_a_list_whose_second_page_always_fails_blocks_only_what_is_behind_it(
    world: Callable[..., World], kind: str, mode: Mode, face: str
) -> None:
    """A list's second page fails: the first page and every other stream stay up to date. The rest arrives once the list heals."""
    w = world(mode)
    filled(w, projects=24)
    w.configure(PAGE_SIZE="20")
    fault = Fault(kind=kind, when=second_of_20, status=500, times=None)
    w.sim.faults.add(fault)
    assert calls(w, face)[-1] == 502
    assert rows(w, face, "langsmith_feedback") == 24
    assert rows(w, face, "langsmith_run") >= (19 if kind == "sessions" else 24)
    w.clock.advance(minutes=30)
    w.workspace.add_feedback(next(iter(w.workspace.truth()["langsmith_run"])), "later", score=0.5)
    assert calls(w, face)[-1] == 502
    assert rows(w, face, "langsmith_feedback") == 25
    w.sim.faults.clear()
    w.clock.advance(minutes=30)
    assert calls(w, face)[-1] == 200
    w.assert_complete(face)


@every_face
def test_a_langsmith_that_is_down_moves_nothing(world: Callable[..., World], face: str) -> None:
    """An outage puts no work aside. The call fails, and the next one goes on from the same position."""
    w = world("clickhouse")
    filled(w)
    w.sim.faults.add(Fault(status=503, times=None))
    assert calls(w, face) == [503]
    w.sim.faults.clear()
    w.sim.faults.add(Fault(kind="runs", status=503, times=None))
    w.sim.faults.add(Fault(kind="sessions", when=lambda request: dict(request.query).get("limit") == "1", status=503, times=None))
    assert calls(w, face)[-1] == 503
    assert "later" not in json.dumps(w.fivetran.states)
    w.sim.faults.clear()
    assert calls(w, face)[-1] == 200
    w.assert_complete(face)


@every_face
def test_many_failing_slices_are_a_failing_langsmith(world: Callable[..., World], face: str) -> None:
    """A call fails where every project's runs fail. Its state stays small, since it does not gather the failing work."""
    w = world("clickhouse")
    filled(w, projects=60)
    w.sim.faults.add(Fault(kind="runs", status=500, times=None))
    assert calls(w, face)[-1] == 502
    assert len(json.dumps(w.fivetran.state)) < 20_000
    w.sim.faults.clear()
    w.clock.advance(minutes=30)
    assert calls(w, face)[-1] == 200
    w.assert_complete(face)


@every_face
def test_history_that_fails_in_one_project_goes_on_in_the_others(world: Callable[..., World], face: str) -> None:
    """A project whose old runs fail does not hold up the backfill of other projects."""
    w = world("clickhouse")
    bad, good = w.workspace.add_project("bad"), w.workspace.add_project("good")
    old = w.clock.now() - timedelta(days=100)
    for project in (bad, good):
        w.workspace.add_run(project)
        w.workspace.add_run(project, start_time=old, end_time=old + timedelta(seconds=1))
    since_old = Fault(
        kind="runs", when=lambda request: of_project(bad)(request) and "2025" in json.dumps(request.body), status=500, times=None
    )
    w.sim.faults.add(since_old)
    assert calls(w, face)[-1] == 502
    assert rows(w, face, "langsmith_run") == 3
    w.sim.faults.clear()
    w.clock.advance(minutes=30)
    assert calls(w, face)[-1] == 200
    w.assert_complete(face)


USAGE = "langsmith_usage_day"
"""Left out, since no organisation is named."""


@pytest.mark.parametrize("status", [403, 404])
def test_a_stream_that_this_langsmith_does_not_offer_is_left_out(
    world: Callable[..., World], caplog: pytest.LogCaptureFixture, status: int
) -> None:
    """Feedback configurations that LangSmith refuses are left out: the log says so once, and the status. All else is read.

    The next look does not ask again. The daily pass does, and reads them.
    """
    w = world()
    w.sim.corpus(projects=2, runs=50, days=5)
    refused = w.sim.faults.add(Fault(kind="feedback_configs", status=status, body={"detail": "no"}, times=None))
    w.sync_locally()
    w.clock.advance(hours=2)
    w.sync_locally()
    assert (refused.struck, w.in_duckdb("langsmith_feedback_config")) == (1, {})
    found = w.request("GET", "/sync").get_json()
    assert (found["left_out"], found["last_error"], found["put_aside"]) == (["langsmith_feedback_config", USAGE], None, [])
    told = [record.message for record in caplog.records if "this LangSmith does not offer it" in record.message]
    assert [text.partition(":")[0] for text in told] == ["langsmith_feedback_config"]
    w.sim.faults.clear()
    w.clock.advance(hours=23)
    w.sync_locally()
    w.assert_complete("duckdb")
    assert w.request("GET", "/sync").get_json()["left_out"] == [USAGE]


@pytest.mark.parametrize("status", [403, 404])
def test_a_stream_that_is_refused_later_keeps_its_rows(world: Callable[..., World], status: int) -> None:
    """An endpoint that is refused once its rows are there deletes none of them, and Fivetran's sync succeeds."""
    w = world()
    w.sim.corpus(projects=2, runs=50, days=5)
    w.fivetran.sync()
    before = w.in_fivetran("langsmith_feedback_config")
    w.sim.faults.add(Fault(kind="feedback_configs", status=status, body={"detail": "no"}, times=None))
    w.clock.advance(hours=25)
    w.fivetran.sync()
    assert before
    assert w.in_fivetran("langsmith_feedback_config") == before
    assert (w.fivetran.state or {})["not_offered"] == ["langsmith_feedback_config"]
