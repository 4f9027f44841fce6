"""An answer to another question than the one asked delivers no row and deletes none. test_faults has answers that fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from simulation.face_calls import called, calls, statuses

from langsmith_core.records.packed_ids import Ids
from langsmith_core.streams.registry import BY_TABLE
from product import World
from simulator import Fault
from simulator.settings import Mode

MODES = ["clickhouse", "smithdb"]


def fivetran(w: World, state: Any, **secrets: str) -> tuple[int, dict[str, Any]]:
    """Make one call with a state."""
    answer = w.post("/fivetran", json.dumps({"state": state, "secrets": secrets}).encode())
    return answer.status_code, json.loads(answer.data)


def looking_up(w: World, project: str) -> dict[str, Any]:
    """Return the state of a sync that is about to look up a project. Its list no longer shows it."""
    w.fivetran.sync()
    w.clock.advance(hours=1)
    bounds = dict.fromkeys(("until", "since", "oldest", "runs_from", "feedback_from"), w.clock.now().isoformat())
    state = w.fivetran.state or {}
    look = {"bounds": bounds, "agenda": [{"work": look_up(project)}], "to_open": list(BY_TABLE)[1:]}
    return {**state, "memory": {**state["memory"], "lists": {}}, "look": look}


def look_up(project: str) -> dict[str, str]:
    """Return the work that asks for a project by its own path."""
    return {"kind": "LookUp", "table": "langsmith_project", "ids": Ids([project]).packed()}


def known(state: dict[str, Any]) -> Ids:
    """Return the projects that a state knows."""
    return Ids.unpacked(state["memory"]["lists"]["langsmith_project"])


@pytest.mark.parametrize("other", ["another id", "a list"])
def test_a_record_that_was_not_asked_for_is_an_error(world: Callable[..., World], other: str) -> None:
    """A look-up that gets another record fails. That record does not land, and the project asked for is not deleted."""
    w = world()
    asked, found = w.workspace.add_project("asked"), w.workspace.add_project("found")
    state = looking_up(w, asked)
    record = {"id": found, "name": "found", "start_time": "2026-05-01T00:00:00"}
    bodies: dict[str, Any] = {"another id": record, "a list": [record]}
    w.sim.faults.add(Fault(kind="session", status=200, body=json.dumps(bodies[other]), times=None))
    while True:
        status, answer = fivetran(w, state)
        if status != 200:
            break
        assert (answer["insert"], answer["delete"], answer["hasMore"]) == ({}, {}, True)
        state = answer["state"]
    assert (status, "LangSmith's answer does not have its documented form" in answer["errorMessage"]) == (502, True)
    w.sim.faults.clear()
    w.fivetran.replay(state)
    w.clock.advance(hours=1)
    w.fivetran.sync()
    w.assert_complete("fivetran")


@pytest.mark.parametrize("body", ['{"name":"asked"}', "{}", '{"id":{}}', '{"id":""}', '{"id":"\\ufffe","name":"asked"}'])
def test_a_parent_whose_record_cannot_be_read_is_there(
    world: Callable[..., World], body: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A look-up that gets a record without an id lands nothing and deletes nothing. The project stays known.

    The log says so, and says of no such record that it is delivered.
    """
    w = world()
    asked = w.workspace.add_project("asked")
    state = looking_up(w, asked)
    w.sim.faults.add(Fault(kind="session", status=200, body=body, times=None))
    status, answer = fivetran(w, state)
    assert (status, answer["hasMore"], answer["delete"]) == (200, False, {})
    assert answer["insert"].get("langsmith_project", []) == []
    assert asked in known(answer["state"])
    assert ("is skipped" in caplog.text, "its row is delivered" in caplog.text) == (True, False)


def test_a_parent_that_failed_is_found_at_the_end(world: Callable[..., World]) -> None:
    """A look-up that fails is put aside. The end of the look tries it again, and the project is known again."""
    w = world()
    asked = w.workspace.add_project("asked")
    state = looking_up(w, asked)
    w.workspace.add_dataset("d")
    w.sim.faults.add(Fault(kind="session", status=500, times=None))
    status, answer = fivetran(w, state)
    assert (status, answer["state"]["later"]) == (200, [{"work": look_up(asked), "reason": "failed"}])
    w.sim.faults.clear()
    status, answer = fivetran(w, answer["state"])
    assert (status, answer["hasMore"], answer["delete"]) == (200, False, {})
    assert asked in known(answer["state"])


