"""Confine a state's work to the settings of this call, whatever the state says.

Every call resolves PROJECTS and PROJECTS_EXCLUDE anew. It cuts all work to them, to START_TIME and to the streams that are on.
A state of this program under the same settings comes back equal. Not here: what may stand in a state at all (state_checks), which
columns leave (privacy), or what is left of each kind of work (its `within`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from msgspec.structs import replace

from langsmith_core.calls import Fetch
from langsmith_core.errors import OutOfTimeError
from langsmith_core.records.packed_ids import Ids
from langsmith_core.settings.config import Settings
from langsmith_core.streams.bounds import Bounds
from langsmith_core.streams.registry import RUN
from langsmith_core.sync import backfill, names, project_names
from langsmith_core.sync.batch import Batch
from langsmith_core.sync.context import context_of
from langsmith_core.sync.project_names import Allowed
from langsmith_core.sync.state import State, Task

FRESH = timedelta(hours=1)
"""How long a call may rely on what names meant when they were asked for: as long as one look may go on."""


class Confinement:
    """The bounds of one pass. It remembers what names mean for the look in hand, beside the names of parents."""

    def __init__(self, settings: Settings, ask: Fetch, now: Callable[[], datetime], known: names.Names) -> None:
        self._settings, self._ask, self._now, self._names = settings, ask, now, known
        self._written = (settings.projects, settings.projects_exclude)
        self._known: project_names.Found = {}

    @contextmanager
    def noting(self, batch: Batch) -> Iterator[None]:
        """Keep what was looked up in the batch's state where the call's time ends before all is. The next call goes on."""
        self._known = project_names.found_before(self._settings, batch.state, self._now())
        try:
            yield
        except OutOfTimeError:
            batch.state = project_names.found_so_far(self._settings, batch.state, self._known, self._now())
            raise

    def asked(self, state: State) -> tuple[Ids | None, Ids]:
        """Ask anew for the ids behind PROJECTS, None for all, and behind PROJECTS_EXCLUDE. A look that begins does so."""
        projects = project_names.resolved(self._settings, self._ask, first=state.scope is None, known=self._known)
        left_out = project_names.left_out(self._settings, self._ask, self._known)
        self._names.allowed = Allowed(projects, left_out, self._written, self._now())
        return projects, left_out

    def of(self, state: State) -> State:
        """Cut the state to the bounds. Raises SyncError where LangSmith does not say what a name means."""
        return confined(state, self._settings, self._allowed())

    def _allowed(self) -> Allowed:
        known, now = self._names.allowed, self._now()
        if known and known.written == self._written and now - known.at < FRESH:
            return known
        included, excluded = self._written
        projects = project_names.meant(included, self._ask, self._known) if included else None
        self._names.allowed = Allowed(projects, project_names.meant(excluded, self._ask, self._known), self._written, now)
        return self._names.allowed


def confined(state: State, settings: Settings, allowed: Allowed) -> State:
    """Leave only allowed work in the state. It may leave out more projects than these settings do, and never fewer."""
    projects, left_out = _projects(state, allowed), state.left_out.with_more(allowed.left_out)
    # Where they mean something else by now than when they had no room, the next look has to see it.
    meant = "" if state.meant == backfill.meaning(projects, left_out) else state.meant
    state = replace(state, projects=projects, left_out=left_out, meant=meant)
    look = state.look and replace(state.look, bounds=_bounds(state.look.bounds, settings.start_time))
    state = replace(state, look=look)
    look = look and replace(look, agenda=_tasks(state, settings, look.agenda))
    past = state.backfill and replace(state.backfill, agenda=_tasks(state, settings, state.backfill.agenda))
    past = None if RUN.name in settings.off else past
    return replace(state, look=look, backfill=past, later=_tasks(state, settings, state.later))


def _bounds(bounds: Bounds, start: datetime | None) -> Bounds:
    """The bounds with no run from before START_TIME."""
    if start is None:
        return bounds
    return replace(bounds, oldest=max(bounds.oldest, start), runs_from=max(bounds.runs_from, start))


def _projects(state: State, allowed: Allowed) -> Ids | None:
    if allowed.projects is None or state.projects is None:
        return state.projects if allowed.projects is None else allowed.projects
    return state.projects.only(allowed.projects)


def _tasks(state: State, settings: Settings, tasks: Sequence[Task]) -> tuple[Task, ...]:
    return tuple(replace(task, work=work) for task in tasks for work in task.work.within(context_of(state, settings, task)))
