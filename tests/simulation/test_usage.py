"""A parent's tokens, costs and first token are those of its subtree, by either API.

Where v2 does not give them, rows land all the same, and the log and the status say so.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from product import World, expected, known
from simulator import Fault
from simulator.messages import Request
from simulator.records import Run

Worlds = Callable[..., World]
USAGE = (
    *("total_tokens", "prompt_tokens", "completion_tokens", "total_cost", "prompt_cost", "completion_cost", "first_token_time"),
)
FLAG = "include_subtree_usage"
REFUSES = "LangSmith refuses include_subtree_usage, so parents carry only their own tokens and cost"
IGNORES = "LangSmith ignores include_subtree_usage, so parents carry only their own tokens and cost"
FIELDS = "asking only for the fields that columns need"


def synced(w: World, face: str) -> None:
    """Sync to the end through a face."""
    w.fivetran.sync() if face == "fivetran" else w.sync_locally()


def trace(w: World, project: str, number: int = 1, *, pending: bool = False, **root: Any) -> tuple[str, str, str]:
    """Add a chain over a tool with a fee and a model. It ended hours ago, or has not ended if `pending`."""
    begun, ended = w.clock.now().replace(hour=1), None if pending else w.clock.now().replace(hour=2)
    fields: dict[str, Any] = {"start_time": begun, "end_time": ended}
    used = {"total_tokens": 7 * number, "prompt_tokens": 5 * number, "completion_tokens": 2 * number, "total_cost": 0.5}
    top = w.workspace.add_run(project, **fields, **root)
    tool = w.workspace.add_run(project, **fields, parent_run_id=top, run_type="tool", total_cost=0.01)
    model: dict[str, Any] = {**fields, **used, "parent_run_id": tool, "run_type": "llm", "first_token_time": begun}
    return top, tool, w.workspace.add_run(project, **model)


def world_of(make: Worlds, traces: int = 3) -> World:
    """Make a workspace on v2, with traces of this night."""
    w = make("smithdb")
    w.clock.advance(hours=6)
    project = w.workspace.add_project("p")
    for number in range(1, traces + 1):
        trace(w, project, number)
    return w


def queries(w: World) -> list[Request]:
    """Return all run queries of v2."""
    return [request for request in w.sim.requests if request.kind == "runs" and "/v2/" in request.path]


def asks(request: Request, name: str) -> bool:
    """Return whether a run query asks for a field, or for the flag."""
    return request.kind == "runs" and name in json.dumps(request.body)


def status(w: World) -> Any:
    """Return what the status says of usage."""
    return w.request("GET", "/sync").get_json()["own_usage_only"]


def own_usage(run: Run) -> dict[str, Any]:
    """Return what a row shows of a run's own usage, and of no child's."""
    waited = (run.first_token_time - run.start_time).total_seconds() if run.first_token_time else None
    return {name: getattr(run, name) for name in USAGE} | {"time_to_first_token_seconds": waited}


def assert_own(w: World, face: str) -> None:
    """Check that every run is there, whole, but with its own usage alone."""
    truth = w.workspace.truth()["langsmith_run"]
    records = {run: {**record, **own_usage(w.workspace.runs[run])} for run, record in truth.items()}
    found = w.in_fivetran("langsmith_run") if face == "fivetran" else w.in_duckdb("langsmith_run")
    assert known(found, "langsmith_run", records) == {run: expected(record) for run, record in records.items()}
    assert all("last_queued_at" in json.loads(row["raw"]) for row in found.values())


@pytest.mark.parametrize("face", ["fivetran", "duckdb"])
def test_every_query_of_v2_asks_for_the_subtree(world: Worlds, face: str) -> None:
    """Every v2 query asks for the subtree's usage: windows, runs by id, and runs whose feedback was edited."""
    w = world_of(world)
    runs = root, _, model = trace(w, next(iter(w.workspace.projects)), pending=True)
    feedback = w.workspace.add_feedback(root, "good", score=0.0)
    synced(w, face)
    w.assert_complete(face)
    w.clock.advance(days=2)
    synced(w, face)
    for run in runs:
        w.workspace.finish_run(run)
    w.workspace.update_run(model, total_tokens=70)
    w.sim.requests.clear()
    synced(w, face)
    w.assert_complete(face)
    assert any(asks(request, '"ids"') for request in queries(w))
    w.workspace.edit_feedback(feedback, score=1.0)
    w.workspace.update_run(model, total_tokens=700)
    w.clock.advance(hours=1)
    synced(w, face)
    rows = w.in_fivetran("langsmith_run") if face == "fivetran" else w.in_duckdb("langsmith_run")
    assert rows[root]["total_tokens"] == 700
    assert any(asks(request, "min_feedback_modified_at") for request in queries(w))
    assert {request.body[FLAG] for request in queries(w)} == {True}
    w.clock.advance(days=1)
    synced(w, face)
    w.assert_complete(face)


