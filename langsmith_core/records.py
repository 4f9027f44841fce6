"""A page's records become rows, and rows become lines: names joined, payloads filled in, what is too heavy cut.

Here: what needs both the mapping (rows) and the way out. Not here: the mapping itself, fetching payloads (payloads), or where the
lines go (batch).
"""

from __future__ import annotations

import logging
from datetime import datetime

from msgspec import Struct

from langsmith_core import cutting, duality, endpoints, jsontext, rows, walks, windows
from langsmith_core.batch import Limits
from langsmith_core.calls import Fetch, Page
from langsmith_core.parents import Names
from langsmith_core.parsers import is_id
from langsmith_core.payloads import Payloads
from langsmith_core.privacy import Hidden
from langsmith_core.rows import Row
from langsmith_core.stages import IDS_MAX
from langsmith_core.state import Slice, State
from langsmith_core.streams import BY_TABLE, FEEDBACK, RUN, Stream
from langsmith_core.times import render

_log = logging.getLogger(__name__)
STAMP = 64
"""Bytes that a row's time of reading takes in a line."""


class Read(Struct):
    """What was read of a page: its rows, those without a payload that may be had later, and the rest where the page was cut."""

    rows: list[Row]
    unfilled: list[Row]
    rest: Slice | None = None

    def cut(self, piece: Slice, row: Row, api: str) -> bool:
        """Leave the rest, from `row` on, to another page. False: it cannot be cut there."""
        self.rest = windows.from_run(piece, [(one["run_id"], one["start_time"]) for one in (*self.rows, row)], api)
        return self.rest is not None


class Records:
    """The rows of one pass. `names` are those of parents, which may be known from an earlier pass of this process."""

    def __init__(self, payloads: Payloads, ask: Fetch, names: Names, limits: Limits, hidden: Hidden) -> None:
        self._payloads, self._ask, self._names, self._limits, self._hidden = payloads, ask, names, limits, hidden

    def read(self, piece: Slice, page: Page, state: State, room: int) -> Read:
        """The rows of a page, cut where its payloads take more than the time that is left, or than `room` bytes.

        Names that the parents which wait will need are asked for with those it needs. `piece` names the ids that were asked for,
        where any were. Raises MalformedError for a record that has no id, or for one that was asked for alone and is another.
        """
        stream, waiting = BY_TABLE[piece.table], walks.waiting(state)
        if not self._hidden.leaves_out(stream, stream.name_of_parent):
            self._names.learn(stream, piece.parents, waiting[: max(0, IDS_MAX - len(piece.parents))], self._ask)
        found = self._asked(piece, [(record, self._row(stream, record)) for record in page.records])
        if any(b"_s3_urls" in record for record, _ in found):
            read = self._with_payloads(piece, found, state, room)
        else:
            read = Read([row for _, row in found], [])
        self._names.note(stream, read.rows)
        return read

    def _row(self, stream: Stream, record: bytes) -> Row:
        row = rows.to_row(stream, record, self._names.by_id)
        if not is_id(row[stream.key]):
            raise jsontext.MalformedError(f"a record of {stream.table} has an id that is no UUID")
        return row

    def _asked(self, piece: Slice, found: list[tuple[bytes, Row]]) -> list[tuple[bytes, Row]]:
        """Those that were asked for: of any other nobody knows whether it may be read."""
        asked = [one for one in found if endpoints.is_asked(piece, one[1])]
        if len(asked) == len(found):
            return found
        if endpoints.is_record(piece):
            raise jsontext.MalformedError(f"a record of {piece.table} is not the one that was asked for")
        told = {"fields": {"stream": piece.table}}
        _log.warning(
            "%s: %d records that were not asked for came too and were passed over; report it if it stays",
            piece.table,
            len(found) - len(asked),
            extra=told,
        )
        return asked

    def _with_payloads(self, piece: Slice, found: list[tuple[bytes, Row]], state: State, room: int) -> Read:
        stream, api, read, size = BY_TABLE[piece.table], duality.api_of(state, piece), Read([], []), 0
        for record, row in found:
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
        return read

    def shown(self, stream: Stream, found: list[Row], state: State) -> list[Row]:
        """The rows that may leave, as they may: the engine reads on by what it found, destinations see only this."""
        self._hidden.matches.turn()
        return [self._hidden.shown(stream, row) for row in found if self._may_leave(stream, row, state)]

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
        fit = (cutting.cut(stream, row, room) for row in heavy)
        return lines | {row[stream.key]: rows.encode({**row, **stamp}, exact=stamped) for row in fit}
