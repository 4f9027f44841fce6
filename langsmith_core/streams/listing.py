"""Offset lists that are read whole: pages of a list, and the records that it no longer has.

Here: how a list moves on, which records are new, and which have gone. Not here: any one stream's path or columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeVar

from msgspec.structs import replace

from langsmith_core.calls import Call
from langsmith_core.records import json_text
from langsmith_core.records.ids import NO_IDS, Ids
from langsmith_core.streams.bounds import Count
from langsmith_core.streams.memory import Memory
from langsmith_core.streams.work import Api, Context, Listing, Outcome, Page, Work

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item

LIST_ROWS_MAX = 100


class Offset(Work, frozen=True):
    """A place in an offset list. `anchor` is the id of the row before it; `limit` the page size that failing pages forced."""

    offset: Count = 0
    anchor: str | None = None
    limit: Count = 0

    def place(self, limit: int) -> tuple[tuple[str, str], ...]:
        """The two parameters of the place."""
        return (("offset", str(self.offset)), ("limit", str(limit)))


Place = TypeVar("Place", bound=Offset)


def moved(item: Place, ids: Sequence[str], limit: int) -> Place | None:
    """The list after a page of rows `ids`; None when it is drained.

    Pages overlap by one row. Where that row is not the one expected, rows before it were added or removed since, and the list is
    read again from its beginning: a removal would otherwise hide as many rows as it shifted over the edge.
    """
    if item.anchor is not None and (not ids or ids[0] != item.anchor):
        return replace(item, offset=0, anchor=None)
    if len(ids) < limit:
        return None
    overlap = 1 if limit > 1 else 0
    return replace(item, offset=item.offset + len(ids) - overlap, anchor=ids[-1] if overlap else None)


class ListAll(Offset, frozen=True):
    """A table's list, read whole. `seen` are the ids that it has shown; `unseen` were known before and have not come yet."""

    is_list: ClassVar[bool] = True

    table: str = ""
    seen: Ids = NO_IDS
    unseen: Ids = NO_IDS

    @property
    def table_name(self) -> str:
        """The table that is listed."""
        return self.table

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """The next page of the list."""
        listing = listing_of(self.table, context)
        return Call("GET", listing.path, query=(*listing.fixed, *self.place(limit)))

    def after(self, page: Page, context: Context) -> Outcome:
        """The next page; at the list's end, a look-up of each record that was known and did not come."""
        key = context.streams[self.table].table.key
        keys = [row[key] for row in page.rows]
        first = listing_of(self.table, context).found(page.rows, context)
        rest = moved(noted(self, keys, context.room), keys, page.limit)
        if rest is not None:
            return Outcome(first, (rest,))
        return ended(noted(self, keys, context.room), first, context.memory)


def noted(item: ListAll, keys: Sequence[str], room: int) -> ListAll:
    """The list with a page's ids moved from those unseen to those seen, as far as the state has room for them."""
    return replace(item, seen=item.seen.with_more(keys)[: max(room, len(item.seen))], unseen=item.unseen.without(keys))


def ended(item: ListAll, first: tuple[Item, ...], memory: Memory) -> Outcome:
    """The outcome of a list's last page: what it has shown is known, and what it has not is looked up."""
    missing = (LookUp(item.table, item.unseen),) if item.unseen else ()
    return Outcome(first, missing, memory=memory.with_known(item.table, item.seen))


class LookUp(Work, frozen=True):
    """Records that a list no longer has, asked for one by one: a 404 deletes the row."""

    table: str
    ids: Ids

    @property
    def table_name(self) -> str:
        """The table of the records."""
        return self.table

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """The first record by its own path."""
        listing = listing_of(self.table, context)
        return Call("GET", f"{listing.path}/{self.ids[0]}", query=listing.of_record)

    @property
    def in_hand(self) -> tuple[str, ...]:
        """The record asked for."""
        return tuple(self.ids[:1])

    def records(self, body: bytes, api: Api) -> tuple[list[bytes], str | None]:
        """The answer is the record itself."""
        return [json_text.strict(body, 1)], None

    def after(self, page: Page, context: Context) -> Outcome:
        """The list had shifted: the record is known again, and what it leads to is read."""
        known = context.memory.known(self.table).with_more(self.ids[:1])
        first = listing_of(self.table, context).found(page.rows, context)
        return Outcome(first, self._others(), memory=context.memory.with_known(self.table, known))

    def without(self, context: Context) -> Outcome | None:
        """The record was deleted."""
        return Outcome((), self._others(), gone=((self.table, self.ids[0]),))

    def _others(self) -> tuple[Item, ...]:
        return (replace(self, ids=self.ids[1:]),) if len(self.ids) > 1 else ()


def listing_of(table: str, context: Context) -> Listing:
    """How a table is listed. Raises ValueError for one that is not."""
    listing = context.streams[table].listing
    if listing is None:
        raise ValueError(f"{table} is not a listed table")
    return listing


def opened(table: str) -> Callable[[Context], Outcome]:
    """How a look begins a listed table: what was known before has not come yet."""

    def opens(context: Context) -> Outcome:
        item = ListAll(table=table, unseen=context.memory.known(table))
        return Outcome(rest=(item,), memory=context.memory.with_known(table, NO_IDS))

    return opens
