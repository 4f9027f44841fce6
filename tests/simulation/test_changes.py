"""No row goes stale: a later sync brings every change that the source made after the first one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from product import World
from simulator import Fault
from simulator.settings import Mode

MODES: tuple[Mode, ...] = ("clickhouse", "dual", "smithdb")
FACES = ("fivetran", "duckdb")
every_mode = pytest.mark.parametrize("mode", MODES)
every_face = pytest.mark.parametrize("face", FACES)


def synced(w: World, face: str) -> None:
    """Sync to the end through a face."""
    w.fivetran.sync() if face == "fivetran" else w.sync_locally()


@every_face
@every_mode
def test_none_of_100_runs_that_finish_late_is_missed(world: Callable[..., World], mode: Mode, face: str) -> None:
    """Runs that finish up to 13 days after they were synced get their end, outputs, tokens and cost."""
    w = world(mode)
    project = w.workspace.add_project("slow")
    runs = [w.workspace.add_run(project, status="pending", end_time=None, outputs=None) for _ in range(100)]
    synced(w, face)
    for day, start in enumerate(range(0, 100, 10), start=1):
        w.clock.advance(days=1.3)
        for run in runs[start : start + 10]:
            w.workspace.finish_run(run, outputs={"day": day}, total_tokens=day, total_cost=day / 100)
        synced(w, face)
        w.assert_complete(face)


@every_mode
def test_an_eternal_pending_costs_nothing_after_14_days(world: Callable[..., World], mode: Mode) -> None:
    """A sync asks for a run that never ends until the run is 14 days old, and no longer."""
    w = world(mode)
    project = w.workspace.add_project("lost")
    w.workspace.add_run(project, status="pending", end_time=None)
    w.fivetran.sync()
    counts = []
    for _ in range(9):
        w.clock.advance(days=2)
        w.fivetran.sync()
        w.sim.requests.clear()
        w.clock.advance(minutes=30)
        w.fivetran.sync()
        counts.append(w.requests("runs"))
    assert counts == [1, 1, 1, 1, 1, 1, 1, 0, 0]


@every_mode
def test_more_unfinished_runs_than_the_ledger_holds_are_found(world: Callable[..., World], mode: Mode) -> None:
    """Each of 500 pending runs is found when it ends, though the ledger holds 300."""
    w = world(mode)
    project = w.workspace.add_project("flood")
    runs = [w.workspace.add_run(project, status="pending", end_time=None) for _ in range(500)]
    w.fivetran.sync()
    for start in range(0, 500, 125):
        w.clock.advance(days=2)
        for run in runs[start : start + 125]:
            w.workspace.finish_run(run, outputs={"done": True})
        w.fivetran.sync()
        w.assert_complete("fivetran")


@every_face
@every_mode
def test_feedback_days_later_updates_its_run(world: Callable[..., World], mode: Mode, face: str) -> None:
    """Feedback on runs of ten days ago arrives, and so do the new statistics of these runs."""
    w = world(mode)
    project = w.workspace.add_project("judged")
    runs = [w.workspace.add_run(project) for _ in range(120)]
    synced(w, face)
    w.clock.advance(days=10)
    synced(w, face)
    w.clock.advance(hours=1)
    for run in runs[:70]:
        w.workspace.add_feedback(run, "helpful", score=1.0)
    w.clock.advance(minutes=20)
    synced(w, face)
    w.assert_complete(face)


@every_mode
def test_edited_and_deleted_feedback_is_caught_by_the_daily_pass(world: Callable[..., World], mode: Mode) -> None:
    """An edit changes the feedback's row and its run's statistics. A delete changes only the statistics: the row stays."""
    w = world(mode)
    project = w.workspace.add_project("judged")
    run, other = w.workspace.add_run(project), w.workspace.add_run(project)
    edited, deleted = w.workspace.add_feedback(run, "good", score=0.0), w.workspace.add_feedback(other, "good", score=0.0)
    w.fivetran.sync()
    w.clock.advance(days=3)
    w.workspace.edit_feedback(edited, score=1.0, comment="on second thought")
    w.workspace.delete_feedback(deleted)
    w.clock.advance(days=1)
    w.fivetran.sync()
    kept = w.in_fivetran("langsmith_feedback").pop(deleted)
    assert kept["score"] == 0.0
    del w.fivetran.tables["langsmith_feedback"][(deleted,)]
    w.assert_complete("fivetran")


@every_face
@every_mode
def test_projects_that_appear_with_an_old_past_are_read_whole(world: Callable[..., World], mode: Mode, face: str) -> None:
    """A project that a later sync finds, with runs of months ago, arrives with all of them."""
    w = world(mode)
    w.sim.corpus(projects=2, runs=100, days=10)
    synced(w, face)
    w.clock.advance(hours=1)
    late = w.workspace.add_project("imported")
    for days in range(0, 200, 2):
        w.workspace.add_run(late, start_time=w.clock.now() - timedelta(days=days, minutes=1))
    synced(w, face)
    w.assert_complete(face)


@every_face
@every_mode
def test_deleted_projects_and_datasets_are_soft_deletes(world: Callable[..., World], mode: Mode, face: str) -> None:
    """A deleted project or dataset loses its row, and a project's runs stay. A project made again by the same name is another."""
    w = world(mode)
    w.sim.corpus(projects=4, runs=200, datasets=3, examples=5, days=10)
    synced(w, face)
    truth = w.workspace.truth()
    project, dataset = next(iter(truth["langsmith_project"])), next(iter(truth["langsmith_dataset"]))
    runs = {key for key, run in truth["langsmith_run"].items() if run["project_id"] == project}
    w.clock.advance(hours=1)
    w.workspace.delete_project(project)
    w.workspace.delete_dataset(dataset)
    again = w.workspace.add_project(truth["langsmith_project"][project]["name"])
    w.workspace.add_run(again)
    synced(w, face)
    find = w.in_fivetran if face == "fivetran" else w.in_duckdb
    now = w.workspace.truth()
    assert set(find("langsmith_project")) == set(now["langsmith_project"])
    assert set(find("langsmith_dataset")) == set(now["langsmith_dataset"])
    assert runs <= set(find("langsmith_run"))
    assert set(now["langsmith_run"]) <= set(find("langsmith_run"))
    if face == "duckdb":  # Fivetran deletes by key, and LangSmith no longer shows the keys of a deleted dataset's examples
        assert set(find("langsmith_example")) == set(now["langsmith_example"])


