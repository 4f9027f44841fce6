"""A page's way: records become rows, rows are cleaned by the privacy rules, and what may leave becomes lines.

One direction: client, item.page, rows, privacy, lines, batch, face. Record by record: only one of a page exists in two
forms, and a row that has become a line keeps only short values. Not here: the mapping itself (records.rows), fetching payloads
(payloads), what comes next (the item), or where the lines go (batch).
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from langsmith_core.calls import Fetch, Only, RecordPage
from langsmith_core.privacy.hidden import Hidden
from langsmith_core.records import cut as cutting
from langsmith_core.records import json_text, precut, rows
from langsmith_core.records.columns import Table
from langsmith_core.records.ids import is_id
from langsmith_core.records.rows import NOTHING, Row
from langsmith_core.records.times import render
from langsmith_core.remarks import Remark, Remarks
from langsmith_core.streams.registry import FEEDBACK, RUN
from langsmith_core.sync import payloads_delivered
from langsmith_core.sync.batch import Limits
from langsmith_core.sync.names import Names
from langsmith_core.sync.page_read import Asked, Prepared, Read
from langsmith_core.sync.payloads import Payloads

UNREADABLE = Remark("%s: a record has no id of at most 200 characters and is skipped; report it", logging.ERROR)
NOT_ASKED = Remark("%s: LangSmith sent a record that was not asked for, and it is skipped; report it if this continues")
NO_CHILDREN = Remark("%s: a record's id is not a UUID, so its row is delivered but nothing is read by that id; report it")
WITHOUT_PAYLOADS = Remark(
    "%s: a record is larger than the limit of an answer, so its row lacks the payloads; make it smaller", logging.ERROR
)


ROWS_AHEAD = 8
"""Rows whose payloads are fetched at once. Each payload has at most the bytes of a batch."""


class Pages:
    """The pages of one pass. `names` are those of parents, which may be known from an earlier pass of this process."""

    def __init__(self, payloads: Payloads, ask: Fetch, names: Names, limits: Limits, hidden: Hidden, remarks: Remarks) -> None:
        self._payloads, self._ask, self._names, self._limits, self._hidden = payloads, ask, names, limits, hidden
        self._remarks = remarks

    def read(self, asked: Asked, page: RecordPage) -> Read:
        """Read the rows of a page. It is cut where its payloads take more than the time left, or than the batch's room.

        A record that has no row is passed over with a remark. Raises MalformedError where a page has several records and none
        has a row: then the page is at fault. And for another record in place of the one that was asked for.
        """
        table, work = asked.table, asked.work
        self._learn_names(asked)
        if work.is_record:
            json_text.members(page.records[0])  # what is no record at all is no answer; one that cannot be read is there
        self._hidden.matches.turn()
        read = Read()
        for one in self._prepared(asked, page.records):
            mark = _mark(table, one.record, one.row)
            if one.row is not None and one.was_asked and not self._took(read, asked, one, one.row):
                break
            read.marks.append(mark)
            read.whole = read.whole and one.has_id
        if not read.rows and len(page.records) > 1 and asked.ids is None:
            raise json_text.MalformedError(f"no record of a page of {table.name} has an id")
        self._names.note(table, read.rows)
        return read

    def _learn_names(self, asked: Asked) -> None:
        """Make sure that the names of the page's parents are known. Ask for those of the next parents with them."""
        if asked.table.name_of_parent and not self._hidden.leaves_out(asked.table, asked.table.name_of_parent):
            self._names.learn(asked.work.names_of, asked.work.in_hand, asked.waiting, self._ask)

    def _prepared(self, asked: Asked, records: Iterable[bytes]) -> Iterator[Prepared]:
        """Make the rows of records, a few ahead where payloads lie elsewhere: those of several rows are fetched at once."""
        self._payloads.forget()
        ahead: deque[Prepared] = deque()
        for record in records:
            row = self._row(asked, record)
            one = self._known(asked, record, row) if row is not None else Prepared(record)
            self._payloads.begin(one.wanted)
            ahead.append(one)
            while ahead and (len(ahead) > ROWS_AHEAD or not ahead[0].wanted):
                yield ahead.popleft()
        yield from ahead

    def _known(self, asked: Asked, record: bytes, row: Row) -> Prepared:
        has_id = _has_id(asked.table, row)
        if not self._was_asked(asked, row, has_id=has_id):
            return Prepared(record, row, has_id)
        may_leave = self._may_leave(asked, row)
        wanted = self._payloads.wanted(asked.table, record, row) if may_leave else NOTHING
        look = self._payloads.look(asked.table, record, row, wanted)
        if look and asked.known.has(row[asked.table.key], look):
            return Prepared(record, row, has_id, was_asked=True)
        return Prepared(record, row, has_id, was_asked=True, may_leave=may_leave, wanted=wanted, look=look)

    def _row(self, asked: Asked, record: bytes) -> Row | None:
        table, given, keys = asked.table, asked.work.given, self._hidden.keys
        try:
            row = rows.to_row(table, record, self._names.by_id, self._remarks, self._limits.bytes_max, given=given, keys=keys)
        except json_text.MalformedError:
            self._remarks.add(UNREADABLE, table.name, of=rows.label(record))
            return None
        return row

    def _was_asked(self, asked: Asked, row: Row, *, has_id: bool) -> bool:
        """Whether a row was asked for: nobody knows whether another may be read. Raises MalformedError where it matters.

        A record whose id is no UUID may be the one asked for, so it is passed over and not an error.
        """
        table, work = asked.table, asked.work
        if asked.ids is None or row[work.asked_column or table.key] in asked.ids:
            return True
        if work.is_exact and has_id:
            raise json_text.MalformedError(f"a record of {table.name} is not the one that was asked for")
        self._remarks.add(NOT_ASKED, table.name, of=row[table.key])
        return False

    def _took(self, read: Read, asked: Asked, one: Prepared, row: Row) -> bool:
        """Take one record in. False: the page ends before it, or is too heavy with it."""
        table, wanted = asked.table, one.wanted
        late = bool(wanted and read.rows) and self._limits.seconds_left() <= 0 and not self._payloads.failing
        if late and read.cut(asked, row):
            return False
        filled = self._payloads.put_off(row, wanted) if late else self._payloads.fill(table, row, wanted)
        shown = self._shown(asked, row, one.record) if one.may_leave and asked.delivers(row, filled) else None
        line = self._line(table, shown, asked.at) if shown else b""
        full = bool(wanted and read.rows) and read.size + len(line) + 1 > asked.room
        if full and read.cut(asked, row):
            return False
        if not one.has_id:
            self._remarks.add(NO_CHILDREN, table.name, of=row[table.key])
        light = read.add(table, row, filled=filled)
        if shown:
            read.show(table, shown, line, light if shown is row else None)
            if one.look and filled:
                read.delivered[row[table.key]] = payloads_delivered.marked(table, row, one.look)
        read.heavy = read.size > self._limits.bytes_max and asked.limit > 1 and len(read.rows) > 1
        return not read.heavy

    def _may_leave(self, asked: Asked, row: Row) -> bool:
        """Whether a row may leave, whichever item has brought it: its project is read."""
        table, context = asked.table, asked.context
        project = row["project_id"] if table in (RUN, FEEDBACK) else None  # PROJECTS limits runs and feedback
        return not self._hidden.is_private(table, row, context.left_out) and (project is None or context.reads(project))

    def _shown(self, asked: Asked, row: Row, record: bytes) -> Row:
        """The row as it may leave: items read on by what they found, destinations see only this."""
        table = asked.table
        shown = self._hidden.shown(table, row, record, self._remarks, self._limits.bytes_max)
        if asked.context.only is not Only.LIGHT:
            return shown
        self._remarks.add(WITHOUT_PAYLOADS, table.name, of=row[table.key])
        payloads = asked.context.streams[table.name].payloads
        missing = [name for name in payloads if not self._hidden.leaves_out(table, name)]
        return shown | dict.fromkeys(missing, precut.NOT_ASKED)

    def _line(self, table: Table, row: Row, at: datetime) -> bytes:
        """The row encoded; one larger than a batch is cut."""
        exact = self._limits.exact
        stamp = {"_synced_at": render(at)} if self._limits.stamped else {}
        line = rows.encode({**row, **stamp} if stamp else row, exact=exact)
        if len(line) <= self._limits.bytes_max:
            return line
        fit = cutting.cut(table, row, self._limits.bytes_max - len(rows.encode(stamp)), self._remarks)
        return rows.encode({**fit, **stamp}, exact=exact)


def _has_id(table: Table, row: Row) -> bool:
    """Whether the record can be asked for by its id. A key made of other columns, or a text, is not one by its nature."""
    return not table.is_keyed_by_id or is_id(row[table.key])


def _mark(table: Table, record: bytes, row: Row | None) -> str:
    """What a place in a list is known by: the record's id, or an id made of the record where it has none."""
    if row and is_id(row[table.key]):
        return str(row[table.key])
    return str(UUID(bytes=blake2b(record, digest_size=16).digest()))
