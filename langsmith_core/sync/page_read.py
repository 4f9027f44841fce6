"""What a page was asked for, and what was read of it. The work of reading is in page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from msgspec import Struct, field

from langsmith_core.records import rows
from langsmith_core.records.columns import Table
from langsmith_core.records.packed_marks import Mark, Marks
from langsmith_core.records.rows import NOTHING, Row
from langsmith_core.streams.context import Context
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.registry import RUN


class Asked(Struct, frozen=True, dict=True):
    """What a page was asked for, and how: the item, its context, `limit` records, read at `at`.

    `limit` is 1 for an item that cannot be asked for in smaller pages: its page is never too heavy.
    `ids` are those that the request named, None for none. `waiting` are parents whose names later pages need. `room` is what the
    batch still takes, in bytes. `known` are the marks of rows that went out with their payloads. `delivers` says whether a row
    goes out, by the row and whether all its payloads are in it.
    """

    work: Item
    context: Context
    limit: int
    at: datetime
    ids: Collection[str] | None
    waiting: Sequence[str]
    room: int
    known: Marks
    delivers: Callable[[Row, bool], bool]

    @cached_property
    def table(self) -> Table:
        """The table of the rows."""
        return self.context.table(self.work.table_name)


class Prepared(NamedTuple):
    """A record with its row, and what is known of the row.

    `has_id`: it can be asked for by its id. `was_asked`: it was asked for. `may_leave`: its project is read, and it did not go
    out before as it is now. `wanted`: its payloads that lie elsewhere, addresses by column. `look`: the mark of its look.
    """

    record: bytes
    row: Row | None = None
    has_id: bool = False
    was_asked: bool = False
    may_leave: bool = False
    wanted: Mapping[str, str] = NOTHING
    look: bytes | None = None


class Read(Struct):
    """What was read of a page: `rows` are all its rows, `shown` those that go out as `lines`, and all are kept light.

    Rows of `unfilled` lack a payload that may be had later. `delivered` are marks, by key, of rows that go out with
    their payloads.
    `marks` are the ids of all records, or stand for them: places in a list are counted by them. `rest` is the item that goes on
    where the page was cut. `whole`: each record read has an id. `heavy`: it is more than a batch holds, and was left there.
    """

    rows: list[Row] = field(default_factory=list)
    shown: list[Row] = field(default_factory=list)
    unfilled: list[Row] = field(default_factory=list)
    delivered: dict[str, Mark] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)
    lines: dict[str, bytes] = field(default_factory=dict)
    size: int = 0
    rest: Item | None = None
    whole: bool = True
    heavy: bool = False

    def cut(self, asked: Asked, row: Row) -> bool:
        """Leave the rest, from `row` on, to another page. False: it cannot be cut there."""
        starts = [(one["run_id"], one["start_time"]) for one in (*self.rows, row)] if asked.table is RUN else []
        self.rest = asked.work.cut_before(starts, asked.context) if starts else None
        return self.rest is not None

    def add(self, table: Table, row: Row, *, filled: bool) -> Row:
        """Take a row in, and return it as it is kept."""
        small = rows.light(table, row)
        self.rows.append(small)
        self.unfilled += [] if filled else [small]
        return small

    def show(self, table: Table, row: Row, line: bytes, light: Row | None) -> None:
        """Take in what goes out of a row; a later one of the same key wins. `light` is the row kept light, where it is."""
        self.shown.append(light or rows.light(table, row))
        before = self.lines.get(row[table.key])
        self.size += len(line) - len(before) if before else len(line) + 1
        self.lines[row[table.key]] = line