@pytest.mark.parametrize("mode", MODES)
def test_runs_that_were_not_asked_for_are_passed_over(
    world: Callable[..., World], mode: Mode, caplog: pytest.LogCaptureFixture
) -> None:
    """A query by id brings its run and a stranger. The run lands with its end, the stranger does not, and the log says so."""
    w = world(mode)
    project = w.workspace.add_project("p")
    run = w.workspace.add_run(project, start_time=w.clock.now() - timedelta(days=2), end_time=None)
    w.fivetran.sync()
    w.clock.advance(hours=2)
    stranger = json.dumps({"id": "0c0ffee0-0000-4000-8000-000000000001", "session_id": project, "project_id": project})
    ended = json.dumps(
        {
            "id": run,
            "session_id": project,
            "project_id": project,
            "end_time": "2026-06-01T00:30:00",
            "start_time": "2026-05-30T00:00:00",
        }
    )
    word = "runs" if mode == "clickhouse" else "items"
    by_id = Fault(kind="runs", when=lambda one: bool(one.body.get("id") or one.body.get("ids")), status=200, times=None)
    by_id.body = f'{{"{word}":[{stranger},{ended}]}}'
    w.sim.faults.add(by_id)
    w.fivetran.sync()
    rows = w.in_fivetran("langsmith_run")
    assert (by_id.struck > 0, set(rows), rows[run]["end_time"]) == (True, {run}, "2026-06-01T00:30:00.000000Z")
    assert "langsmith_run: LangSmith sent a record that was not asked for, and it is skipped" in caplog.text


@pytest.mark.parametrize("face", ["fivetran", "duckdb"])
def test_examples_that_were_not_asked_for_delete_none(world: Callable[..., World], face: str) -> None:
    """Examples asked for by id stay where LangSmith answers with others. The others do not land."""
    w = world()
    dataset = w.workspace.add_dataset("d")
    kept = [w.workspace.add_example(dataset, {"n": number}) for number in range(3)]
    assert statuses(calls(w, face)) == {200}
    w.clock.advance(hours=1)
    w.workspace.add_example(dataset, {"n": 4})
    w.sim.faults.add(Fault(kind="diff", status=400, times=None))
    stranger = {"id": "0c0ffee0-0000-4000-8000-000000000001", "dataset_id": dataset}
    w.sim.faults.add(
        Fault(kind="examples", when=lambda one: "id" in dict(one.query), status=200, body=json.dumps([stranger]), times=None)
    )
    calls(w, face)
    rows = w.in_fivetran("langsmith_example") if face == "fivetran" else w.in_duckdb("langsmith_example")
    assert set(kept) <= set(rows)
    assert stranger["id"] not in rows


def test_a_name_is_not_the_project_that_comes_for_it(world: Callable[..., World]) -> None:
    """A name for which another project comes is refused in PROJECTS. In PROJECTS_EXCLUDE it excludes nothing."""
    w = world()
    w.workspace.add_run(w.workspace.add_project("other"))
    other = json.dumps([{"id": next(iter(w.workspace.projects)), "name": "other"}])
    w.sim.faults.add(Fault(kind="sessions", when=lambda one: "name" in dict(one.query), status=200, body=other, times=None))
    status, answer = fivetran(w, {}, PROJECTS="mine")
    assert (status, answer["errorMessage"].split(";")[0]) == (400, "PROJECTS: no project is named 'mine'")
    w.configure(PROJECTS_EXCLUDE="mine")
    w.fivetran.sync()
    assert len(w.in_fivetran("langsmith_run")) == 1


BAD_IDS = ["../x", "x" * 1_000_000, "5F0C4DFE-93C1-4C5E-8D5E-0B6A3B2F9A10", "", 5]


