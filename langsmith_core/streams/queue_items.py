"""Items of annotation queues: a queue is read whole, section by section, where its counters have changed.

Items move between sections while they are read. One that a reading has not shown may only have moved: the queue is read once
more, and what both readings lack has left it. Not here: which queues are read (annotation_queues).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from langsmith_core.calls import Call, RecordPage
from langsmith_core.records import json_text
from langsmith_core.records.ids import is_id
from langsmith_core.records.packed_ids import NO_IDS
from langsmith_core.streams.annotation_queue_columns import ANNOTATION_QUEUE_ITEM
from langsmith_core.streams.bounds import Count, Id
from langsmith_core.streams.context import Context, Outcome, Page
from langsmith_core.streams.limits import LIST_ROWS_MAX
from langsmith_core.streams.memory import QUEUE_ROOM, Memory, Queue
from langsmith_core.streams.run_queries import CURSOR_MAX, cursor_text
from langsmith_core.streams.stream import Stream, segment
from langsmith_core.streams.work import Work

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item

PATH = "/api/v1/annotation-queues"
SWITCH = "SYNC_ANNOTATION_QUEUES"
SECTIONS = ("needs_my_review", "needs_others_review", "archived")
"""LangSmith lists one section at a time (SDK 0.15.1, resources/annotation_queues/items.py). Items mostly move down this list."""
REFUSED_MAX = 3
"""Cursors of one section that may be refused."""
PAGES_MAX = 10_000
"""Pages of one section: a million items. A list that never ends is left there."""
_log = logging.getLogger(__name__)


class QueueItems(Work, frozen=True, kw_only=True):
    """The items of a queue, from a place in one of its sections on.

    `again`: it is read for the second time. `unsure`: a page did not show all that it stands for, so that nothing is deleted, and
    the next look reads the queue again. `refused` cursors and `pages` are those of the section.
    """

    queue: Id
    mark: str = ""
    section: Count = 0
    cursor: str | None = None
    again: bool = False
    unsure: bool = False
    refused: Count = 0
    pages: Count = 0
    limit: Count = 0

    @property
    def table_name(self) -> str:
        """Name the table of items."""
        return ANNOTATION_QUEUE_ITEM.name

    @property
    def is_sound(self) -> bool:
        """Check that there is such a section."""
        return self.section < len(SECTIONS)

    @property
    def about(self) -> str | None:
        """Give the queue."""
        return self.queue

    @property
    def given(self) -> dict[str, Any]:
        """Add the queue and the section, which an item's record does not name."""
        return {"queue_id": self.queue, "status": SECTIONS[self.section]}

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """Ask for the next page of the section."""
        cursor = (("cursor", self.cursor),) if self.cursor else ()
        query = (("status", SECTIONS[self.section]), ("page_size", str(limit)), *cursor)
        return Call("GET", f"/api/v1/platform/annotation-queues/{segment(self.queue)}/items", query=query)

    def parent_question(self, context: Context) -> Call | None:
        """Ask for the queue by its own path."""
        return Call("GET", f"{PATH}/{segment(self.queue)}")

    def page(self, body: bytes, context: Context, limit: int) -> RecordPage:
        """Cut a page of items, whatever page size was asked for: a cursor leads behind all that came."""
        envelope = json_text.picked(json_text.strict(body, 3), "items", "next_cursor")
        if "items" not in envelope:
            raise json_text.MalformedError("an answer for a queue's items without 'items'")
        items = envelope["items"]
        records, longer = ([], False) if bytes(items) == b"null" else json_text.first(items, LIST_ROWS_MAX)
        return RecordPage(records, cursor_text(envelope.get("next_cursor")), longer)

    def after(self, page: Page, context: Context) -> Outcome:
        """Go on in the section, then with the next one; at the end, delete what is gone and remember the counters."""
        memory = self._noted(page, context)
        item = replace(self, unsure=self.unsure or page.longer or not page.whole)
        if page.cursor and self._leads_on(page.cursor):
            rest = replace(item, cursor=page.cursor, pages=self.pages + 1)
            return Outcome(rest=(rest,), memory=memory)
        item = replace(item, unsure=item.unsure or page.cursor is not None)
        if self.section + 1 < len(SECTIONS):
            return Outcome(rest=(item.at_section(self.section + 1),), memory=memory)
        return item._ended(page, replace(context, memory=memory))  # noqa: SLF001  this class's own

    def behind_one(self, context: Context, knowledge: bytes) -> Outcome | None:
        """Leave a section with an item too large to be read: no cursor leads behind it."""
        item = replace(self, unsure=True)
        return Outcome(rest=(item.at_section(self.section + 1),) if self.section + 1 < len(SECTIONS) else ())

    def coming(self, context: Context, limit: int, page: RecordPage | None) -> Iterator[Item]:
        """Yield the next page, then the sections behind this one."""
        if page and page.cursor and self._leads_on(page.cursor):
            yield replace(self, cursor=page.cursor)
        yield from (self.at_section(section) for section in range(self.section + 1, len(SECTIONS)))

    def at_section(self, section: int) -> QueueItems:
        """Return the item at the top of a section."""
        return replace(self, section=section, cursor=None, refused=0, pages=0)

    def from_top(self) -> QueueItems | None:
        """Ask the section again, from its top, where its cursor was refused; None where that has not helped."""
        helps = self.cursor is not None and self.refused < REFUSED_MAX
        return replace(self, cursor=None, pages=0, refused=self.refused + 1) if helps else None

    def restarted(self) -> QueueItems:
        """Ask the section again from its top."""
        return replace(self, cursor=None, pages=0)

    def kept(self) -> QueueItems:
        """Drop a long cursor, which counts as refused."""
        if len(self.cursor or "") <= CURSOR_MAX:
            return self
        return self.from_top() or self.restarted()

    def within(self, context: Context) -> tuple[Item, ...]:
        """Keep the item without a long cursor."""
        return (self.kept(),) if context.on(self.table_name) else ()

    def _leads_on(self, cursor: str) -> bool:
        """Tell whether to follow a cursor: it is another one, and the section has not taken too many pages."""
        too_long = len(cursor) > CURSOR_MAX and self.refused >= REFUSED_MAX
        return cursor != self.cursor and self.pages < PAGES_MAX and not too_long

    def _noted(self, page: Page, context: Context) -> Memory:
        """Remember the items that a page shows, as far as the state has room."""
        known = context.memory.queue(self.queue)
        ids = [row["item_id"] for row in page.rows if is_id(row["item_id"])]
        unseen, items = known.unseen.without(ids), known.items.with_more(ids)
        room = len(known.items) + len(known.unseen) - len(unseen) + context.item_room
        if context.item_room and room <= len(items):
            _log.warning(
                "%s: too many items for the state; use `sync`: others that leave their queue are missed",
                self.table_name,
                extra={"fields": {"stream": self.table_name}},
            )
        return context.memory.with_queue(self.queue, Queue(items=items[:room], unseen=unseen))

    def _ended(self, page: Page, context: Context) -> Outcome:
        """End a reading: the second one, or one that lacks nothing, says what is gone."""
        known = context.memory.queue(self.queue)
        if self.unsure:
            return Outcome(memory=context.memory)
        if known.unseen and not self.again:
            return Outcome(rest=(replace(self.at_section(0), again=True),), memory=context.memory)
        gone = tuple((self.table_name, one) for one in sorted(known.unseen))
        read = replace(known, mark=self.mark, unseen=NO_IDS)
        fits = known != Queue() or context.queue_room >= QUEUE_ROOM
        memory = context.memory.with_queue(self.queue, read) if fits else context.memory
        return Outcome(gone=gone, gone_at=page.at, memory=memory)


STREAM = Stream(ANNOTATION_QUEUE_ITEM, switch=SWITCH, deleted=True, optional=True)
