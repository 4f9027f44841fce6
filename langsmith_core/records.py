"""A page's records become rows, and rows become lines: names joined, payloads filled in, what is too heavy cut.

Record by record: only one of a page is there in more than one form, and what is kept of a row that has become a line is light.
Here: what needs both the mapping (rows) and the way out. Not here: the mapping itself, fetching payloads (payloads), or where the
lines go (batch).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from msgspec import Struct, field

from langsmith_core import cutting, duality, endpoints, heavy, jsontext, rows, walks, windows
from langsmith_core.batch import Limits
from langsmith_core.calls import Fetch, Page
from langsmith_core.parents import Names
from langsmith_core.parsers import is_id
from langsmith_core.payloads import Payloads
from langsmith_core.privacy import Hidden
from langsmith_core.remarks import Remark, Remarks
from langsmith_core.rows import Row
from langsmith_core.stages import IDS_MAX
from langsmith_core.state import Slice, State
from langsmith_core.streams import BY_TABLE, FEEDBACK, RUN, Stream
from langsmith_core.times import render

UNREADABLE = Remark("%s: a record has no id of at most 200 characters, and is not delivered; report it", logging.ERROR)
NOT_ASKED = Remark("%s: a record that was not asked for came too and was passed over; report it if it stays")
NO_CHILDREN = Remark("%s: a record's id is no UUID; it is delivered, and nothing is asked for by it; report it")
WITHOUT_PAYLOADS = Remark(
    "%s: a record is larger than what is read of an answer; it comes without its payloads; make it smaller", logging.ERROR
)


class Asked(Struct, frozen=True):
    """What a page was asked for, and how: `piece` with the ids that the request named, `limit` records, read at `at`.

    `room` is what the batch still takes, in bytes. `delivers` says whether a row goes out, by the row and whether all its
    payloads are in it. `slim`: the record was asked for without its payloads.
    """

    state: State
    piece: Slice
    limit: int
    at: datetime
    room: int
    delivers: Callable[[Row, bool], bool]
    slim: bool = False


class Read(Struct):
    """What was read of a page: its rows, those that go out, those without a payload that may be had later, all light; the lines.

    `marks` are the ids of all records, or stand for them: places in a list are counted by them. `rest` is the slice that goes on
    where the page was cut. `whole`: each record read has an id. `heavy`: it is more than a batch holds, and was left there.
    """

    rows: list[Row] = field(default_factory=list)
    shown: list[Row] = field(default_factory=list)
    unfilled: list[Row] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    lines: dict[str, bytes] = field(default_factory=dict)
    size: int = 0
    rest: Slice | None = None
    whole: bool = True
    heavy: bool = False

    def cut(self, piece: Slice, row: Row, api: str) -> bool:
        """Leave the rest, from `row` on, to another page. False: it cannot be cut there."""
        self.rest = windows.from_run(piece, [(one["run_id"], one["start_time"]) for one in (*self.rows, row)], api)
        return self.rest is not None

    def add(self, stream: Stream, row: Row, *, filled: bool) -> None:
        """Take a row in."""
        small = rows.light(stream, row)
        self.rows.append(small)
        self.unfilled += [] if filled else [small]

    def show(self, stream: Stream, row: Row, line: bytes) -> None:
        """Take in what goes out of a row; a later one of the same key wins."""
        self.shown.append(rows.light(stream, row))
        before = self.lines.get(row[stream.key])
        self.size += len(line) - len(before) if before else len(line) + 1
        self.lines[row[stream.key]] = line


class Records:
    """The rows of one pass. `names` are those of parents, which may be known from an earlier pass of this process."""

    def __init__(self, payloads: Payloads, ask: Fetch, names: Names, limits: Limits, hidden: Hidden, remarks: Remarks) -> None:
        self._payloads, self._ask, self._names, self._limits, self._hidden = payloads, ask, names, limits, hidden
        self._remarks = remarks

    def read(self, asked: Asked, page: Page) -> Read:
        """The rows of a page, cut where its payloads take more than the time that is left, or than the batch's room.

        Names that the parents which wait will need are asked for with those it needs. A record that has no row is passed over and
        remarked on. Raises MalformedError where several are on the page and none has, then it is the page; and for a record that
        was asked for alone and is another.
        """
        piece, stream = asked.piece, BY_TABLE[asked.piece.table]
        if not self._hidden.leaves_out(stream, stream.name_of_parent):
            waiting = walks.waiting(asked.state)[: max(0, IDS_MAX - len(piece.parents))]
            self._names.learn(stream, piece.parents, waiting, self._ask)
        if endpoints.is_record(piece):
            jsontext.members(page.records[0])  # what is no record at all is no answer; one that cannot be read is there
        self._hidden.matches.turn()
        read = Read()
        for record in page.records:
            row = self._row(stream, record)
            mark = _mark(stream, record, row)
            if row is not None and self._was_asked(piece, row) and not self._took(read, stream, record, row, asked):
                break
            read.marks.append(mark)
            read.whole = read.whole and row is not None and is_id(row[stream.key])
        if not read.rows and len(page.records) > 1 and not piece.ids:
            raise jsontext.MalformedError(f"no record of a page of {stream.table} has an id")
        self._names.note(stream, read.rows)
        return read

    def _row(self, stream: Stream, record: bytes) -> Row | None:
        try:
            row = rows.to_row(stream, record, self._names.by_id, self._remarks, self._limits.bytes_max)
        except jsontext.MalformedError:
            self._remarks.add(UNREADABLE, stream.table, of=rows.label(record))
            return None
        if not is_id(row[stream.key]):
            self._remarks.add(NO_CHILDREN, stream.table, of=row[stream.key])
        return row

    def _was_asked(self, piece: Slice, row: Row) -> bool:
        """Whether a row was asked for: of any other nobody knows whether it may be read."""
        if endpoints.is_asked(piece, row):
            return True
        if endpoints.is_record(piece):
            raise jsontext.MalformedError(f"a record of {piece.table} is not the one that was asked for")
        self._remarks.add(NOT_ASKED, piece.table, of=row[BY_TABLE[piece.table].key])
        return False

    def _took(self, read: Read, stream: Stream, record: bytes, row: Row, asked: Asked) -> bool:
        """Take one record in. False: the page ends before it, or is too heavy with it."""
        may_leave, api = self._may_leave(stream, row, asked.state), duality.api_of(asked.state, asked.piece)
        wanted = self._payloads.wanted(stream, record, row) if may_leave else {}
        late = bool(wanted and read.rows) and self._limits.seconds_left() <= 0 and not self._payloads.failing
        if late and read.cut(asked.piece, row, api):
            return False
        filled = self._payloads.put_off(row, wanted) if late else self._payloads.fill(stream, row, wanted)
        shown = self._shown(stream, row, record, asked) if may_leave and asked.delivers(row, filled) else None
        line = self._line(stream, shown, asked.at) if shown else b""
        full = bool(wanted and read.rows) and read.size + len(line) + 1 > asked.room
        if full and read.cut(asked.piece, row, api):
            return False
        read.add(stream, row, filled=filled)
        if shown:
            read.show(stream, shown, line)
        read.heavy = read.size > self._limits.bytes_max and asked.limit > 1 and len(read.rows) > 1
        return not read.heavy

    def _may_leave(self, stream: Stream, row: Row, state: State) -> bool:
        """Whether a row may leave, whichever slice has brought it: its project is read."""
        project = row["project_id"] if stream in (RUN, FEEDBACK) else None
        return not self._hidden.is_private(stream, row, state.left_out) and (project is None or state.reads(project))

    def _shown(self, stream: Stream, row: Row, record: bytes, asked: Asked) -> Row:
        """The row as it may leave: the engine reads on by what it found, destinations see only this."""
        shown = self._hidden.shown(stream, row, record, self._remarks, self._limits.bytes_max)
        if not asked.slim:
            return shown
        self._remarks.add(WITHOUT_PAYLOADS, stream.table, of=row[stream.key])
        missing = [name for name in endpoints.LEFT_OUT[stream.table] if not self._hidden.leaves_out(stream, name)]
        return shown | dict.fromkeys(missing, heavy.NOT_ASKED)

    def _line(self, stream: Stream, row: Row, at: datetime) -> bytes:
        """The row encoded; one larger than a batch is cut."""
        stamped = self._limits.stamped
        stamp = {"_synced_at": render(at)} if stamped else {}
        line = rows.encode({**row, **stamp}, exact=stamped)
        if len(line) <= self._limits.bytes_max:
            return line
        fit = cutting.cut(stream, row, self._limits.bytes_max - len(rows.encode(stamp)), self._remarks)
        return rows.encode({**fit, **stamp}, exact=stamped)


def _mark(stream: Stream, record: bytes, row: Row | None) -> str:
    """What a place in a list is known by: the record's id, or an id made of the record where it has none."""
    return row[stream.key] if row and is_id(row[stream.key]) else str(UUID(bytes=blake2b(record, digest_size=16).digest()))
