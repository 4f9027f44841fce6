"""A record that its list no longer shows, asked for by its own path: it is still there, or it was deleted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from langsmith_core.calls import Call, RecordPage
from langsmith_core.records.ids import is_id
from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.rows import Row
from langsmith_core.streams.context import Context, Outcome, Page
from langsmith_core.streams.stream import listing_of, segment
from langsmith_core.streams.work import Work

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item


class LookUp(Work, frozen=True):
    """Records that a list has lost, asked for one by one. A 404 deletes the row."""

    is_record: ClassVar[bool] = True
    is_exact: ClassVar[bool] = True

    table: str
    ids: Ids

    @property
    def table_name(self) -> str:
        """Name the table of the records."""
        return self.table

    @property
    def is_sound(self) -> bool:
        """Check that there is a record to ask for."""
        return bool(self.ids)

    @property
    def about(self) -> str | None:
        """Give the record asked for."""
        return self.ids[0]

    def delivers(self, row: Row, context: Context) -> bool:
        """Deliver the row, unless it lacks what the list has."""
        return not listing_of(self.table, context).apart

    def asked_ids(self, limit: int, knowledge: bytes) -> Sequence[str] | None:
        """List the record asked for."""
        return self.ids[:1]

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """Ask for the first record by its own path."""
        listing = listing_of(self.table, context)
        return Call("GET", f"{listing.path}/{segment(self.ids[0])}", query=listing.of_record)

    def after(self, page: Page, context: Context) -> Outcome:
        """Remember the record, which a shifting list had hidden, and read what it leads to.

        A look-up that failed before comes after the streams that read children, so the next look reads those. A record that
        nobody can read is there, and is remembered too.
        """
        known = context.memory.known(self.table).with_more(self.ids[:1])
        rows = [row for row in page.rows if is_id(row[context.table(self.table).key])]
        first = () if context.retried else listing_of(self.table, context).found(rows, context)
        return Outcome(first, self._others(), memory=context.memory.with_known(self.table, known))

    def without(self, context: Context) -> Outcome | None:
        """Delete the record, and the children that are known to go with it."""
        listing, gone = listing_of(self.table, context), self.ids[0]
        memory = listing.forgotten(gone, context)
        return Outcome((), self._others(), gone=((self.table, gone), *listing.taken(gone, context)), memory=memory)

    def behind_one(self, context: Context, knowledge: bytes) -> Outcome | None:
        """Remember the record: it is there, though it is too large to be read."""
        known = context.memory.known(self.table).with_more(self.ids[:1])
        return Outcome((), self._others(), memory=context.memory.with_known(self.table, known))

    def parted(self, context: Context) -> tuple[Item, tuple[Item, ...]]:
        """Split off the record asked for from the others."""
        return replace(self, ids=self.ids[:1]), self._others()

    def coming(self, context: Context, limit: int, page: RecordPage | None) -> Iterator[Item]:
        """Yield the look-ups of the other records."""
        return (replace(self, ids=self.ids[place:]) for place in range(1, len(self.ids)))

    def _others(self) -> tuple[Item, ...]:
        return (replace(self, ids=self.ids[1:]),) if len(self.ids) > 1 else ()
