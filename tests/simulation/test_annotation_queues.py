"""Annotation queues and their items: what a look reads of them, what it costs, and what stands in the tables in the end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Literal

import pytest

from fivetran_model import CallFailed
from product import World
from simulator import Fault, queues
from simulator.messages import Request
from simulator.resources import annotation_queue_items, annotation_queues

Worlds = Callable[..., World]
QUEUE, ITEM = "langsmith_annotation_queue", "langsmith_annotation_queue_item"
KINDS = {"annotation_queues", "annotation_queue", "annotation_queue_items"}
FACES = ("fivetran", "duckdb")
every_face = pytest.mark.parametrize("face", FACES)


def synced(w: World, face: str, hours: float = 0) -> list[str]:
    """Sync once, so many hours later. Return the kinds of the requests for queues, in order."""
    w.clock.advance(hours=hours)
    begin = len(w.sim.requests)
    w.fivetran.sync() if face == "fivetran" else w.sync_locally()
    return [request.kind for request in w.sim.requests[begin:] if request.kind in KINDS]


def items(w: World, face: str) -> dict[str, str]:
    """Return the status of each item in the destination."""
    rows = w.in_fivetran(ITEM) if face == "fivetran" else w.in_duckdb(ITEM)
    return {key: row["status"] for key, row in rows.items()}


def filled(w: World, count: int = 3, each: int = 4) -> list[str]:
    """Make queues, each with so many items of one run each. Return their ids, oldest first."""
    project = w.workspace.add_project("p")
    runs = [w.workspace.add_run(project) for _ in range(each)]
    made = []
    for number in range(count):
        made.append(queues.add_queue(w.workspace, f"queue {number}", reviews=1))
        for run in runs:
            queues.add_item(w.workspace, made[-1], run)
        w.clock.advance(seconds=1)
    return made


def of(w: World, queue: str) -> list[str]:
    """Return the items of a queue, oldest first."""
    return list(queues.queues(w.workspace)[queue].items)


def once(act: Callable[[], object], **fields: str) -> Callable[[Request], bool]:
    """Return a filter of requests that matches none, and acts at the first whose query has these fields."""
    waiting: Iterator[Callable[[], object]] = iter((act,))

    def matches(request: Request) -> bool:
        if fields.items() <= dict(request.query).items():
            next(waiting, bool)()
        return False

    return matches


@every_face
def test_queues_that_change_for_days(world: Worlds, face: str) -> None:
    """Queues and items are made, reviewed, taken back, removed and deleted for a week. After the daily pass all is as it is."""
    w = world()
    filled(w)
    rng = Random(5)  # noqa: S311 - a plan of changes, and no secret
    acts = [one.act for resource in (annotation_queues, annotation_queue_items) for one in resource.RESOURCE.actions.values()]
    w.configure(PAGE_SIZE="3")
    for _ in range(7 * 4):
        for act in rng.choices(acts, weights=(1, 1, 1, 8, 8, 3), k=4):
            act(w.workspace, rng)
        synced(w, face, hours=6)
    synced(w, face, hours=25)
    assert w.truth()[ITEM]
    w.assert_complete(face)


@every_face
def test_an_idle_look_asks_for_the_list_alone(world: Worlds, face: str) -> None:
    """Where no counter has moved, a look asks once per hundred queues, and for no queue. The daily pass reads every section."""
    w = world()
    filled(w)
    assert synced(w, face) == ["annotation_queues", *["annotation_queue_items"] * 9]
    assert synced(w, face, hours=1) == ["annotation_queues"]
    for number in range(120):
        queues.add_queue(w.workspace, f"empty {number}")
    synced(w, face, hours=1)
    assert synced(w, face, hours=1) == ["annotation_queues"] * 2
    assert len(synced(w, face, hours=25)) == 2 + 3 * 123


@every_face
def test_a_queue_whose_counter_has_moved_is_read(world: Worlds, face: str) -> None:
    """One item is added to one queue: its three sections are asked for, and nothing of the others."""
    w = world()
    _, queue, _ = filled(w)
    synced(w, face)
    queues.add_item(w.workspace, queue, next(iter(w.workspace.runs)))
    assert synced(w, face, hours=1) == ["annotation_queues", *["annotation_queue_items"] * 3]
    w.assert_complete(face)


@every_face
def test_a_review_is_seen_by_the_daily_pass(world: Worlds, face: str) -> None:
    """A review moves an item to another section and no counter: the hourly look cannot see it, the daily pass does."""
    w = world()
    queue, *_ = filled(w)
    synced(w, face)
    item = queues.review(w.workspace, queue, of(w, queue)[0], queues.ME)
    synced(w, face, hours=1)
    assert items(w, face)[item] == "needs_my_review"
    synced(w, face, hours=25)
    assert items(w, face)[item] == "archived"
    w.assert_complete(face)


@every_face
def test_an_item_that_left_its_queue_is_deleted(world: Worlds, face: str) -> None:
    """The queue is read twice before the row goes: one reading may have missed an item that moved."""
    w = world()
    queue, *_ = filled(w)
    synced(w, face)
    item = queues.remove_item(w.workspace, queue, of(w, queue)[0])
    assert synced(w, face, hours=1) == ["annotation_queues", *["annotation_queue_items"] * 6]
    assert item not in items(w, face)
    w.assert_complete(face)


@every_face
def test_a_deleted_queue_takes_its_items_with_it(world: Worlds, face: str) -> None:
    """A queue that its list lacks is asked for by its path. A 404 deletes its row and its items' rows, on Fivetran too."""
    w = world()
    queue, *_ = filled(w)
    synced(w, face)
    queues.delete_queue(w.workspace, queue)
    assert synced(w, face, hours=1) == ["annotation_queues", "annotation_queue"]
    assert len(items(w, face)) == 8
    w.assert_complete(face)


