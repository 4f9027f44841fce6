"""What a state may still ask for: the settings of this call say it, whatever the state says.

Here: PROJECTS and PROJECTS_EXCLUDE resolved in every call, and the work cut to them, to START_TIME and to the streams that
are on. A state of this program under the same settings comes back equal. Not here: what may stand in a state at all
(state_checks), which columns leave (privacy).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from msgspec.structs import replace

from langsmith_core import histories, parents
from langsmith_core.batch import Batch
from langsmith_core.calls import Fetch
from langsmith_core.config import Settings
from langsmith_core.errors import OutOfTimeError
from langsmith_core.parents import Allowed
from langsmith_core.stages import IDS_MAX, PROJECTS, STAGES, Stage
from langsmith_core.state import Slice, State, Walk
from langsmith_core.streams import EXAMPLE, FEEDBACK, RUN
from langsmith_core.windows import begun, without_long_cursor

FRESH = timedelta(hours=1)
"""How long names mean what they meant when they were asked for: as long as a look goes on without another."""


class Confinement:
    """The bounds of one pass. What names mean is remembered beside the names of parents, for the look in hand."""

    def __init__(self, settings: Settings, ask: Fetch, now: Callable[[], datetime], names: parents.Names) -> None:
        self._settings, self._ask, self._now, self._names = settings, ask, now, names
        self._written = (settings.projects, settings.projects_exclude)
        self._known: parents.Found = {}

    @contextmanager
    def noting(self, batch: Batch) -> Iterator[None]:
        """Keep what was looked up in the batch's state where the time of the call ends before all is: the next call goes on."""
        self._known = parents.found_before(self._settings, batch.state, self._now())
        try:
            yield
        except OutOfTimeError:
            batch.state = parents.found_so_far(self._settings, batch.state, self._known, self._now())
            raise

    def asked(self, state: State) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
        """The ids behind PROJECTS, None for all, and those behind PROJECTS_EXCLUDE, asked for anew for a look that begins."""
        projects = parents.resolved(self._settings, self._ask, first=state.scope is None, known=self._known)
        left_out = parents.left_out(self._settings, self._ask, self._known)
        self._names.allowed = Allowed(projects, left_out, self._written, self._now())
        return projects, left_out

    def of(self, state: State) -> State:
        """The state within the bounds. Raises SyncError where LangSmith does not say what a name means."""
        return confined(state, self._settings, self._allowed())

    def _allowed(self) -> Allowed:
        known, now = self._names.allowed, self._now()
        if known and known.written == self._written and now - known.at < FRESH:
            return known
        included, excluded = self._written
        projects = parents.meant(included, self._ask, self._known) if included else None
        self._names.allowed = Allowed(projects, parents.meant(excluded, self._ask, self._known), self._written, now)
        return self._names.allowed


def confined(state: State, settings: Settings, allowed: Allowed) -> State:
    """The state with no work but what is allowed. It may leave out more projects than these settings do, and never fewer."""
    projects, left_out = _projects(state, allowed), tuple(dict.fromkeys((*state.left_out, *allowed.left_out)))
    # Where they mean something else by now than when they had no room, the next look has to see it.
    meant = "" if state.meant == histories.meaning(projects, left_out) else state.meant
    state = replace(state, projects=projects, left_out=left_out, meant=meant)
    cycle, history = state.cycle, state.history if settings.sync_runs else None
    if cycle:
        cycle = replace(cycle, walk=_walk(cycle.walk, STAGES[cycle.stage], state, settings))
        left = cycle.left and replace(cycle.left, walk=_walk(cycle.left.walk, STAGES[cycle.left.stage], state, settings))
        cycle = replace(cycle, left=left)
    if history:
        history = replace(history, walk=_walk(history.walk, PROJECTS, state, settings))
    owed, unfilled = (_slices(slices, state, settings) for slices in (state.owed, state.unfilled))
    return replace(state, cycle=cycle, history=history, owed=owed, unfilled=unfilled)


def _projects(state: State, allowed: Allowed) -> tuple[str, ...] | None:
    if allowed.projects is None or state.projects is None:
        return state.projects if allowed.projects is None else allowed.projects
    return tuple(one for one in state.projects if one in set(allowed.projects))


def _walk(walk: Walk, stage: Stage, state: State, settings: Settings) -> Walk:
    pending, late = (_children(ids, stage, state, settings) for ids in (walk.pending, walk.late))
    return replace(walk, pending=pending, late=late, slices=_slices(walk.slices, state, settings))


def _children(ids: tuple[str, ...], stage: Stage, state: State, settings: Settings) -> tuple[str, ...]:
    """The parents of which children may be read."""
    if stage.child == RUN.table:
        return tuple(one for one in ids if settings.sync_runs and state.reads(one))
    return ids if settings.sync_examples else ()


def _slices(slices: tuple[Slice, ...], state: State, settings: Settings) -> tuple[Slice, ...]:
    return tuple(part for piece in slices for part in _parts(piece, state, settings))


def _parts(piece: Slice, state: State, settings: Settings) -> tuple[Slice, ...]:
    """What is left of a slice: one, none, or one for each fifty projects where it had asked for all."""
    on = {RUN.table: settings.sync_runs, FEEDBACK.table: settings.sync_feedback, EXAMPLE.table: settings.sync_examples}
    if not on.get(piece.table, True):
        return ()
    if piece.table == RUN.table:
        return _runs(piece, state, settings)
    return _feedback(piece, state) if piece.table == FEEDBACK.table else (piece,)


def _runs(piece: Slice, state: State, settings: Settings) -> tuple[Slice, ...]:
    """Runs of projects that are read, since START_TIME. Runs of no project are asked for where every project is read."""
    projects = tuple(one for one in piece.parents if state.reads(one))
    if not projects and (piece.parents or state.projects is not None or state.left_out):
        return ()
    piece = without_long_cursor(piece) if projects == piece.parents else begun(replace(piece, parents=projects))
    start = settings.start_time
    if start is None or piece.ids or piece.lo is None or piece.hi is None or piece.lo >= start:
        return (piece,)
    return (begun(replace(piece, lo=start)),) if start < piece.hi else ()


def _feedback(piece: Slice, state: State) -> tuple[Slice, ...]:
    """Feedback of projects that are read; rows of others are passed over besides (records)."""
    if not piece.parents and (piece.ids or state.projects is None):
        return (piece,)
    read = tuple(one for one in piece.parents or state.projects or () if state.reads(one))
    if read == piece.parents:
        return (piece,)
    return tuple(replace(piece, parents=read[i : i + IDS_MAX], offset=0, anchor=None) for i in range(0, len(read), IDS_MAX))
