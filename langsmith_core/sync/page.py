"""A page's way: records become rows, rows are cleaned, and what may leave becomes lines.

One direction: client, item.records, rows, privacy, lines, batch, face. Not here: mapping a record (records.rows), fetching
payloads (payloads), what comes next (the item itself).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from langsmith_core.calls import Fetch, Reply
from langsmith_core.privacy.rules import Hidden
from langsmith_core.records import cut, rows
from langsmith_core.records.columns import Table
from langsmith_core.records.rows import Row
from langsmith_core.records.times import parse, render
from langsmith_core.streams import registry
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.work import IDS_MAX, Context, Outcome, Page
from langsmith_core.sync import payloads_missing
from langsmith_core.sync.batch import Limits
from langsmith_core.sync.names import Names
from langsmith_core.sync.payloads import Payloads
from langsmith_core.sync.state import Task

STAMP = 64
"""Bytes that a row's time of reading takes in a line."""


class Read(Struct):
    """What was read of a page: every row, those whose payload may be had later, and the lines that may leave.

    `rest`: the page was cut for time or room, and this is read in another one.
    """

    table: Table
    page: Page
    limit: int
    unfilled: list[Row]
    rest: Item | None = None
    lines: dict[str, bytes] = {}
    size: int = 0
    newest: datetime | None = None


class Pages:
    """The pages of one pass. `names` are those of parents, which may be known from an earlier pass of this process."""

    def __init__(self, payloads: Payloads, names: Names, ask: Fetch, limits: Limits, hidden: Hidden) -> None:
        self._payloads, self._names, self._ask, self._limits, self._hidden = payloads, names, ask, limits, hidden

    def read(self, task: Task, reply: Reply, context: Context, limit: int, knowledge: bytes, room: int) -> Read:
        """The rows of an answer and their lines. A page is cut where its payloads take too much time, or `room` bytes."""
        work, table = task.work, registry.BY_TABLE[task.work.table_name].table
        records, cursor = work.records(reply.body, context.api)
        self._learn_names(task, table)
        at = work.seen_at or reply.at
        read = Read(table, Page([], cursor, at, limit, knowledge), limit, [])
        if any(b"_s3_urls" in record for record in records):
            self._with_payloads(read, task, records, context, room)
        else:
            read.page.rows.extend(rows.to_row(table, record, self._names.by_id, work.given) for record in records)
        self._names.note(table, read.page.rows)
        return read

    def encode(self, read: Read, task: Task, context: Context, now: datetime) -> Read:
        """The page with the lines of the rows that may leave, as they may: the engine reads on by what it found."""
        table, key = read.table, read.table.key
        silent = task.work.silent(context)
        held = {row[key] for row in read.unfilled if payloads_missing.held(task, row, context, now)}
        shown = [] if silent else [row for row in read.page.rows if row[key] not in held]
        shown = [self._hidden.shown(table, row) for row in shown if not self._hidden.is_private(table, row, context.left_out)]
        read.lines = self._lines(table, shown, read.page.at)
        read.size = sum(map(len, read.lines.values())) + len(read.lines)
        times = [row[table.time] for row in shown if row[table.time]]
        read.newest = parse(max(times)) if times else None
        return read

    def outcome(self, task: Task, read: Read, context: Context) -> Outcome:
        """What the page leads to: the item's own outcome, but the rest of the page where it was cut."""
        outcome = task.work.after(read.page, context)
        return replace(outcome, rest=(read.rest,)) if read.rest else outcome

    def _with_payloads(self, read: Read, task: Task, records: Sequence[bytes], context: Context, room: int) -> None:
        """Fill rows with payloads from object storage; cut the page where time is over, or where it fills the room."""
        size, table = 0, read.table
        for record in records:
            row = rows.to_row(table, record, self._names.by_id, task.work.given)
            wanted = self._payloads.wanted(table, record, row)
            late = bool(wanted and read.page.rows) and self._limits.seconds_left() <= 0 and not self._payloads.failing
            if late and _cut(read, task, row, context):
                break
            filled = self._payloads.put_off(row, wanted) if late else self._payloads.fill(table, row, wanted)
            size += len(rows.encode(row)) + STAMP
            if size > room and read.page.rows and _cut(read, task, row, context):
                break
            read.page.rows.append(row)
            read.unfilled += [] if filled else [row]

    def _learn_names(self, task: Task, table: Table) -> None:
        """Make sure that the names of the page's parents are known; those of parents that come next are asked for with them."""
        if table.name_of_parent and not self._hidden.leaves_out(table, table.name_of_parent):
            self._names.learn(table, task.work.in_hand, task.work.named[: IDS_MAX], self._ask)

    def _lines(self, table: Table, shown: list[Row], at: datetime) -> dict[str, bytes]:
        """Encoded rows by key; a later row of the same key wins. One larger than a batch is cut."""
        exact = self._limits.stamped
        stamp = {"_synced_at": render(at)} if exact else {}
        lines = {row[table.key]: rows.encode({**row, **stamp}, exact=exact) for row in shown}
        heavy = [row for row in shown if len(lines[row[table.key]]) > self._limits.bytes_max]
        room = self._limits.bytes_max - len(rows.encode(stamp))
        fit = (cut.cut(table, row, room) for row in heavy)
        return lines | {row[table.key]: rows.encode({**row, **stamp}, exact=exact) for row in fit}


def _cut(read: Read, task: Task, row: Row, context: Context) -> bool:
    """Leave the rest, from `row` on, to another page. False: it cannot be cut there."""
    read.rest = task.work.cut_before([(one["run_id"], one["start_time"]) for one in (*read.page.rows, row)], context.api)
    return read.rest is not None