@every_mode
def test_a_project_deleted_while_it_is_read_does_not_stop_the_others(world: Callable[..., World], mode: Mode) -> None:
    """A project is deleted between two pages of its batch. The others are read whole, and its row is deleted."""
    w = world(mode)
    projects = [w.workspace.add_project(f"p{number}") for number in range(5)]
    for project in projects:
        for _ in range(80):
            w.workspace.add_run(project)
    w.configure(PAGE_SIZE="50", MAX_RESPONSE_MB="0.1")
    while not w.in_fivetran("langsmith_run"):
        w.fivetran.step()
    w.workspace.delete_project(projects[2])
    w.fivetran.sync()
    w.fivetran.sync()
    assert set(w.in_fivetran("langsmith_project")) == set(projects) - {projects[2]}
    assert set(w.workspace.truth()["langsmith_run"]) <= set(w.in_fivetran("langsmith_run"))


@every_mode
def test_retention_takes_nothing_from_the_destination(world: Callable[..., World], mode: Mode) -> None:
    """Runs and feedback that LangSmith has expired stay in the destination."""
    w = world(mode)
    w.sim.retention = True
    w.sim.corpus(projects=2, runs=200, days=12)
    w.fivetran.sync()
    runs, feedback = set(w.in_fivetran("langsmith_run")), set(w.in_fivetran("langsmith_feedback"))
    for _ in range(3):
        w.clock.advance(days=10)
        w.fivetran.sync()
    assert len(w.workspace.truth()["langsmith_run"]) < len(runs)
    assert (set(w.in_fivetran("langsmith_run")), set(w.in_fivetran("langsmith_feedback"))) == (runs, feedback)


@every_mode
def test_names_in_rows_are_those_of_their_reading(world: Callable[..., World], mode: Mode) -> None:
    """After a rename, runs read later have the new name. Older rows keep the old one, and join on the id."""
    w = world(mode)
    project = w.workspace.add_project("before")
    old = w.workspace.add_run(project)
    w.fivetran.sync()
    w.clock.advance(days=9)
    w.fivetran.sync()
    w.clock.advance(hours=1)
    w.workspace.rename_project(project, "after")
    new = w.workspace.add_run(project)
    w.fivetran.sync()
    rows = w.in_fivetran("langsmith_run")
    assert (rows[old]["project_name"], rows[new]["project_name"]) == ("before", "after")
    assert w.in_fivetran("langsmith_project")[project]["name"] == "after"


@pytest.mark.parametrize(("mode", "projects", "most"), [("smithdb", 2000, 45), ("dual", 300, 11), ("clickhouse", 300, 13)])
def test_idle_requests_at_2000_projects(world: Callable[..., World], mode: Mode, projects: int, most: int) -> None:
    """An idle sync of 2,000 projects with 20 active ones takes at most 45 requests on v2.

    One of 300 projects with 3 active ones takes at most 10 on a dual instance. On v1 it takes at most 12. The state stays under
    64 KB.
    """
    w = world(mode)
    made = [w.workspace.add_project(f"p{number}") for number in range(projects)]
    for project in made:
        w.workspace.add_run(project, start_time=w.clock.now() - timedelta(days=3))
    w.fivetran.sync()
    w.clock.advance(hours=25)
    w.fivetran.sync()
    for project in made[::100]:
        w.workspace.add_run(project)
    w.clock.advance(minutes=30)
    w.fivetran.sync()
    w.sim.requests.clear()
    w.clock.advance(minutes=15)
    summary = w.fivetran.sync()
    assert len(w.sim.requests) <= most
    assert summary.state_bytes_max < 64_000
    w.assert_complete("fivetran")


