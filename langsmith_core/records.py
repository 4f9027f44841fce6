"""A page's records become rows, and rows become lines: names joined, payloads filled in, what is too heavy cut.

Here: what needs both the mapping (rows) and the way out. Not here: the mapping itself, fetching payloads (payloads), or where the
lines go (batch).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from langsmith_core import cutting, rows, windows
from langsmith_core.batch import Limits
from langsmith_core.calls import Fetch, Page
from langsmith_core.parents import Names
from langsmith_core.payloads import Payloads
from langsmith_core.privacy import Hidden
from langsmith_core.rows import Row
from langsmith_core.stages import IDS_MAX
from langsmith_core.state import Slice
from langsmith_core.streams import BY_TABLE, Stream
from langsmith_core.times import render

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

    def read(self, piece: Slice, page: Page, waiting: tuple[str, ...], api: str, room: int) -> Read:
        """The rows of a page, cut where its payloads take more than the time that is left, or than `room` bytes.

        Names that the parents `waiting` will need are asked for with those it needs.
        """
        stream = BY_TABLE[piece.table]
        if not self._hidden.leaves_out(stream, stream.name_of_parent):
            self._names.learn(stream, piece.parents, waiting[: max(0, IDS_MAX - len(piece.parents))], self._ask)
        read = self._with_payloads if any(b"_s3_urls" in record for record in page.records) else self._plain
        found = read(stream, piece, page, api, room)
        self._names.note(stream, found.rows)
        return found

    def _plain(self, stream: Stream, _piece: Slice, page: Page, _api: str, _room: int) -> Read:
        return Read([rows.to_row(stream, record, self._names.by_id) for record in page.records], [])

    def _with_payloads(self, stream: Stream, piece: Slice, page: Page, api: str, room: int) -> Read:
        read, size = Read([], []), 0
        for record in page.records:
            row = rows.to_row(stream, record, self._names.by_id)
            wanted = self._payloads.wanted(stream, record, row)
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

    def shown(self, stream: Stream, found: list[Row], left_out: Sequence[str]) -> list[Row]:
        """The rows that may leave, as they may: the engine reads on by what it found, destinations see only this."""
        return [self._hidden.shown(stream, row) for row in found if not self._hidden.is_private(stream, row, left_out)]

    def lines(self, stream: Stream, found: list[Row], at: datetime) -> dict[str, bytes]:
        """Encoded rows by key; a later row of the same key wins. One larger than a batch is cut."""
        stamped = self._limits.stamped
        stamp = {"_synced_at": render(at)} if stamped else {}
        lines = {row[stream.key]: rows.encode({**row, **stamp}, exact=stamped) for row in found}
        heavy = [row for row in found if len(lines[row[stream.key]]) > self._limits.bytes_max]
        room = self._limits.bytes_max - len(rows.encode(stamp))
        fit = (cutting.cut(stream, row, room) for row in heavy)
        return lines | {row[stream.key]: rows.encode({**row, **stamp}, exact=stamped) for row in fit}
