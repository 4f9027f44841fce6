"""What a failing page means for the walk: ask another way, pass over what is gone, or put the slice aside for the others.

Here: the choice, and telling a slice that fails from a LangSmith that does. Not here: retries (adapters.langsmith), which answer
means which error (adapters.answers), how a state is changed (plan, walks).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from msgspec.structs import replace

from langsmith_core import duality, endpoints, jsontext, plan, walks, windows
from langsmith_core.batch import Batch
from langsmith_core.calls import Fetch
from langsmith_core.config import Settings
from langsmith_core.errors import (
    GoneError,
    LimitedError,
    NotServedError,
    OutOfTimeError,
    RefusedError,
    SyncError,
    TooHeavyError,
    TooLargeError,
    UpstreamError,
)
from langsmith_core.forms import Forms
from langsmith_core.preparation import Preparation
from langsmith_core.privacy import Hidden
from langsmith_core.remarks import Remark, Remarks
from langsmith_core.state import Slice, State
from langsmith_core.streams import EXAMPLE, PROJECT, RUN
from langsmith_core.times import render

GONE = Remark("%s: gone from LangSmith while it was read, or since; nothing is to be done")
CURSOR_DIED = Remark("%s: LangSmith no longer takes a page cursor; asking its window again")
PASSED_OVER = Remark(
    "%s: a record is larger than what is read of an answer and is passed over, the others go on; make it smaller", logging.ERROR
)
SKIPPED_MAX = 10
"""Records of lists that are passed over in one pass: where there are more, it is no record that is too large, but the answer."""
_log = logging.getLogger(__name__)
Failure = TypeVar("Failure", bound=SyncError)


class Failing:
    """The failures of one pass. `last` is that of the slice put aside last; None while there is none."""

    def __init__(
        self, settings: Settings, ask: Fetch, now: Callable[[], datetime], remarks: Remarks, preparation: Preparation
    ) -> None:
        self._settings, self._ask, self._now, self._remarks, self._preparation = settings, ask, now, remarks, preparation
        self._forms = Forms(ask, Hidden(settings))
        self._switches = self._skipped = 0
        self._stalled: tuple[Slice, UpstreamError] | None = None
        self.last: UpstreamError | None = None

    def past(self, batch: Batch, state: State, piece: Slice, limit: int, error: UpstreamError) -> State:
        """The state that goes on after a failing page. Raises an error where nothing can go on."""
        if isinstance(error, GoneError):
            return self._without(batch, state, piece, error)
        around = self._around(state, piece, limit, error)
        return around or self._aside(state, piece, error)

    def stalled(self, state: State, piece: Slice) -> State | None:
        """The state that goes on without a list of parents that has failed in this pass; None for any other slice."""
        if self._stalled is None or piece != self._stalled[0]:
            return None
        return self._passed_over(state, *self._stalled)

    def _around(self, state: State, piece: Slice, limit: int, error: UpstreamError) -> State | None:
        """The state that tries the failed page another way; None where there is none."""
        if isinstance(error, NotServedError) and piece.table == RUN.table:
            return self._switched(state, piece)
        if isinstance(error, RefusedError) and piece.cursor:
            self._remarks.add(CURSOR_DIED, piece.table)
            after = windows.again(piece)
            return walks.moved(state, after) if after else None
        if isinstance(error, RefusedError) and piece.table == RUN.table:
            return self._asked_otherwise(state, piece, limit, error)
        if isinstance(error, TooHeavyError) and limit > 1:
            return walks.moved(state, replace(piece, limit=limit // 2))
        return self._behind(state, piece) if isinstance(error, TooLargeError) else None

    def _behind(self, state: State, piece: Slice) -> State | None:
        """The state behind one record of a list that is too large to be read; None where no list is, or too much of it."""
        if piece.table == RUN.table or self._skipped == SKIPPED_MAX:
            return None
        self._skipped += 1
        after: Slice | None = replace(piece, offset=piece.offset + 1, anchor=None)
        if endpoints.is_record(piece):
            after = None
        elif piece.table == EXAMPLE.table and piece.lo is not None:
            after = self._preparation.rest(piece, 1)
        named = self._preparation.named(piece, 1).ids or (f"the record at offset {piece.offset}",)
        self._remarks.add(PASSED_OVER, piece.table, of=named[0])
        return walks.moved(state, after) if after else plan.absorbed(state, piece, None, [], self._settings)

    def _asked_otherwise(self, state: State, piece: Slice, limit: int, error: RefusedError) -> State | None:
        """The state that asks a refused run query with less in it; None where it is refused whatever is left out."""
        whole = replace(piece, edited_since=None)
        try:
            if piece.edited_since and self._forms.passes(state, whole, limit):
                return _without_edits(state, piece, error)
            form = self._forms.fitting(state, whole, limit, error)
        except (OutOfTimeError, LimitedError):
            raise
        except UpstreamError:
            form = None  # it fails in other ways as well
        if form is None and piece.edited_since:
            return _without_edits(state, piece, error)
        return walks.moved(form, piece) if form else None

    def _switched(self, state: State, piece: Slice) -> State | None:
        """The state that asks the other run API; None where both were tried in this pass."""
        if state.v1_before and duality.api_of(state, piece) == "v1":
            _log.warning(
                "this LangSmith no longer serves v1 run queries: runs from before %s are read through v2, which lacks those that "
                "nobody has migrated to SmithDB",
                render(state.v1_before),
                extra=_of(piece),
            )
            return walks.switched(replace(state, v1_gone=True), state.api or "v2")
        if self._switches:
            return None
        self._switches += 1
        _log.warning("this instance does not serve %s run queries; going on with the other API", state.api, extra=_of(piece))
        return walks.switched(replace(state, v1_before=None), "v2" if state.api == "v1" else "v1")

    def _without(self, batch: Batch, state: State, piece: Slice, error: GoneError) -> State:
        """The state past a record that is gone: a parent that is listed no more is deleted, a slice of one is passed over."""
        if piece.table == RUN.table and len(piece.parents) == 1 and self._is_there(piece):
            # What is not there is the page itself: this instance has the other run API.
            missing = NotServedError(str(error))
            return self._around(state, piece, 1, missing) or self._aside(state, piece, missing)
        after = plan.gone(state, piece, self._settings)
        if after is None:
            raise error
        self._remarks.add(GONE, piece.table, of=next(iter((*piece.ids[:1], *piece.parents)), None))
        if endpoints.is_record(piece):
            batch.delete(piece.table, piece.ids[0], self._now())
        batch.pages += 1
        return after

    def _is_there(self, piece: Slice) -> bool:
        """Whether the project of a run query exists."""
        try:
            self._ask(endpoints.call(Slice(PROJECT.table, ids=piece.parents), "v1", 1))
        except GoneError:
            return False
        return True

    def _aside(self, state: State, piece: Slice, error: UpstreamError) -> State:
        """The state without a slice that fails again and again; raises where it is LangSmith that fails."""
        if isinstance(error, (OutOfTimeError, LimitedError)):
            raise error
        self._ask(endpoints.CREDENTIALS)
        return self._passed_over(state, piece, error)

    def _passed_over(self, state: State, piece: Slice, error: UpstreamError) -> State:
        pending = plan.before_listing(state, self._settings, state.api or "v1", piece)
        after = pending or walks.aside(state, self._settings, piece)
        if after is None:
            raise error
        self._stalled = (piece, error) if pending else None
        if len(after.owed) > len(state.owed) or _is_left(after):
            self.last = error
            _log.error(
                "%s: put aside, the others go on; it is tried again in every sync: %s", piece.table, error, extra=_of(piece)
            )
        return after


def _without_edits(state: State, piece: Slice, error: RefusedError) -> State:
    """The state that asks no more which feedback was edited, until the daily pass."""
    _log.warning("LangSmith does not tell which feedback was edited; the daily pass finds it: %s", error, extra=_of(piece))
    return walks.moved(replace(state, edits_served=False), None)


def _of(piece: Slice) -> dict[str, dict[str, str]]:
    """The table that a line is about, as a field of it."""
    return {"fields": {"stream": piece.table}}


def malformed(error: Failure | jsontext.MalformedError) -> Failure | UpstreamError:
    """The error that an answer is which cannot be read: LangSmith's. Any other is itself."""
    if isinstance(error, jsontext.MalformedError):
        return UpstreamError(f"an answer of LangSmith is not in its documented form; upgrade this program: {error}")
    return error


def _is_left(state: State) -> bool:
    return state.cycle is not None and state.cycle.left is not None
