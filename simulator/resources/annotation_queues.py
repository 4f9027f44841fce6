"""Annotation queues: the list, and one queue by its own path. Their records stand in `simulator.queues`.

Both follow the OpenAPI document of August 2026. Only the list has `total_runs`, and only a queue's own path has its rubric. The
order of the list is not documented: here the newest queue comes first, so that a new one shifts the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator import queues as kept
from simulator.messages import ApiError, Response, answer
from simulator.resource import Action, Record, Resource

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from simulator.call import Call
    from simulator.workspace import Workspace

NAMES = ("refunds to check", "tone of voice", "wrong answers")


def list_queues(call: Call) -> Response:
    """GET /annotation-queues: a page."""
    query, found = call.query, list(kept.queues(call.store).values())
    ids, name, part = query.ids("ids"), query.text("name"), query.text("name_contains") or ""
    dataset, kind = query.text("dataset_id"), query.text("queue_type")
    chosen = [
        one
        for one in found
        if (not ids or one.id in ids)
        and name in (None, one.name)
        and part in one.name
        and dataset in (None, one.dataset_id)
        and kind in (None, one.kind)
    ]
    chosen.sort(key=lambda one: (one.created_at, one.id), reverse=query.flag("sort_by_desc") is not False)
    offset, limit = call.page()
    page = chosen[offset : offset + limit]
    return answer([{**kept.queue_record(one, call.tenant_id), "total_runs": len(one.items)} for one in page])


def read_queue(call: Call) -> Response:
    """GET /annotation-queues/{queue_id}: with its rubric, and without the number of its items."""
    found = kept.queues(call.store).get(call.ident("queue_id"))
    if found is None:
        raise ApiError(404, "Annotation queue not found")
    return answer({**kept.queue_record(found, call.tenant_id), "rubric_items": [], "rubric_instructions": None})


def rows(workspace: Workspace) -> dict[str, Record]:
    """The rows of langsmith_annotation_queue by key."""
    return {key: _row(one) for key, one in kept.queues(workspace).items()}


def _row(one: kept.Queue) -> Record:
    return {
        "queue_id": one.id,
        "name": one.name,
        "description": one.description,
        "queue_type": one.kind,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
        "default_dataset_id": one.dataset_id,
        "num_reviewers_per_item": one.reviews,
        "enable_reservations": True,
        "reservation_minutes": 1,
        "reviewer_access_mode": "assigned" if one.reviewers else "any",
        "assigned_reviewers": kept.reviewers(one),
        "metadata": one.metadata,
        "total_runs": len(one.items),
    }


def seed(workspace: Workspace, rng: Random, oldest: datetime) -> None:
    """Three queues with items of every section, made at moments since `oldest`."""
    now, runs = workspace.clock.now(), sorted(workspace.runs)
    for number, name in enumerate(NAMES if runs else ()):
        reviewers = list(kept.REVIEWERS) if number else []
        queue = kept.add_queue(workspace, name, reviews=number + 1, reviewers=reviewers, metadata={"team": "blue"})
        made = kept.queues(workspace)[queue]
        made.created_at = made.updated_at = oldest + (now - oldest) * rng.random() / 2
        for run in rng.sample(runs, min(len(runs), 7)):
            item = made.items[kept.add_item(workspace, queue, run, is_thread=rng.random() < 0.2)]
            item.added_at = made.created_at + (now - made.created_at) * rng.random()
            item.assigned_to = rng.sample(kept.REVIEWERS, rng.randint(0, 1))
            for user in rng.sample(kept.REVIEWERS, rng.randint(0, 3)):
                kept.review(workspace, queue, item.id, user)


def is_made(workspace: Workspace, rng: Random) -> object:
    """A queue is made, with a few runs."""
    runs = sorted(workspace.runs)
    queue = kept.add_queue(workspace, f"queue {rng.randint(1, 99)}", reviews=rng.randint(1, 2))
    for run in rng.sample(runs, min(len(runs), 3)):
        kept.add_item(workspace, queue, run)
    return queue


def is_edited(workspace: Workspace, rng: Random) -> object:
    """A queue is described anew, if there is one."""
    found = sorted(kept.queues(workspace))
    return found and kept.edit_queue(workspace, rng.choice(found), f"described at {workspace.clock.now()}")


def is_deleted(workspace: Workspace, rng: Random) -> object:
    """A queue goes with its items, if there is one."""
    found = sorted(kept.queues(workspace))
    return found and kept.delete_queue(workspace, rng.choice(found))


RESOURCE = Resource(
    table=kept.QUEUES,
    operations=(
        ("GET", "/annotation-queues", "annotation_queues", list_queues),
        ("GET", "/annotation-queues/{queue_id}", "annotation_queue", read_queue),
    ),
    rows=rows,
    seed=seed,
    actions={
        "annotation_queue_is_made": Action(0.6, is_made),
        "annotation_queue_is_edited": Action(0.5, is_edited),
        "annotation_queue_is_deleted": Action(0.2, is_deleted),
    },
    unimplemented={"GET /annotation-queues": ("tag_value_id", "assigned_to_me", "sort_by")},
)
