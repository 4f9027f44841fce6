"""A page's records become rows, and rows become lines: names joined, payloads filled in, what is too heavy cut.

Here: what needs both the mapping (rows) and the way out. Not here: the mapping itself, fetching payloads (payloads), or where the
lines go (batch).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from msgspec import Struct

from langsmith_core import cutting, duality, endpoints, jsontext, rows, walks, windows
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

_log = logging.getLogger(__name__)
STAMP = 64
"""Bytes that a row's time of reading takes in a line."""
UNREADABLE = Remark("%s: a record has no id of at most 200 characters, and is not delivered; report it", logging.ERROR)
NOT_ASKED = Remark("%s: a record that was not asked for came too and was passed over; report it if it stays")
NO_CHILDREN = Remark("%s: a record's id is no UUID; it is delivered, and nothing is asked for by it; report it")


class Read(Struct):
    """What was read of a page: its rows, those without a payload that may be had later, and the rest where the page was cut.

    `marks` are the ids of all records, or stand for them: places in a list are counted by them.
    """

    rows: list[Row]
    unfilled: list[Row]
    marks: list[str]
    rest: Slice | None = None

    def cut(self, piece: Slice, row: Row, api: str) -> bool:
        """Leave the rest, from `row` on, to another page. False: it cannot be cut there."""
        self.rest = windows.from_run(piece, [(one["run_id"], one["start_time"]) for one in (*self.rows, row)], api)
        return self.rest is not None


class Records:
    """The rows of one pass. `names` are those of parents, which may be known from an earlier pass of this process."""

    def __init__(self, payloads: Payloads, ask: Fetch, names: Names, limits: Limits, hidden: Hidden, remarks: Remarks) -> None:
        self._payloads, self._ask, self._names, self._limits, self._hidden = payloads, ask, names, limits, hidden
        self._remarks = remarks

    def read(self, piece: Slice, page: Page, state: State, room: int) -> Read:
        """The rows of a page, cut where its payloads take more than the time that is left, or than `room` bytes.

        Names that the parents which wait will need are asked for with those it needs. `piece` names the ids that were asked for,
        where any were. A record that has no row is passed over and remarked on. Raises MalformedError where several are on the
        page and none has, then it is the page; and for a record that was asked for alone and is another.
        """
        stream, waiting = BY_TABLE[piece.table], walks.waiting(state)
        if not self._hidden.leaves_out(stream, stream.name_of_parent):
            self._names.learn(stream, piece.parents, waiting[: max(0, IDS_MAX - len(piece.parents))], self._ask)
        made = [(record, self._row(stream, record)) for record in page.records]
        pairs = self._asked(piece, [(record, row) for record, row in made if row is not None])
        if not pairs and (endpoints.is_record(piece) or (len(made) > 1 and not piece.ids)):
            raise jsontext.MalformedError(f"no record of a page of {stream.table} has an id")
        read = Read([], [], [_mark(stream, record, row) for record, row in made])
        if any(b"_s3_urls" in record for record, _ in pairs):
            self._fill(read, stream, piece, pairs, state, room)
        else:
            read.rows = [row for _, row in pairs]
        self._names.note(stream, read.rows)
        return read

    def _row(self, stream: Stream, record: bytes) -> Row | None:
        try:
            row = rows.to_row(stream, record, self._names.by_id, self._remarks)
        except jsontext.MalformedError:
            self._remarks.add(UNREADABLE, stream.table, of=rows.label(record))
            return None
        if not is_id(row[stream.key]):
            self._remarks.add(NO_CHILDREN, stream.table, of=row[stream.key])
        return row

    def _asked(self, piece: Slice, found: list[tuple[bytes, Row]]) -> list[tuple[bytes, Row]]:
        """Those that were asked for: of any other nobody knows whether it may be read."""
        asked = [one for one in found if endpoints.is_asked(piece, one[1])]
        if len(asked) < len(found) and endpoints.is_record(piece):
            raise jsontext.MalformedError(f"a record of {piece.table} is not the one that was asked for")
        for _, row in found if len(asked) < len(found) else []:
            if not endpoints.is_asked(piece, row):
                self._remarks.add(NOT_ASKED, piece.table, of=row[BY_TABLE[piece.table].key])
        return asked

    def _fill(
        self, read: Read, stream: Stream, piece: Slice, pairs: Sequence[tuple[bytes, Row]], state: State, room: int
    ) -> None:
        """Take the rows of a page in with their payloads, as far as there is time and room."""
        size, api = 0, duality.api_of(state, piece)
        for record, row in pairs:
            wanted = self._payloads.wanted(stream, record, row) if self._may_leave(stream, row, state) else {}
            late = bool(wanted and read.rows) and self._limits.seconds_left() <= 0 and not self._payloads.failing
            if late and read.cut(piece, row, api):
                break
            filled = self._payloads.put_off(row, wanted) if late else self._payloads.fill(stream, row, wanted)
            size += len(rows.encode(row)) + STAMP
            if size > room and read.rows and read.cut(piece, row, api):
                break
            read.rows.append(row)
            read.unfilled += [] if filled else [row]

    def shown(self, stream: Stream, found: list[Row], state: State) -> list[Row]:
        """The rows that may leave, as they may: the engine reads on by what it found, destinations see only this."""
        self._hidden.matches.turn()
        return [self._hidden.shown(stream, row, self._remarks) for row in found if self._may_leave(stream, row, state)]

    def _may_leave(self, stream: Stream, row: Row, state: State) -> bool:
        """Whether a row may leave, whichever slice has brought it: its project is read."""
        project = row["project_id"] if stream in (RUN, FEEDBACK) else None
        return not self._hidden.is_private(stream, row, state.left_out) and (project is None or state.reads(project))

    def lines(self, stream: Stream, found: list[Row], at: datetime) -> dict[str, bytes]:
        """Encoded rows by key; a later row of the same key wins. One larger than a batch is cut."""
        stamped = self._limits.stamped
        stamp = {"_synced_at": render(at)} if stamped else {}
        lines = {row[stream.key]: rows.encode({**row, **stamp}, exact=stamped) for row in found}
        heavy = [row for row in found if len(lines[row[stream.key]]) > self._limits.bytes_max]
        room = self._limits.bytes_max - len(rows.encode(stamp))
        fit = (cutting.cut(stream, row, room, self._remarks) for row in heavy)
        return lines | {row[stream.key]: rows.encode({**row, **stamp}, exact=stamped) for row in fit}


def _mark(stream: Stream, record: bytes, row: Row | None) -> str:
    """What a place in a list is known by: the record's id, or an id made of the record where it has none."""
    return row[stream.key] if row and is_id(row[stream.key]) else str(UUID(bytes=blake2b(record, digest_size=16).digest()))
