"""Items of annotation queues: one queue's, a section at a time. Their records stand in `simulator.queues`.

The list follows the official SDK (0.15.1, resources/annotation_queues/items.py): `status` is required, a page has 100 at most,
and a cursor leads on. The pages of a section are not frozen: an item that moves to a section that was read is shown in neither.
The order is not documented, nor what stands in a page without a `page_size`: here the newest come first, twenty of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator import queues as kept
from simulator.cursors import Cursor, query_digest, read_cursor
from simulator.messages import ApiError, Response, answer, invalid
from simulator.resource import Action, Record, Resource

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from simulator.call import Call
    from simulator.workspace import Workspace


def list_items(call: Call) -> Response:
    """GET /platform/annotation-queues/{queue_id}/items: a page of one section."""
    status = call.query.text("status")
    if status not in kept.SECTIONS:
        raise invalid("query", "status", f"is required, one of {kept.SECTIONS}", "value_error.missing")
    queue = kept.queues(call.store).get(call.ident("queue_id"))
    if queue is None:
        raise ApiError(404, "annotation queue not found")
    size = call.query.number("page_size", 20, 1, 100) * call.longer
    digest = query_digest({"queue": queue.id, "status": status}, besides=())
    found = [one for one in queue.items.values() if queue.section(one) == status]
    found.sort(key=lambda one: (one.added_at, one.id), reverse=True)
    cursor = _cursor(call, digest)
    rest = [one for one in found if cursor is None or (one.added_at, one.id) < cursor.after]
    page, turn = rest[:size], cursor.turn + 1 if cursor else 1
    body: dict[str, object] = {"items": [kept.item_record(queue, one) for one in page]}
    if len(rest) > size:
        after = Cursor(digest, call.settings.cursor_epoch, (page[-1].added_at, page[-1].id), turn)
        body["next_cursor"] = after.text(call.settings.cursor_characters)
    return answer(body)


def _cursor(call: Call, digest: str) -> Cursor | None:
    """The place of the page. A fault may ignore it, so that the first page comes again, or refuse it."""
    given = call.query.text("cursor")
    if not given or call.cursor_fault == "repeat":
        return None
    if call.cursor_fault == "expire":
        raise ApiError(400, "Cursor has expired")
    return read_cursor(given, digest, call.settings.cursor_epoch)


def rows(workspace: Workspace) -> dict[str, Record]:
    """The rows of langsmith_annotation_queue_item by key."""
    return {key: _row(queue, one) for queue in kept.queues(workspace).values() for key, one in queue.items.items()}


def _row(queue: kept.Queue, one: kept.Item) -> Record:
    return {
        "item_id": one.id,
        "queue_id": queue.id,
        "item_type": "run" if one.run_id else "thread",
        "run_id": one.run_id,
        "thread_id": one.thread_id,
        "project_id": one.project_id,
        "status": queue.section(one),
        "added_at": one.added_at,
        "effective_added_at": one.added_at,
        "last_reviewed_time": one.reviewed_at,
        "start_time": one.start_time,
        "completed_by": one.completed_by,
        "reserved_by": None,
        "assigned_to": one.assigned_to,
        "agreement_state": kept.agreement(queue, one),
        "has_unresolved_keys": False,
        "key_agreements": None,
        "source_proposed_example_id": None,
    }


def seed(workspace: Workspace, rng: Random, oldest: datetime) -> None:
    """Queues are seeded with their items."""


def is_added(workspace: Workspace, rng: Random) -> object:
    """A run, or its thread, is put into a queue; the first makes one."""
    runs, found = sorted(workspace.runs), sorted(kept.queues(workspace))
    if not runs:
        return None
    queue = rng.choice(found) if found else kept.add_queue(workspace, "first queue")
    return kept.add_item(workspace, queue, rng.choice(runs), is_thread=rng.random() < 0.2)


def is_reviewed(workspace: Workspace, rng: Random) -> object:
    """A user completes an item, or takes that back."""
    found = _any(workspace, rng)
    return found and kept.review(workspace, found.queue_id, found.id, rng.choice(kept.REVIEWERS))


def is_removed(workspace: Workspace, rng: Random) -> object:
    """An item leaves its queue."""
    found = _any(workspace, rng)
    return found and kept.remove_item(workspace, found.queue_id, found.id)


def _any(workspace: Workspace, rng: Random) -> kept.Item | None:
    items = [one for _, queue in sorted(kept.queues(workspace).items()) for one in queue.items.values()]
    return rng.choice(items) if items else None


RESOURCE = Resource(
    table=kept.ITEMS,
    operations=(("GET", "/platform/annotation-queues/{queue_id}/items", "annotation_queue_items", list_items),),
    rows=rows,
    seed=seed,
    actions={
        "annotation_queue_item_is_added": Action(3, is_added),
        "annotation_queue_item_is_reviewed": Action(3, is_reviewed),
        "annotation_queue_item_is_removed": Action(0.7, is_removed),
    },
    unimplemented={
        "GET /platform/annotation-queues/{queue_id}/items": (
            "agreement",
            "direction",
            "has_unresolved_keys",
            "item_type",
            "max_start_time",
            "min_start_time",
        )
    },
)
