"""The engine: from a state to batches of rows, each with the state that fits it.

    LangSmith --page--> rows --> batch (rows, state) --> the face: rows first, then the state

Here: the loop and its bounds. Not here: what to read (plan), what must be known first (preparation), how a page becomes lines
(records), what a failing page means (failing), how to send (adapters), where rows go (the faces). The source is the only way out;
the clock's readings come in.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime

from msgspec.structs import replace

from langsmith_core import cycles, endpoints, jsontext, listing, parents, plan, run_queries, sizing, unfilled, walks, windows
from langsmith_core.batch import Batch, Limits
from langsmith_core.calls import Call, Page, Reply, Source
from langsmith_core.config import Settings
from langsmith_core.errors import OutOfTimeError, SyncError, UpstreamError
from langsmith_core.failing import Failing, malformed
from langsmith_core.payloads import Payloads
from langsmith_core.preparation import Preparation
from langsmith_core.privacy import Hidden
from langsmith_core.records import Read, Records
from langsmith_core.remarks import Remarks
from langsmith_core.state import Slice, State
from langsmith_core.streams import BY_TABLE, EXAMPLE, PROJECT, RUN

EMPTIES_MAX = 9
"""Fivetran ends a connection after more than ten empty answers in a row."""
_log = logging.getLogger(__name__)


class Engine:
    """One pass over the work that a state has left. `names` caches parent names; it is no state.

    What is to be said of single records goes into `remarks`, which whoever ends the pass tells.
    """

    def __init__(
        self,
        settings: Settings,
        source: Source,
        now: Callable[[], datetime],
        limits: Limits,
        names: parents.Names | None = None,
        remarks: Remarks | None = None,
    ) -> None:
        self._settings, self._source, self._now, self._limits = settings, source, now, limits
        self._remarks = remarks = remarks or Remarks()
        hidden = Hidden(settings)
        self._payloads = Payloads(source, limits, hidden, remarks)
        self._records = Records(self._payloads, self._ask, names or parents.Names(), limits, hidden, remarks)
        self._preparation = Preparation(settings, self._ask, now, hidden, remarks)
        self._failing = Failing(settings, self._ask, now, remarks)
        self._requests = 0
        self._page_bytes = 0

    def batches(self, state: State) -> Iterator[Batch]:
        """Batches until the work is done, the time is over or a failure stops it; the last has `has_more` false if done.

        Raises SyncError only where nothing at all was gained; a later failure is logged and ends the pass.
        """
        begun, (state, fresh), gained = state, self._begun(state), False
        while True:
            batch, failure = self._batch(state, fresh=fresh)
            gained = gained or (batch.pages > 0 and not (failure and _same(batch.state, begun)))
            if failure and not gained:
                raise failure
            if failure and not isinstance(failure, OutOfTimeError):
                _log.error("stopped early, what was read is kept: %s", failure)
            yield _closed(batch, self._now())
            state, fresh = batch.state, False
            if failure or not batch.has_more or cycles.drained(state) or self._limits.seconds_left() <= 0:
                return

    def _begun(self, state: State) -> tuple[State, bool]:
        """The state that a call goes on from, and whether it first looks at the workspace anew."""
        now = self._now()
        state = cycles.unstuck(cycles.continued(state), now)
        retrying = cycles.retrying(state, self._settings, now)
        if retrying:
            return retrying, False
        return state, cycles.drained(state) or cycles.outdated(state, self._settings, now)

    def _batch(self, state: State, *, fresh: bool) -> tuple[Batch, SyncError | None]:
        """Pages until the batch is full, the work is done, the time is over, or one fails."""
        batch, self._requests = Batch(state), 0
        failure: SyncError | None = None
        try:
            if fresh:
                batch.state = self._opened(state)
            self._fill(batch)
        except (SyncError, jsontext.MalformedError) as error:
            failure = malformed(error)
        batch.requests = self._requests
        return batch, failure or (self._failing.last if cycles.drained(batch.state) else None)

    def _fill(self, batch: Batch) -> None:
        """At least one step, then more while there is room and time."""
        more = not cycles.drained(batch.state)
        while more:
            if cycles.due(batch.state, self._now()):
                batch.state = self._opened(batch.state)
            room = self._step(batch)
            batch.state = plan.settled(batch.state, self._settings)
            room = room and batch.size + self._page_bytes <= self._limits.bytes_max
            more = room and self._limits.seconds_left() > 0 and not cycles.drained(batch.state)
        batch.has_more = bool(batch.state.owed) or not cycles.drained(batch.state)

    def _opened(self, state: State) -> State:
        api = run_queries.run_api(self._ask(endpoints.INFO).body)
        projects = parents.resolved(self._settings, self._ask, first=state.scope is None)
        left_out = parents.left_out(self._settings, self._ask)
        return cycles.opened(walks.switched(state, api), self._settings, projects, self._now(), left_out)

    def _step(self, batch: Batch) -> bool:
        """Read one page into the batch. False: it does not fit beside what is there, and the position has not moved."""
        api = batch.state.api or "v1"
        state, piece = plan.next_slice(batch.state, self._settings, api)
        if piece is None:
            batch.state = state
            return True
        stalled = self._failing.stalled(state, piece)
        if stalled:
            batch.state = stalled
            return True
        if piece.unfilled_since and self._payloads.failing:
            batch.state = unfilled.put_back(state, self._settings, piece, self._remarks)
            return True
        most = endpoints.rows_max(piece.table, api, self._settings.page_size)
        limit = sizing.page_rows(state, piece, most, self._limits.bytes_max)
        try:
            return self._read(batch, state, piece, api, limit)
        except (UpstreamError, jsontext.MalformedError) as error:
            batch.state = self._failing.past(batch, state, piece, limit, malformed(error))
        return True

    def _read(self, batch: Batch, state: State, piece: Slice, api: str, limit: int) -> bool:
        call = self._preparation.call(batch, state, piece, api, limit)
        if call is None:
            return True
        reply = self._ask(call)
        return self._take(batch, state, piece, endpoints.page(piece, api, reply.body), limit, piece.seen or reply.at)

    def _take(self, batch: Batch, state: State, piece: Slice, page: Page, limit: int, at: datetime) -> bool:
        """Put a page into the batch and move the state past it, if it fits."""
        stream, api, now = BY_TABLE[piece.table], state.api or "v1", self._now()
        read = self._records.read(piece, page, walks.waiting(state), api, self._limits.bytes_max - batch.size)
        held = {row[stream.key] for row in read.unfilled if unfilled.held(state, piece, row, now)}
        first = piece.table != PROJECT.table or listing.is_first(state)
        shown = [row for row in read.rows if row[stream.key] not in held] if first else []
        shown = self._records.shown(stream, shown, state.left_out)
        lines = self._records.lines(stream, shown, at)
        size = sum(map(len, lines.values())) + len(lines)
        state = walks.weighed(state, stream.table, size, len(shown))
        if size > self._limits.bytes_max and limit > 1:
            batch.state = walks.moved(state, sizing.cut(piece, limit, size, self._limits.bytes_max))
            return True
        if batch.size and batch.size + size > self._limits.bytes_max:
            batch.state = replace(batch.state, row_bytes=state.row_bytes)
            return False
        self._page_bytes = max(self._page_bytes, size)
        after = sizing.grown(read.rest or self._advanced(piece, read, page, limit, api), size, self._limits.bytes_max)
        state = walks.timed(state, stream, shown, now)
        state = unfilled.noted(state, self._settings, piece, read.unfilled, now, self._remarks)
        batch.state = plan.absorbed(state, piece, after, read.rows, self._settings)
        batch.add(stream.table, lines, size)
        batch.pages += 1
        return True

    def _advanced(self, piece: Slice, read: Read, page: Page, limit: int, api: str) -> Slice | None:
        found = read.rows
        if piece.table == RUN.table and piece.ids:
            return windows.after_ids(piece, [row["run_id"] for row in found], page.cursor)
        if piece.table == RUN.table:
            return windows.after_runs(piece, [row["start_time"] for row in found if row["start_time"]], page.cursor, api)
        if piece.table == EXAMPLE.table and piece.lo is not None:
            return self._preparation.rest(piece, limit)
        if endpoints.is_record(piece):
            return None
        return windows.after_list(piece, read.marks, limit)

    def _ask(self, call: Call) -> Reply:
        self._requests += 1
        return self._source.fetch(call)


def _same(state: State, other: State) -> bool:
    """Whether two states stand at one place: what was read between them was for nothing."""
    return _place(state) == _place(other)


def _place(state: State) -> State:
    return replace(state, empties=0, row_bytes=0, newest={}, answered=None)


def _closed(batch: Batch, now: datetime) -> Batch:
    """Count answers without rows: at most nine in a row ask to be called again (law 3)."""
    empties = 0 if batch.size or not batch.has_more else batch.state.empties + 1
    if empties > EMPTIES_MAX:
        batch.has_more, empties = False, 0
    batch.state = cycles.answered(replace(batch.state, empties=empties), now)
    return batch
