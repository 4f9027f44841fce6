"""Annotation queues and their items: the records, what people do with them, and how they are written.

No request is answered here. A queue follows the OpenAPI document of August 2026 (AnnotationQueueSchemaWithSize). An item follows
the official SDK (0.15.1, types/annotation_queues/item_list_response.py). What neither says is hard for a reader here:
`total_runs` counts every item, also the archived ones, and `updated_at` moves with the queue's own settings alone. So a review
moves neither.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, uuid5

from simulator.times import aware, zulu

if TYPE_CHECKING:
    from datetime import datetime

    from simulator.store import Store

QUEUES = "langsmith_annotation_queue"
ITEMS = "langsmith_annotation_queue_item"
MINE, OTHERS, ARCHIVED = SECTIONS = ("needs_my_review", "needs_others_review", "archived")
ME = "00000000-0000-4000-8000-0000000000ee"
"""The user that the key belongs to: `needs_my_review` is what this one has not completed."""
REVIEWERS = (ME, *(f"00000000-0000-4000-8000-0000000000e{number}" for number in (1, 2)))


@dataclass(slots=True, eq=False)
class Item:
    """A run or a thread in a queue. `completed_by` are the users who have reviewed it."""

    id: str
    queue_id: str
    run_id: str | None
    thread_id: str | None
    project_id: str
    start_time: datetime
    added_at: datetime
    reviewed_at: datetime | None = None
    completed_by: list[str] = field(default_factory=list)
    assigned_to: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Queue:
    """One queue. An item is archived once `reviews` users have completed it."""

    id: str
    name: str
    created_at: datetime
    updated_at: datetime
    reviews: int = 2
    description: str | None = None
    kind: str = "single"
    dataset_id: str | None = None
    metadata: dict[str, Any] | None = None
    reviewers: list[str] = field(default_factory=list)
    items: dict[str, Item] = field(default_factory=dict)
    made: int = 0  # items that it ever had

    def section(self, item: Item) -> str:
        """The section in which the key's user finds an item."""
        if len(item.completed_by) >= self.reviews:
            return ARCHIVED
        return OTHERS if ME in item.completed_by else MINE


# Editing, for tests and for what people do


def queues(store: Store) -> dict[str, Queue]:
    """All queues by id."""
    return store.records[QUEUES]


def add_queue(store: Store, name: str, **fields: Any) -> str:
    """Make an empty queue; returns its id."""
    now, number = store.clock.now(), len(queues(store))
    made = Queue(str(uuid5(NAMESPACE_OID, f"{name} {now} {number}")), name, now, now, **fields)
    queues(store)[made.id] = made
    return made.id


def edit_queue(store: Store, queue: str, description: str) -> str:
    """Describe a queue, which moves its updated_at; returns its id."""
    queues(store)[queue].description = description
    queues(store)[queue].updated_at = store.clock.now()
    return queue


def delete_queue(store: Store, queue: str) -> str:
    """Delete a queue with its items; the runs stay."""
    return queues(store).pop(queue).id


def add_item(store: Store, queue: str, run: str, *, is_thread: bool = False) -> str:
    """Put a run, or the thread that it begins, into a queue; returns the item's id."""
    found, one, now = queues(store)[queue], store.runs[run], store.clock.now()
    found.made += 1
    ident = str(uuid5(NAMESPACE_OID, f"{queue} {found.made} {run}"))
    thread = f"thread {run}" if is_thread else None
    found.items[ident] = Item(ident, queue, None if is_thread else run, thread, one.project_id, one.start_time, now)
    return ident


def review(store: Store, queue: str, item: str, user: str) -> str:
    """Complete an item for a user; one who has completed it takes that back, and the item is shown again. Returns the id."""
    found = queues(store)[queue].items[item]
    if user in found.completed_by:
        found.completed_by.remove(user)
    else:
        found.completed_by.append(user)
    found.reviewed_at = store.clock.now()
    return item


def remove_item(store: Store, queue: str, item: str) -> str:
    """Take an item out of a queue; returns its id."""
    return queues(store)[queue].items.pop(item).id


# As LangSmith writes them


def queue_record(queue: Queue, tenant: str) -> dict[str, Any]:
    """What the list and the record's own path both have of a queue."""
    return {
        "created_at": aware(queue.created_at),
        "updated_at": aware(queue.updated_at),
        "num_reviewers_per_item": queue.reviews,
        "enable_reservations": True,
        "reservation_minutes": 1,
        "reviewer_access_mode": "assigned" if queue.reviewers else "any",
        "name": queue.name,
        "description": queue.description,
        "id": queue.id,
        "tenant_id": tenant,
        "source_rule_id": None,
        "run_rule_id": None,
        "default_dataset": queue.dataset_id,
        "queue_type": queue.kind,
        "metadata": queue.metadata,
        "assigned_reviewers": reviewers(queue),
    }


def reviewers(queue: Queue) -> list[dict[str, Any]]:
    """The people who are assigned to a queue."""
    return [{"id": one, "name": f"Reviewer {one[-1]}", "email": f"{one[-2:]}@example.com"} for one in queue.reviewers]


def agreement(queue: Queue, item: Item) -> str:
    """Whether the reviewers of a completed item agreed."""
    return "agreed" if queue.section(item) == ARCHIVED else "none"


def item_record(queue: Queue, item: Item) -> dict[str, Any]:
    """An item. What is empty is left out, except `last_reviewed_time`, which is always there."""
    fields = {
        "id": item.id,
        "queue_id": queue.id,
        "item_type": "RUN" if item.run_id else "THREAD",
        "run_id": item.run_id,
        "thread_id": item.thread_id,
        "project_id": item.project_id,
        "added_at": zulu(item.added_at),
        "effective_added_at": zulu(item.added_at),
        "start_time": zulu(item.start_time),
        "completed_by": item.completed_by,
        "assigned_to": item.assigned_to,
        "agreement_state": agreement(queue, item),
        "has_unresolved_keys": False,
    }
    written = {name: value for name, value in fields.items() if value not in (None, [])}
    return {**written, "last_reviewed_time": zulu(item.reviewed_at) if item.reviewed_at else None}