@every_face
def test_an_item_that_moves_while_its_queue_is_read_stays(world: Worlds, face: str) -> None:
    """An archived item is taken back while the archive is asked for: no section has shown it. The second reading does."""
    w = world()
    queue, *_ = filled(w, count=1)
    item = queues.review(w.workspace, queue, of(w, queue)[0], queues.ME)
    synced(w, face)
    queues.add_item(w.workspace, queue, next(iter(w.workspace.runs)))
    w.sim.faults.add(Fault(when=once(lambda: queues.review(w.workspace, queue, item, queues.ME), status="archived")))
    assert synced(w, face, hours=1) == ["annotation_queues", *["annotation_queue_items"] * 6]
    assert items(w, face)[item] == "needs_my_review"
    w.assert_complete(face)


@every_face
@pytest.mark.parametrize("cursor", ["expire", "repeat"])
def test_cursors_that_fail_once(world: Worlds, face: str, cursor: Literal["expire", "repeat"]) -> None:
    """A cursor that dies, or brings the first page again, costs a page or two, and no item."""
    w = world()
    filled(w, each=12)
    w.configure(PAGE_SIZE="5")
    w.sim.faults.add(Fault(kind="annotation_queue_items", cursor=cursor, times=2))
    synced(w, face)
    synced(w, face, hours=1)
    w.assert_complete(face)


@every_face
@pytest.mark.parametrize("cursor", ["expire", "repeat"])
def test_cursors_that_always_fail_delete_nothing(world: Worlds, face: str, cursor: Literal["expire", "repeat"]) -> None:
    """A sync ends although no second page can be had. What was delivered before stays, and all is whole once cursors work."""
    w = world()
    filled(w, each=12)
    w.configure(PAGE_SIZE="5")
    synced(w, face)
    before = items(w, face)
    w.sim.faults.add(Fault(kind="annotation_queue_items", cursor=cursor, times=None))
    w.clock.advance(hours=25)
    for _ in range(30):
        w.pass_locally() if face == "duckdb" else _tried(w)
    assert items(w, face) == before
    w.sim.faults.clear()
    synced(w, face, hours=25)
    w.assert_complete(face)


def _tried(w: World) -> None:
    """Make one call of Fivetran, whether or not it fails."""
    try:
        w.fivetran.step()
    except CallFailed:
        return


@every_face
@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize(
    ("kind", "left_out"), [("annotation_queues", [QUEUE, ITEM]), ("annotation_queue_items", [ITEM])], ids=["queues", "items"]
)
def test_an_endpoint_that_is_refused_leaves_its_stream_out(
    world: Worlds, face: str, kind: str, left_out: list[str], status: int
) -> None:
    """The rest is read, no row is deleted, and the next daily pass reads what was left out. Without queues there are no items."""
    w = world()
    queue, *_ = filled(w)
    synced(w, face)
    before = items(w, face)
    refused = w.sim.faults.add(Fault(kind=kind, status=status, body={"detail": "no"}, times=None))
    queues.add_item(w.workspace, queue, next(iter(w.workspace.runs)))
    w.workspace.add_dataset("made later")
    synced(w, face, hours=25)
    assert items(w, face) == before
    assert _state(w, face)["not_offered"] == left_out
    assert refused.struck <= 2  # the second was under way
    refused.struck = 0
    synced(w, face, hours=1)
    assert refused.struck == 0
    w.sim.faults.clear()
    synced(w, face, hours=25)
    w.assert_complete(face)


@every_face
@pytest.mark.parametrize("kind", ["annotation_queues", "annotation_queue_items"])
def test_an_older_server_that_does_not_know_the_page(world: Worlds, face: str, kind: str) -> None:
    """Its 404 may be plain text, as of a proxy. While LangSmith answers the rest, it is the endpoint that is missing."""
    w = world()
    filled(w)
    gone = Fault(kind=kind, status=404, body="404 page not found", content_type="text/plain", times=None)
    w.sim.faults.add(gone)
    synced(w, face)
    assert _state(w, face)["not_offered"] == ([QUEUE, ITEM] if kind == "annotation_queues" else [ITEM])
    struck = gone.struck
    synced(w, face, hours=1)
    assert gone.struck == struck
    w.sim.faults.clear()
    synced(w, face, hours=25)
    w.assert_complete(face)


