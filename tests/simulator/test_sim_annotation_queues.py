"""Annotation queues and their items on the simulator, over HTTP and in its truth."""

from __future__ import annotations

from typing import Any

from simulator import Simulator, queues
from simulator.client import Api, make

LIST = "/annotation-queues"


def workspace(count: int = 1, each: int = 0) -> tuple[Simulator, Api, list[str]]:
    """A workspace with so many queues, a minute between them, and so many items in each."""
    sim, api = make()
    run, made = sim.workspace.add_run(sim.workspace.add_project("p")), []
    for number in range(count):
        made.append(queues.add_queue(sim.workspace, f"queue {number}"))
        for _ in range(each):
            queues.add_item(sim.workspace, made[-1], run)
            sim.clock.advance(seconds=1)
        sim.clock.advance(minutes=1)
    return sim, api, made


def items(api: Api, queue: str, **query: str | int) -> Any:
    """One page of a queue's items."""
    return api.get(f"/platform/annotation-queues/{queue}/items", **query).json()


def test_pages_and_filters() -> None:
    """A page has a hundred queues at most, newest first. Ids, a name and a part of one filter."""
    _, api, made = workspace(130)
    assert (len(api.get(LIST).json()), len(api.get(LIST, offset=100).json())) == (100, 30)
    assert api.get(LIST, limit=101).status_code == 422
    assert [one["name"] for one in api.get(LIST, limit=2).json()] == ["queue 129", "queue 128"]
    assert [one["name"] for one in api.get(LIST, limit=1, sort_by_desc="false").json()] == ["queue 0"]
    assert [one["id"] for one in api.get(LIST, ids=made[3:5]).json()] == [made[4], made[3]]
    assert [one["name"] for one in api.get(LIST, name="queue 7").json()] == ["queue 7"]
    assert len(api.get(LIST, name_contains="12").json()) == 12


def test_the_list_alone_has_the_number_of_items() -> None:
    """A queue's own path has its rubric instead. One that is not there is a 404."""
    _, api, (queue,) = workspace(each=3)
    (listed,), alone = api.get(LIST).json(), api.get(f"{LIST}/{queue}").json()
    assert {**listed, "rubric_items": [], "rubric_instructions": None} == {**alone, "total_runs": 3}
    assert api.get(f"{LIST}/00000000-0000-4000-8000-000000000000").status_code == 404


def test_items_are_asked_for_by_section() -> None:
    """The section is required. Without a page size twenty items come, newest first; a cursor leads on to the rest."""
    sim, api, (queue,) = workspace(each=30)
    path = f"/platform/annotation-queues/{queue}/items"
    assert api.get(path).status_code == 422
    assert api.get(path, status="completed").status_code == 422
    assert api.get(path, status="archived", page_size=101).status_code == 422
    first = items(api, queue, status="needs_my_review")
    second = items(api, queue, status="needs_my_review", cursor=first["next_cursor"])
    made = list(queues.queues(sim.workspace)[queue].items)
    assert [one["id"] for one in (*first["items"], *second["items"])] == made[::-1]
    assert (len(first["items"]), "next_cursor" in second) == (20, False)
    assert items(api, queue, status="archived") == {"items": []}
    assert api.get(path, status="archived", cursor=first["next_cursor"]).status_code == 400
    assert api.get(path, status="archived", direction="backward").status_code == 501


def test_an_item_is_as_the_sdk_knows_it() -> None:
    """What is empty is left out, but the time of the last review is always there."""
    sim, api, (queue,) = workspace(each=1)
    (item,) = queues.queues(sim.workspace)[queue].items.values()
    assert items(api, queue, status="needs_my_review")["items"] == [
        {
            "id": item.id,
            "queue_id": queue,
            "item_type": "RUN",
            "run_id": item.run_id,
            "project_id": item.project_id,
            "added_at": "2026-06-01T00:00:00.000000Z",
            "effective_added_at": "2026-06-01T00:00:00.000000Z",
            "start_time": "2026-06-01T00:00:00.000000Z",
            "agreement_state": "none",
            "has_unresolved_keys": False,
            "last_reviewed_time": None,
        }
    ]


def test_reviews_move_items_and_no_counter() -> None:
    """An item needs others' review once the key's user has completed it, and is archived after the last. It can be taken back."""
    sim, api, (queue,) = workspace(each=1)
    before, (item,) = api.get(LIST).json(), queues.queues(sim.workspace)[queue].items
    found = []
    for user in (queues.ME, queues.REVIEWERS[1], queues.ME):
        queues.review(sim.workspace, queue, item, user)
        found.append([status for status in queues.SECTIONS if items(api, queue, status=status)["items"]])
    assert found == [["needs_others_review"], ["archived"], ["needs_my_review"]]
    assert api.get(LIST).json() == before


def test_the_truth_follows() -> None:
    """A queue's row counts its items. What is removed has no row, and a deleted queue takes its items with it."""
    sim, _, made = workspace(2, each=2)
    work = sim.workspace
    queues.remove_item(work, made[0], next(iter(queues.queues(work)[made[0]].items)))
    assert [row["total_runs"] for row in work.truth()[queues.QUEUES].values()] == [1, 2]
    queues.delete_queue(work, made[1])
    assert [row["queue_id"] for row in work.truth()[queues.ITEMS].values()] == [made[0]]
