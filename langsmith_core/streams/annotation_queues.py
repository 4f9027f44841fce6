"""Annotation queues: their list, and which of them are read for their items."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from langsmith_core.calls import Call
from langsmith_core.records.rows import Row
from langsmith_core.streams.annotation_queue_columns import ANNOTATION_QUEUE, ANNOTATION_QUEUE_ITEM
from langsmith_core.streams.bounds import Id
from langsmith_core.streams.context import Context, Outcome
from langsmith_core.streams.listing import opened
from langsmith_core.streams.memory import Memory, Queue
from langsmith_core.streams.queue_items import PATH, SWITCH, QueueItems
from langsmith_core.streams.stream import Listing, Stream
from langsmith_core.streams.work import Work

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item


class ReadQueues(Work, frozen=True):
    """Queues whose items are to be read, each with the mark of its counters. It asks nothing itself."""

    asks_nothing: ClassVar[bool] = True

    waiting: dict[Id, str]

    @property
    def table_name(self) -> str:
        """Name the table of items."""
        return ANNOTATION_QUEUE_ITEM.name

    @property
    def is_sound(self) -> bool:
        """Check that a queue waits."""
        return bool(self.waiting)

    @property
    def gathering(self) -> int:
        """Count the queues that wait."""
        return len(self.waiting)

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """Begin the first queue: none of its items has been shown yet."""
        (queue, mark), *others = self.waiting.items()
        known = context.memory.queue(queue)
        memory = context.memory.with_queue(queue, Queue(unseen=known.items.with_more(known.unseen)))
        rest = (ReadQueues(dict(others)),) if others else ()
        return Outcome((QueueItems(queue=queue, mark=mark),), rest, memory=memory)

    def joined(self, other: Work) -> Item | None:
        """Gather all queues in one item."""
        return ReadQueues({**self.waiting, **other.waiting}) if isinstance(other, ReadQueues) else None


def mark_of(row: Row, left_out: Iterable[str] = ()) -> str:
    """Return a mark of the counters that a queue's record has, and of the projects whose items did not go out."""
    counters = " ".join((str(row["total_runs"]), str(row["updated_at"]), *sorted(left_out)))
    return hashlib.blake2b(counters.encode(), digest_size=4).hexdigest()


def _found(rows: Sequence[Row], context: Context) -> tuple[Item, ...]:
    """Read the items of each queue whose counters have changed; a daily pass reads all, because a review moves no counter."""
    if not context.on(ANNOTATION_QUEUE_ITEM.name):
        return ()
    deep = context.bounds is not None and context.bounds.deep
    marks = {row["queue_id"]: mark_of(row, context.left_out) for row in rows}
    due = {one: mark for one, mark in marks.items() if deep or context.memory.queue(one).mark != mark}
    return (ReadQueues(due),) if due else ()


def _forgotten(queue: str, context: Context) -> Memory:
    """Forget the items of a deleted queue."""
    return context.memory.with_queue(queue, Queue())


def _taken(queue: str, context: Context) -> tuple[tuple[str, str], ...]:
    """Name the items that are known of a deleted queue: Fivetran deletes by primary key only."""
    known = context.memory.queue(queue)
    return tuple((ANNOTATION_QUEUE_ITEM.name, one) for one in sorted((*known.items, *known.unseen)))


STREAM = Stream(
    ANNOTATION_QUEUE,
    switch=SWITCH,
    listing=Listing(PATH, ids="ids", found=_found, forgotten=_forgotten, taken=_taken, apart=True),
    opens=opened(ANNOTATION_QUEUE.name),
    deleted=True,
    children=(ANNOTATION_QUEUE_ITEM,),
    optional=True,
)