def _state(w: World, face: str) -> dict[str, object]:
    """Return the state that a face keeps."""
    state = w.fivetran.state if face == "fivetran" else w.request("GET", "/sync?state=1").get_json()["state"]
    return json.loads(state) if isinstance(state, str) else state or {}


@every_face
def test_a_queue_that_is_deleted_meanwhile_is_no_missing_endpoint(world: Worlds, face: str) -> None:
    """Its items are a 404, and so is the queue itself: it alone is passed over. The next look deletes it."""
    w = world()
    filled(w)
    newest = list(queues.queues(w.workspace))[-1]
    w.sim.faults.add(Fault(kind="annotation_queue_items", when=once(lambda: queues.delete_queue(w.workspace, newest))))
    asked = synced(w, face)
    assert asked == ["annotation_queues", "annotation_queue_items", "annotation_queue", *["annotation_queue_items"] * 6]
    assert "not_offered" not in _state(w, face)
    synced(w, face, hours=1)
    w.assert_complete(face)


@every_face
def test_a_queue_that_the_key_may_not_read_is_passed_over(world: Worlds, face: str, caplog: pytest.LogCaptureFixture) -> None:
    """Where the queue's own path is refused as well, the others are read, and the log says so."""
    w = world()
    queue, *_ = filled(w)
    forbidden = w.sim.faults.add(Fault(when=lambda request: queue in request.path, status=403, body={"detail": "no"}, times=None))
    synced(w, face)
    assert (len(items(w, face)), forbidden.struck) == (8, 2)
    assert "not_offered" not in _state(w, face)
    assert any("the key may not read a record" in record.message for record in caplog.records)
    w.sim.faults.clear()
    synced(w, face, hours=1)
    w.assert_complete(face)


def test_a_state_of_fivetran_has_room_for_some_items(world: Worlds, caplog: pytest.LogCaptureFixture) -> None:
    """Three thousand items are delivered, and the state knows as many as it has room for. The log says what is not seen."""
    w = world()
    filled(w, count=1, each=3_000)
    synced(w, "fivetran")
    w.assert_complete("fivetran")
    assert max(len(json.dumps(state)) for state in w.fivetran.states) <= 64_000
    assert any("too many items for the state" in record.message for record in caplog.records)
    assert len(synced(w, "fivetran", hours=1)) == 1


def test_the_switch_turns_queues_and_items_off(world: Worlds) -> None:
    """One switch is for both: no rows and no requests. On again, both are whole."""
    w = world()
    filled(w)
    w.configure(SYNC_ANNOTATION_QUEUES="false")
    assert synced(w, "duckdb") == []
    assert (w.in_duckdb(QUEUE), w.in_duckdb(ITEM)) == ({}, {})
    w.configure(SYNC_ANNOTATION_QUEUES="true")
    synced(w, "duckdb", hours=1)
    w.assert_complete("duckdb")


def test_people_can_be_hidden(world: Worlds) -> None:
    """Whoever reviews, or is to review, is left out of its column and of `raw`, or is hashed."""
    w = world()
    w.sim.corpus(projects=2, runs=50, days=5)
    people = [f"{ITEM}.completed_by", f"{ITEM}.reserved_by", f"{ITEM}.assigned_to", f"{QUEUE}.assigned_reviewers"]
    w.configure(EXCLUDE_COLUMNS=",".join(people))
    w.sync_locally()
    rows = [*w.in_duckdb(ITEM).values(), *w.in_duckdb(QUEUE).values()]
    assert len(rows) > 10
    text = json.dumps(rows, default=str)
    assert [one for one in (*queues.REVIEWERS, "Reviewer", "@example.com") if one in text] == []


@every_face
def test_items_of_an_excluded_project_stay_in_langsmith(world: Worlds, face: str) -> None:
    """PROJECTS_EXCLUDE hides an item whose run belongs to the project, and one that names no project. Queues are everybody's."""
    w = world()
    queue, *_ = filled(w, count=1)
    hidden = w.workspace.add_project("secret")
    queues.add_item(w.workspace, queue, w.workspace.add_run(hidden))
    shown = queues.add_item(w.workspace, queue, w.workspace.add_run(w.workspace.add_project("open")))
    w.configure(PROJECTS_EXCLUDE="secret")
    synced(w, face)
    assert (len(items(w, face)), shown in items(w, face)) == (5, True)
    rows = w.in_fivetran(ITEM) if face == "fivetran" else w.in_duckdb(ITEM)
    assert hidden not in json.dumps(rows, default=str)
    assert len(synced(w, face, hours=1)) == 1
