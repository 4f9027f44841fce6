"""A page's records become rows, and rows become lines: names joined, offloaded payloads filled in, what is too heavy cut.

Here: what needs both the mapping (rows) and the way out. Not here: the mapping itself, or where the lines go (batch).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from langsmith_core import cutting, jsontext, rows
from langsmith_core.batch import Limits
from langsmith_core.calls import Fetch, Page, Source
from langsmith_core.errors import SyncError
from langsmith_core.parents import Names
from langsmith_core.privacy import Hidden
from langsmith_core.rows import Row
from langsmith_core.stages import IDS_MAX
from langsmith_core.state import Slice
from langsmith_core.streams import BY_TABLE, Stream
from langsmith_core.times import render

_log = logging.getLogger(__name__)


class Records:
    """The rows of one pass. `names` are those of parents, which may be known from an earlier pass of this process."""

    def __init__(self, source: Source, ask: Fetch, names: Names, limits: Limits, hidden: Hidden) -> None:
        self._source, self._ask, self._names, self._limits, self._hidden = source, ask, names, limits, hidden

    def rows(self, piece: Slice, page: Page, waiting: tuple[str, ...]) -> list[Row]:
        """The rows of a page; names that the parents `waiting` will need are asked for with those it needs."""
        stream = BY_TABLE[piece.table]
        if not self._hidden.leaves_out(stream, stream.name_of_parent):
            self._names.learn(stream, piece.parents, waiting[: max(0, IDS_MAX - len(piece.parents))], self._ask)
        found = [self._row(stream, record) for record in page.records]
        self._names.note(stream, found)
        return found

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

    def _row(self, stream: Stream, record: bytes) -> Row:
        """One row, with the payloads that LangSmith keeps elsewhere filled in, or marked where they cannot be had."""
        row = rows.to_row(stream, record, self._names.by_id)
        for name, address in rows.offloaded(stream, record, row).items():
            if self._hidden.leaves_out(stream, name):
                continue
            try:
                body = self._source.download(address, self._limits.bytes_max)
                row[name] = jsontext.column(jsontext.strict(body, 0))
            except (SyncError, jsontext.MalformedError) as error:
                _log.warning(
                    "%s %s: its %s could not be fetched: %s",
                    stream.table,
                    row[stream.key],
                    name,
                    error,
                    extra={"fields": {"stream": stream.table}},
                )
                row[name] = jsontext.dumps({"_not_fetched": type(error).__name__.removesuffix("Error").lower()})
        return row
