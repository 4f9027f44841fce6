"""Lists that are read whole: their pages, their new records, and the records that they have lost.

Here: what every listed table shares. Not here: how a list pages while it shifts (offset_list), any one table's path or columns.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeVar

from msgspec.structs import replace

from langsmith_core.calls import Call
from langsmith_core.records.ids import is_id
from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.records.rows import Row
from langsmith_core.records.times import parse
from langsmith_core.streams import offset_list
from langsmith_core.streams.bounds import Id
from langsmith_core.streams.context import Context, Outcome, Page
from langsmith_core.streams.limits import IDS_MAX
from langsmith_core.streams.look_up import LookUp
from langsmith_core.streams.memory import Memory
from langsmith_core.streams.offset_list import Offset
from langsmith_core.streams.stream import listing_of

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item

_log = logging.getLogger(__name__)


class Listed(Offset, frozen=True, kw_only=True):
    """A list of a table. `seen` are the ids that it has shown; `unseen` are known ones that have not come yet.

    `past`: the list shifted too often and was broken off. Known records are asked for by id then, and those up to `past` have
    been.
    """

    seen: Ids = NO_IDS
    unseen: Ids = NO_IDS
    past: Id | None = None

    @property
    def awaited(self) -> Ids:
        """Return the ids to ask for where the list is broken off: those that it has not shown."""
        return self.unseen

    def reaches(self, context: Context, limit: int) -> int:
        """Guess the list's end by the records that were known before."""
        known = len(self.seen) + len(self.unseen) if self.unseen else len(context.known(self.table_name))
        return 0 if self.past else known - 1 if known else super().reaches(context, limit)

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """Ask for the next page, or for the next known records by id."""
        listing = listing_of(self.table_name, context)
        if self.past is None:
            return Call("GET", listing.path, query=(*listing.fixed, *self.place(limit)))
        ids = tuple((listing.ids, one) for one in self.batch(context))
        return Call("GET", listing.path, query=(*listing.fixed, *ids, *self.place(limit)))

    def batch(self, context: Context) -> Ids:
        """Return the next known records to ask for by id."""
        rest = sorted(one for one in self.awaited if one > (self.past or ""))
        return Ids(rest[: min(IDS_MAX, context.page_size)])


Kind = TypeVar("Kind", bound=Listed)


class ListAll(Listed, frozen=True, kw_only=True):
    """A table's list, read whole."""

    is_list: ClassVar[bool] = True

    table: str

    @property
    def table_name(self) -> str:
        """Name the listed table."""
        return self.table

    def after(self, page: Page, context: Context) -> Outcome:
        """Go on; at the list's end, look up each known record that did not come."""
        rows = fresh(self, page, context)
        item = noted(self, [row[context.table(self.table).key] for row in rows], context)
        first = listing_of(self.table, context).found(rows, context)
        rest = onward(self, item, page, context)
        return Outcome(first, (rest,)) if rest else ended(item, first, context.memory)


def fresh(item: Listed, page: Page, context: Context) -> list[Row]:
    """Return the records of a page that the list has not shown before, without those that have no id."""
    key, shown = context.table(item.table_name).key, {*item.seen, *offset_list.seen(item)}
    return [row for row in page.rows if is_id(row[key]) and row[key] not in shown]


def noted(item: Kind, keys: Sequence[str], context: Context) -> Kind:
    """Move ids from unseen to seen, as far as the state has room."""
    if not context.streams[item.table_name].deleted:
        return item
    seen = item.seen.with_more(keys)
    if len(item.seen) <= context.room < len(seen):
        _log.warning(
            "%s: too many ids for the state; use `sync`, or narrow PROJECTS: deletes and old runs of the others are missed",
            item.table_name,
            extra={"fields": {"stream": item.table_name}},
        )
    return replace(item, seen=seen[: context.room], unseen=item.unseen.without(keys))


def onward(asked: Listed, item: Kind, page: Page, context: Context) -> Kind | None:
    """Return the list after a page that was `asked` for; None at its end. `item` has noted what the page shows."""
    if asked.past is not None:
        return by_ids(replace(item, past=(asked.batch(context) or (asked.past,))[-1]), context)
    if is_younger(item, page, context):
        return None
    after = offset_list.after_page(item, page)
    if not offset_list.broken_off(after):
        return after
    _log.warning(
        "%s: the list changes too often while it is read; known records of the rest are asked for by id, and the next "
        "sync reads new ones",
        item.table_name,
        extra={"fields": {"stream": item.table_name}},
    )
    return by_ids(replace(offset_list.from_start(item), past=BEFORE_ALL), context)


BEFORE_ALL = "00000000-0000-0000-0000-000000000000"
"""No record has this id."""


def by_ids(item: Kind, context: Context) -> Kind | None:
    """Return the list that continues with known records by id; None where none is left.

    The next look lists a record that nobody knew, and reads all its past.
    """
    return item if item.batch(context) else None


def is_younger(item: Offset, page: Page, context: Context) -> bool:
    """Tell whether a later page brings only records made after the look began. Then the rest is younger still.

    Without this end a list that grows as fast as it is read would never end. The next look reads on.
    """
    table, until = context.table(item.table_name), context.bounds.until if context.bounds else context.done_to
    times = [row[table.time] for row in page.rows if row[table.key] not in offset_list.seen(item)]
    if not item.offset or until is None or not listing_of(item.table_name, context).oldest_first:
        return False
    return bool(times) and all(text is not None and parse(text) > until for text in times)


def ended(item: Listed, first: tuple[Item, ...], memory: Memory) -> Outcome:
    """Return the outcome of a list's last page: remember what it has shown, and look up what it has not."""
    missing = (LookUp(item.table_name, item.unseen),) if item.unseen else ()
    return Outcome(first, missing, memory=memory.with_known(item.table_name, item.seen))


def opened(table: str) -> Callable[[Context], Outcome]:
    """Begin a listed table: what was known before has not come yet."""

    def opens(context: Context) -> Outcome:
        item = ListAll(table=table, unseen=context.memory.known(table))
        return Outcome(rest=(item,), memory=context.memory.with_known(table, NO_IDS))

    return opens