@pytest.mark.parametrize("subtree_details", [False, True])
def test_details_are_taken_as_they_come(world: Worlds, subtree_details: bool) -> None:
    """A parent's details are those that v2 answers, whether or not v2 sums them. Neither is documented."""
    w = world_of(world, traces=0)
    w.sim.subtree_details = subtree_details
    project = w.workspace.add_project("one")
    root = w.workspace.add_run(project)
    w.workspace.add_run(project, parent_run_id=root, prompt_tokens=3, prompt_token_details={"cache_read": 2})
    synced(w, "duckdb")
    w.assert_complete("duckdb")
    details = w.in_duckdb("langsmith_run")[root]["prompt_token_details"]
    assert details == ('{"cache_read":2}' if subtree_details else None)


@pytest.mark.parametrize("face", ["fivetran", "duckdb"])
@pytest.mark.parametrize("code", [400, 422])
def test_a_v2_that_refuses_the_flag(world: Worlds, code: int, face: str, caplog: pytest.LogCaptureFixture) -> None:
    """A v2 that refuses the flag twice is asked without it, and loses no run or column. It is asked again daily."""
    w = world_of(world)
    refusal = w.sim.faults.add(Fault(when=lambda request: asks(request, FLAG), status=code, body=b"{}", times=None))
    for hours, refused in ((0, 2), (1, 2), (26, 4)):
        w.clock.advance(hours=hours)
        synced(w, face)
        assert_own(w, face)
        assert (refusal.struck, caplog.text.count(REFUSES)) == (refused, refused // 2)
    assert face == "fivetran" or status(w) == "refused"
    assert FIELDS not in caplog.text
    w.sim.faults.clear()
    w.clock.advance(hours=26)
    synced(w, face)
    w.assert_complete(face)
    assert face == "fivetran" or status(w) is None


def test_the_simulators_own_refusal_is_the_same(world: Worlds, caplog: pytest.LogCaptureFixture) -> None:
    """A refusal that names the unknown flag is logged in LangSmith's words."""
    w = world_of(world)
    w.sim.subtree_usage = "refused"
    synced(w, "duckdb")
    assert_own(w, "duckdb")
    assert (status(w), 'unknown field "include_subtree_usage"' in caplog.text) == ("refused", True)


def test_a_field_that_is_refused_costs_no_totals(world: Worlds, caplog: pytest.LogCaptureFixture) -> None:
    """A refused field is left out, and the flag stays, so parents keep their totals."""
    w = world_of(world)
    refusal = w.sim.faults.add(Fault(when=lambda r: asks(r, "LAST_QUEUED_AT"), status=400, body=b"{}", times=None))
    synced(w, "duckdb")
    w.assert_complete("duckdb")
    assert (refusal.struck, status(w)) == (2, None)
    assert REFUSES not in caplog.text
    assert caplog.text.count(FIELDS) == 1


def test_a_v2_that_knows_neither_field_nor_flag(world: Worlds, caplog: pytest.LogCaptureFixture) -> None:
    """A v2 that refuses the field and the flag is asked without both. The log names both."""
    w = world_of(world)
    old = Fault(when=lambda r: asks(r, "LAST_QUEUED_AT") or asks(r, FLAG), status=400, body=b"{}", times=None)
    w.sim.faults.add(old)
    synced(w, "duckdb")
    tokens = {run: row["total_tokens"] for run, row in w.in_duckdb("langsmith_run").items()}
    assert tokens == {run.id: run.total_tokens for run in w.workspace.runs.values()}
    assert (old.struck, status(w), caplog.text.count(REFUSES), caplog.text.count(FIELDS)) == (3, "refused", 1, 1)


@pytest.mark.parametrize("mode", ["clickhouse", "smithdb"])
def test_a_refusal_that_passes_costs_nothing(world: Worlds, mode: str, caplog: pytest.LogCaptureFixture) -> None:
    """A single 400 proves nothing: the whole query is asked again, and nothing is logged."""
    w = world(mode)
    w.sim.corpus(projects=2, runs=100, days=3)
    w.sim.faults.add(Fault(kind="runs", status=400, body=b"{}"))
    synced(w, "duckdb")
    w.assert_complete("duckdb")
    bodies = [request.body for request in w.sim.requests if request.kind == "runs"]
    assert bodies[0] == bodies[2] == bodies[3] != bodies[1]
    assert REFUSES not in caplog.text
    assert FIELDS not in caplog.text


def test_a_query_that_is_refused_now_and_then_ends(world: Worlds) -> None:
    """A query that is refused, passes a trial and is refused again is put aside. It may land later; the others land."""
    w = world_of(world)
    bad = w.workspace.add_project("bad")
    run = w.workspace.add_run(bad)
    seen: list[Request] = []

    def every_fourth(request: Request) -> bool:
        if not asks(request, bad) or request.body.get("project_ids") != [bad]:
            return False
        seen.append(request)
        return len(seen) % 3 == 1

    w.sim.faults.add(Fault(when=lambda r: asks(r, bad) and len(r.body["project_ids"]) > 1, status=400, body=b"{}", times=None))
    w.sim.faults.add(Fault(when=every_fourth, status=400, body=b"{}", times=None))
    answers = [w.pass_locally()[0] for _ in range(4)]
    assert 502 in answers
    found = w.in_duckdb("langsmith_run")
    assert found.keys() >= w.workspace.runs.keys() - {run}
    assert len(seen) < 60


def test_the_question_for_edits_outlives_a_refused_flag(world: Worlds) -> None:
    """A refused flag does not stop the query for edited feedback."""
    w = world_of(world)
    w.sim.subtree_usage = "refused"
    feedback = w.workspace.add_feedback(next(iter(w.workspace.runs)), "good", score=0.0)
    synced(w, "duckdb")
    w.clock.advance(days=3)
    synced(w, "duckdb")
    w.clock.advance(hours=1)
    w.workspace.edit_feedback(feedback, score=1.0)
    synced(w, "duckdb")
    assert w.in_duckdb("langsmith_feedback")[feedback]["score"] == 1.0
    assert_own(w, "duckdb")


@pytest.mark.parametrize("face", ["fivetran", "duckdb"])
def test_a_v2_that_ignores_the_flag(world: Worlds, face: str, caplog: pytest.LogCaptureFixture) -> None:
    """Parents with fewer tokens than their children prove that v2 ignores the flag.

    The log says so daily; the flag is still sent.
    """
    w = world_of(world)
    w.sim.subtree_usage = "ignored"
    for hours, warnings in ((0, 1), (1, 1), (26, 2)):
        w.clock.advance(hours=hours)
        synced(w, face)
        assert_own(w, face)
        assert caplog.text.count(IGNORES) == warnings
    assert {request.body[FLAG] for request in queries(w)} == {True}
    assert face == "fivetran" or status(w) == "ignored"
    w.sim.subtree_usage = "served"
    w.clock.advance(hours=26)
    synced(w, face)
    w.assert_complete(face)
    assert face == "fivetran" or status(w) is None


def fresh(w: World, project: str) -> None:
    """Let all runs end just now, so that their sums may still be on their way."""
    for run in w.workspace.runs.values():
        w.workspace.update_run(run.id, end_time=w.clock.now())
    assert project


def unfinished(w: World, project: str) -> None:
    """Let roots and their first child have no end."""
    for run in w.workspace.runs.values():
        if run.parent_run_id is None:
            w.workspace.update_run(run.id, end_time=None)
            w.workspace.update_run(w.workspace.descendants[run.id][0].id, end_time=None)
    assert project


def told_by_their_parents(w: World, project: str) -> None:
    """Give more than half of all parents the tokens of their children."""
    for number in range(4):
        trace(w, project, number + 1, total_tokens=7 * number + 7)
    for run in w.workspace.runs.values():
        if run.run_type == "tool":
            w.workspace.update_run(run.id, total_tokens=100)


def without_tokens(w: World, project: str) -> None:
    """Give models no tokens."""
    for run in w.workspace.runs.values():
        w.workspace.update_run(run.id, total_tokens=0)
    assert project


@pytest.mark.parametrize("doubt", [fresh, unfinished, told_by_their_parents, without_tokens])
def test_what_proves_nothing_is_not_told(
    world: Worlds, doubt: Callable[[World, str], None], caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is logged without proof that v2 ignores the flag."""
    w = world_of(world)
    doubt(w, next(iter(w.workspace.projects)))
    w.sim.subtree_usage = "ignored"
    synced(w, "duckdb")
    assert (status(w), IGNORES in caplog.text) == (None, False)


@pytest.mark.parametrize("mode", ["clickhouse", "dual", "smithdb"])
def test_a_server_that_gives_totals_is_never_accused(world: Worlds, mode: str, caplog: pytest.LogCaptureFixture) -> None:
    """A LangSmith that gives totals gets no warning over a whole corpus, by any API."""
    w = world(mode)
    w.sim.corpus(projects=3, runs=600, days=30)
    with caplog.at_level(logging.WARNING):
        synced(w, "duckdb")
    w.assert_complete("duckdb")
    assert FLAG not in caplog.text
    assert status(w) is None


def test_v1_says_nothing_of_v2(world: Worlds) -> None:
    """Parents have totals again once v1 answers, and the status no longer warns."""
    w = world_of(world)
    w.sim.subtree_usage = "refused"
    synced(w, "duckdb")
    w.sim.mode = "clickhouse"
    w.clock.advance(hours=1)
    synced(w, "duckdb")
    w.assert_complete("duckdb")
    assert status(w) is None