@every_face
@every_mode
def test_examples_follow_their_datasets_version(world: Callable[..., World], mode: Mode, face: str) -> None:
    """The next sync brings examples added and edited, and deletes removed ones. An unchanged dataset costs one request."""
    w = world(mode)
    w.sim.corpus(projects=1, runs=5, datasets=3, examples=130)
    synced(w, face)
    first, second, _ = list(w.workspace.truth()["langsmith_dataset"])
    examples = [key for key, one in w.workspace.truth()["langsmith_example"].items() if one["dataset_id"] == first]
    w.clock.advance(hours=1)
    for key in examples[:60]:
        w.workspace.edit_example(key, outputs={"edited": True})
    for key in examples[60:70]:
        w.workspace.delete_example(key)
    w.workspace.add_example(second, {"new": 1}, {"a": 2})
    w.clock.advance(minutes=1)
    w.sim.requests.clear()
    synced(w, face)
    w.assert_complete(face)
    assert (w.requests("versions"), w.requests("diff"), w.requests("examples")) == (3, 2, 3)
    w.sim.requests.clear()
    w.clock.advance(minutes=30)
    synced(w, face)
    assert (w.requests("versions"), w.requests("diff"), w.requests("examples")) == (3, 0, 0)


def test_a_difference_that_fails_leads_to_a_full_reading(world: Callable[..., World]) -> None:
    """A dataset is read whole at its newest version where LangSmith refuses the difference."""
    w = world()
    w.sim.corpus(projects=1, runs=5, datasets=1, examples=20)
    w.fivetran.sync()
    example = next(iter(w.workspace.truth()["langsmith_example"]))
    w.clock.advance(hours=1)
    w.workspace.edit_example(example, outputs={"edited": True})
    w.sim.faults.add(Fault(kind="diff", status=400, body={"detail": "no such version"}, times=None))
    w.clock.advance(minutes=1)
    w.fivetran.sync()
    w.assert_complete("fivetran")


def judged_long_ago(w: World, face: str) -> str:
    """Give feedback in an active project, and sync twenty days later by a daily pass an hour ago. Return the feedback."""
    project = w.workspace.add_project("judged")
    feedback = w.workspace.add_feedback(w.workspace.add_run(project), "good", score=0.0)
    synced(w, face)
    w.clock.advance(days=20)
    w.workspace.add_run(project)
    synced(w, face)
    w.clock.advance(hours=1)
    return feedback


@every_face
@pytest.mark.parametrize("mode", ["dual", "smithdb"])
def test_edited_feedback_is_found_by_the_next_sync_on_v2(world: Callable[..., World], mode: Mode, face: str) -> None:
    """The next sync brings edited feedback and its run's statistics on v2, however old the feedback is."""
    w = world(mode)
    feedback = judged_long_ago(w, face)
    w.workspace.edit_feedback(feedback, score=1.0, comment="on second thought")
    synced(w, face)
    w.assert_complete(face)


def test_an_idle_sync_asks_once_for_edits_in_projects_with_feedback(world: Callable[..., World]) -> None:
    """One query asks for edits in all projects with feedback. Projects without feedback are not asked."""
    w = world("smithdb")
    w.sim.corpus(projects=30, runs=60, days=3)
    feedback = judged_long_ago(w, "fivetran")
    w.sim.requests.clear()
    synced(w, "fivetran")
    asked = [request.body for request in w.sim.requests if "min_feedback_modified_at" in str(request.body)]
    judged = w.workspace.truth()["langsmith_feedback"][feedback]["project_id"]
    assert [(body["project_ids"], body["filter"]) for body in asked] == [([judged], 'eq(feedback_key, "good")')]


@pytest.mark.parametrize("status", [400, 422])
def test_where_v2_does_not_tell_of_edits_the_daily_pass_finds_them(world: Callable[..., World], status: int) -> None:
    """A v2 that refuses to be asked for edits is not asked again that day. The daily pass finds them."""
    w = world("smithdb")
    run = w.workspace.add_run(w.workspace.add_project("judged"))
    feedback = w.workspace.add_feedback(run, "good", score=0.0)
    w.fivetran.sync()
    refused = Fault(status=status, body={"detail": "no"}, when=lambda request: "min_feedback" in str(request.body), times=None)
    w.sim.faults.add(refused)
    w.clock.advance(hours=1)
    w.workspace.edit_feedback(feedback, score=1.0)
    w.fivetran.sync()
    w.sim.requests.clear()
    w.clock.advance(hours=1)
    w.fivetran.sync()
    assert not [request for request in w.sim.requests if "min_feedback" in str(request.body)]
    w.clock.advance(days=1)
    w.fivetran.sync()
    w.assert_complete("fivetran")