@pytest.mark.parametrize("ident", BAD_IDS, ids=lambda one: str(one)[:8])
@pytest.mark.parametrize("kind", ["sessions", "datasets", "runs", "feedback", "examples"])
def test_an_id_that_is_none_gets_into_no_path_and_no_state(world: Callable[..., World], kind: str, ident: Any) -> None:
    """A record whose id is no UUID enters no state. All other records are delivered."""
    w = world()
    dataset = w.workspace.add_dataset("d")
    w.workspace.add_example(dataset, {"n": 1})
    run = w.workspace.add_run(w.workspace.add_project("p"))
    w.workspace.add_feedback(run, "helpful", score=1)
    record = {"id": ident, "name": "n", "start_time": "2026-05-31T00:00:00", "created_at": "2026-05-31T00:00:00"}
    body = json.dumps({"runs": [record]} if kind == "runs" else [record])
    fault = w.sim.faults.add(
        Fault(kind=kind, when=lambda one: dict(one.query).get("include_stats") != "false", status=200, body=body, times=None)
    )
    made = [called(w, "fivetran") for _ in range(6)]
    assert fault.struck > 0
    assert statuses(made) <= {200, 502}
    assert str(ident)[:50] not in json.dumps(w.fivetran.states) or ident in ("", 5)
    assert len(json.dumps(w.fivetran.states[-1])) < 20_000
    w.sim.faults.clear()
    w.clock.advance(hours=1)
    w.fivetran.sync()
    for table, truth in w.truth().items():
        assert truth.keys() <= w.in_fivetran(table).keys(), table


@pytest.mark.parametrize("field", ["project_id", "run_id"])
def test_feedback_of_no_run_touches_none(world: Callable[..., World], field: str) -> None:
    """Feedback lands even where its run or project has an odd id. That id enters no state."""
    w = world()
    run = w.workspace.add_run(w.workspace.add_project("p"))
    w.fivetran.sync()
    w.clock.advance(hours=1)
    ids = {"run_id": run, "session_id": w.workspace.runs[run].project_id}
    ids["session_id" if field == "project_id" else field] = "../" + "x" * 10_000
    record = {"id": "0c0ffee0-0000-4000-8000-000000000001", "key": "k", "score": 1, "created_at": "2026-06-01T00:30:00", **ids}
    w.sim.faults.add(Fault(kind="feedback", status=200, body=json.dumps([record]), times=None))
    w.fivetran.sync()
    assert set(w.in_fivetran("langsmith_feedback")) == {record["id"]}
    assert len(json.dumps(w.fivetran.states)) < 20_000


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00", "9999-12-31T23:59:59.999999"])
@pytest.mark.parametrize("mode", MODES)
def test_a_time_beyond_reckoning_is_a_row_and_no_fault(world: Callable[..., World], mode: Mode, at: str) -> None:
    """Times of the year 1 or 9999 move no window: the next sync delivers all other runs and examples."""
    w = world(mode)
    project = w.workspace.add_project("p")
    run = {"id": "0c0ffee0-0000-4000-8000-000000000001", "session_id": project, "project_id": project, "start_time": at}
    word, more = ("runs", {"cursors": {"next": "c"}}) if mode == "clickhouse" else ("items", {"next_cursor": "c"})
    w.workspace.add_run(project)
    w.sim.faults.add(Fault(kind="runs", status=200, body=json.dumps({word: [run], **more}), times=2))
    w.sim.faults.add(Fault(kind="versions", status=200, body=json.dumps([{"as_of": at}]), times=2))
    w.workspace.add_example(w.workspace.add_dataset("d"), {"n": 1})
    assert statuses([called(w, "fivetran") for _ in range(4)]) <= {200, 502}
    w.clock.advance(hours=1)
    w.fivetran.sync()
    assert set(w.workspace.runs) <= set(w.in_fivetran("langsmith_run"))
    assert set(w.workspace.truth()["langsmith_example"]) == set(w.in_fivetran("langsmith_example"))


def test_a_start_in_the_future_is_refused(world: Callable[..., World]) -> None:
    """A START_TIME in the future is refused before any request."""
    w = world()
    w.configure(START_TIME="2099-01-01")
    status, answer = fivetran(w, {})
    assert (status, answer["errorMessage"]) == (
        400,
        "START_TIME: it lies in the future, so nothing would be read; write an earlier time",
    )
    assert w.sim.requests == []
