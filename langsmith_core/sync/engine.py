"""The engine: from a state to batches of rows, each with the state that fits it.

    LangSmith --page--> rows --> batch (rows, state) --> the face: rows first, then the state

Here: the loop and its bounds. Not here: what comes next (agenda, look), one step of it (step), how to send (langsmith), or where
rows go (faces). The source is the only way out; the clock's readings come in.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime

from msgspec.structs import replace

from langsmith_core.calls import INFO, Source
from langsmith_core.errors import OutOfTimeError, SyncError
from langsmith_core.records.json_text import MalformedError
from langsmith_core.remarks import Remarks
from langsmith_core.settings.config import Settings
from langsmith_core.sync import agenda, confine, look, look_again, names, run_apis, shards, state_size
from langsmith_core.sync.ahead import Ahead
from langsmith_core.sync.batch import Batch, Limits
from langsmith_core.sync.failing import malformed
from langsmith_core.sync.progress import gained as has_gained
from langsmith_core.sync.state import State
from langsmith_core.sync.step import Steps

EMPTIES_MAX = 9
"""Fivetran ends a connection after more than ten empty answers in a row."""
_log = logging.getLogger(__name__)


class Engine:
    """One pass over the work that a state has left. `known` caches names of parents; it is no state.

    Messages about single records go into `remarks`; whoever ends the pass logs them. `before` holds what an earlier call had
    under way for the same state.
    """

    def __init__(
        self,
        settings: Settings,
        source: Source,
        now: Callable[[], datetime],
        limits: Limits,
        known: names.Names | None = None,
        remarks: Remarks | None = None,
        before: Ahead | None = None,
    ) -> None:
        self._settings, self._now, self._limits = settings, now, limits
        known = known or names.Names()
        self._steps = Steps(settings, source, now, limits, known, remarks or Remarks(), before)
        self.ahead = self._steps.asking.ahead
        self._confinement = confine.Confinement(settings, self._steps.asking.ask, now, known)
        self.matches = self._steps.matches

    def batches(self, state: State, *, further: bool = False) -> Iterator[Batch]:
        """Give batches until the work is done, the time is over or a failure stops it. `has_more` is false once it is done.

        `further`: the caller goes on with the call that gave it the state, so a look in progress takes no call more.
        Raises SyncError only where the pass gained nothing at all. A later failure is logged and ends the pass.
        """
        begun, (state, fresh), gained = state, self._begun(state, further=further), False
        while True:
            batch, failure = self._batch(state, fresh=fresh)
            gained = gained or has_gained(batch, failure, begun)
            if failure and not gained:
                raise failure
            if failure and not isinstance(failure, OutOfTimeError):
                _log.error("stopped early; the rows read so far are kept, and the next call continues: %s", failure)
            yield self._closed(batch)
            state, fresh = batch.state, False
            if failure or not batch.has_more or state.drained or self._limits.seconds_left() <= 0:
                return

    def _begun(self, state: State, *, further: bool) -> tuple[State, bool]:
        """Find the state that a call goes on from, and whether the call begins with a new look."""
        if state.turn is not None:
            return state, False
        now = self._now()
        state = look.unstuck(state if further else look.continued(state), now)
        retrying = look_again.retrying(state, self._settings, now)
        if retrying:
            return retrying, False
        return state, state.drained or look_again.outdated(state, self._settings, now)

    def _batch(self, state: State, *, fresh: bool) -> tuple[Batch, SyncError | None]:
        """Fill a batch until it is full, the work is done, the time is over, or a page fails."""
        batch, before = Batch(state), self.ahead.requests
        failure: SyncError | None = None
        try:
            batch.state = self._opened(batch) if fresh else self._confined(batch)
            self._fill(batch)
        except (SyncError, MalformedError) as error:
            failure = malformed(error)
        batch.requests = self.ahead.requests - before
        return batch, failure or (self._steps.last_failure if batch.state.drained else None)

    def _fill(self, batch: Batch) -> None:
        """Take one step, then more while there is room and time."""
        batch.state = self._settled(batch.state)
        more = not batch.state.drained
        while more:
            if look.due(batch.state, self._now()):
                batch.state = self._settled(self._opened(batch))
            room = self._steps.take(batch)
            batch.state = self._settled(batch.state)
            room = room and batch.size + self._steps.page_bytes <= self._limits.bytes_max
            more = room and self._limits.seconds_left() > 0 and not batch.state.drained
        batch.has_more = not batch.state.drained or bool(batch.state.waiting("failed"))

    def _settled(self, state: State) -> State:
        """Pass over what ends without a request. So a call whose last request failed knows that it was the last."""
        while not (state := shards.given_out(state, self._limits.instances)).drained:
            task = agenda.next_task(state)
            if task is None:
                state = look.opened_next(state, self._settings)
            elif task.work.asks_nothing:
                state = self._steps.led_on(state, task)
            else:
                return state
        return state

    def _opened(self, batch: Batch) -> State:
        """Begin a look. Its times are LangSmith's own: it has just answered."""
        info, now = self._steps.asking.ask(INFO).body, self._now()
        state = look.of_this_time(batch.state, now)
        state, api = run_apis.learned(state, self._settings, info, now, deep=look.is_deep(state, now))
        with self._confinement.noting(batch):
            projects, left_out = self._confinement.asked(state)
        state = shards.taken_back(agenda.switched(replace(state, looked_up=None), self._settings, api), self._limits.instances)
        return self._confinement.of(look.opened(state, self._settings, projects, self._now(), left_out))

    def _confined(self, batch: Batch) -> State:
        with self._confinement.noting(batch):
            return self._confinement.of(batch.state)

    def _closed(self, batch: Batch) -> Batch:
        """Count answers without rows: at most nine in a row ask for another call (law 3). And make the state fit (law 4)."""
        empties = 0 if batch.size or not batch.has_more else batch.state.empties + 1
        if empties > EMPTIES_MAX:
            batch.has_more, empties = False, 0
        state = look_again.answered(replace(batch.state, empties=empties), self._now())
        batch.state = state_size.fitted(state, self._settings)
        return batch
