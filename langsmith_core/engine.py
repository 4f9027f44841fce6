"""The engine: from a state to batches of rows, each with the state that fits it.

    LangSmith --page--> rows --> batch (rows, state) --> the face: rows first, then the state

Here: the loop and its bounds. Not here: what to read (plan), what must be known first (preparation), how a page becomes lines
(records), what a failing page means (failing), how to send (adapters), where rows go (the faces). The source is the only way out;
the clock's readings come in.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from datetime import datetime

from msgspec.structs import replace

from langsmith_core import (
    confine,
    cycles,
    duality,
    endpoints,
    fitting,
    jsontext,
    listing,
    moving,
    parents,
    plan,
    sizing,
    unfilled,
    walks,
)
from langsmith_core.batch import Batch, Limits
from langsmith_core.calls import Call, Only, Page, Reply, Source
from langsmith_core.config import Settings
from langsmith_core.errors import OutOfTimeError, SyncError, TooLargeError, UpstreamError
from langsmith_core.failing import Failing, malformed
from langsmith_core.gains import gained as has_gained
from langsmith_core.payloads import Payloads
from langsmith_core.preparation import Preparation
from langsmith_core.privacy import Hidden
from langsmith_core.records import Asked, Read, Records
from langsmith_core.remarks import Remarks
from langsmith_core.rows import Row
from langsmith_core.state import Slice, State
from langsmith_core.streams import BY_TABLE, EXAMPLE, PROJECT

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
        self.matches, self._remarks = hidden.matches, remarks
        self._payloads = Payloads(source, limits, hidden, remarks)
        names = names or parents.Names()
        self._records = Records(self._payloads, self._ask, names, limits, hidden, remarks)
        self._confinement = confine.Confinement(settings, self._ask, now, names)
        self._preparation = Preparation(settings, self._ask, now, hidden, remarks)
        self._failing = Failing(settings, self._ask, now, remarks, self._preparation)
        self._requests = 0
        self._page_bytes = 0

    def batches(self, state: State) -> Iterator[Batch]:
        """Batches until the work is done, the time is over or a failure stops it; the last has `has_more` false if done.

        Raises SyncError only where nothing at all was gained; a later failure is logged and ends the pass.
        """
        begun, (state, fresh), gained = state, self._begun(state), False
        while True:
            batch, failure = self._batch(state, fresh=fresh)
            gained = gained or has_gained(batch, failure, begun)
            if failure and not gained:
                raise failure
            if failure and not isinstance(failure, OutOfTimeError):
                _log.error("stopped early, what was read is kept and the next call goes on: %s", failure)
            yield self._closed(batch)
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
            batch.state = self._opened(batch) if fresh else self._confined(batch)
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
                batch.state = self._opened(batch)
            room = self._step(batch)
            batch.state = plan.settled(batch.state, self._settings)
            room = room and batch.size + self._page_bytes <= self._limits.bytes_max
            more = room and self._limits.seconds_left() > 0 and not cycles.drained(batch.state)
        batch.has_more = bool(batch.state.owed) or not cycles.drained(batch.state)

    def _opened(self, batch: Batch) -> State:
        info, now = self._ask(endpoints.INFO).body, self._now()  # by LangSmith's clock: it has just answered
        state = cycles.of_this_time(batch.state, now)
        state, api = duality.told(state, self._settings, info, now, deep=cycles.is_deep(state, now))
        with self._confinement.noting(batch):
            projects, left_out = self._confinement.asked(state)
        state = walks.switched(replace(state, looked_up=None), api)
        return self._confinement.of(cycles.opened(state, self._settings, projects, self._now(), left_out))

    def _confined(self, batch: Batch) -> State:
        with self._confinement.noting(batch):
            return self._confinement.of(batch.state)

    def _step(self, batch: Batch) -> bool:
        """Read one page into the batch. False: it does not fit beside what is there, and the position has not moved."""
        state, piece = plan.next_slice(batch.state, self._settings, batch.state.api or "v1")
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
        most = endpoints.rows_max(piece.table, duality.api_of(state, piece), self._settings.page_size)
        limit = sizing.page_rows(state, piece, most, self._limits.bytes_max - batch.size)
        return self._tried(batch, state, piece, limit, Only.of(plain=state.plain))

    def _tried(self, batch: Batch, state: State, piece: Slice, limit: int, only: Only) -> bool:
        """Read one page; where one record alone is too large, that record without its payloads."""
        try:
            return self._read(batch, state, piece, limit, only)
        except (UpstreamError, jsontext.MalformedError) as error:
            traceback.clear_frames(error.__traceback__)  # an error that is kept does not keep the answer
            alone = isinstance(error, TooLargeError) and limit == 1 and piece.table in endpoints.LEFT_OUT
            if alone and only is not Only.LIGHT:
                return self._tried(batch, state, piece, 1, Only.LIGHT)
            batch.state = self._failing.past(batch, state, piece, limit, malformed(error))
        return True

    def _read(self, batch: Batch, state: State, piece: Slice, limit: int, only: Only) -> bool:
        call = self._preparation.call(batch, state, piece, limit, only)
        if call is None:
            return True
        reply = self._ask(call)
        at, page = piece.seen or reply.at, endpoints.page(piece, duality.api_of(state, piece), reply.body, limit)
        del reply  # its body, before rows are made of the page
        first, now = piece.table != PROJECT.table or listing.is_first(state), self._now()

        def delivers(row: Row, filled: bool) -> bool:
            return first and (filled or not unfilled.held(state, piece, row, now))

        named, room = self._preparation.named(piece, limit), self._limits.bytes_max - batch.size
        asked = Asked(state, named, limit, at, room, delivers, only is Only.LIGHT)
        return self._take(batch, state, piece, page, self._records.read(asked, page), limit)

    def _take(self, batch: Batch, state: State, piece: Slice, page: Page, read: Read, limit: int) -> bool:
        """Put a page into the batch and move the state past it, if it fits."""
        stream, now = BY_TABLE[piece.table], self._now()
        state = walks.weighed(state, stream.table, read.size, len(read.shown))
        if read.heavy:
            batch.state = walks.moved(state, sizing.cut(piece, len(read.rows), read.size, self._limits.bytes_max))
            return True
        if batch.size and batch.size + read.size > self._limits.bytes_max:
            batch.state = replace(batch.state, row_bytes=state.row_bytes, weights=state.weights)
            return False
        self._page_bytes = max(self._page_bytes, read.size)
        piece = piece if read.whole else plan.unread(piece)
        after = read.rest or self._advanced(state, piece, read, page, limit)
        after = sizing.grown(after, read.size, self._limits.bytes_max)
        state = walks.timed(state, stream, read.shown, now)
        state = unfilled.noted(state, self._settings, piece, read.unfilled, now, self._remarks)
        batch.state = plan.absorbed(state, piece, after, read.rows, self._settings)
        batch.add(stream.table, read.lines, read.size)
        self.matches.keep(stream.table, len(read.shown))
        batch.pages += 1
        return True

    def _advanced(self, state: State, piece: Slice, read: Read, page: Page, limit: int) -> Slice | None:
        if piece.table == EXAMPLE.table and piece.lo is not None:
            return self._preparation.rest(piece, limit)
        return moving.after_page(state, piece, read, page, limit)

    def _closed(self, batch: Batch) -> Batch:
        """Count answers without rows: at most nine in a row ask to be called again (law 3). And the state fits (law 4)."""
        empties = 0 if batch.size or not batch.has_more else batch.state.empties + 1
        if empties > EMPTIES_MAX:
            batch.has_more, empties = False, 0
        batch.state = fitting.fitted(cycles.answered(replace(batch.state, empties=empties), self._now()), self._settings)
        return batch

    def _ask(self, call: Call) -> Reply:
        self._requests += 1
        return self._source.fetch(call)
