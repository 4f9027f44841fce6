"""What a refused or unserved run query means: ask without its cursor, ask for less, or ask the other run API.

Not here: other failures (failing), how a refusal is proven (query_forms), how the agenda changes (agenda).
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from msgspec.structs import replace

from langsmith_core.calls import Fetch
from langsmith_core.errors import LimitedError, OutOfTimeError, RefusedError, UpstreamError
from langsmith_core.records.times import render
from langsmith_core.remarks import Remark, Remarks
from langsmith_core.settings.config import Settings
from langsmith_core.streams.context import Context, Outcome
from langsmith_core.streams.feedback_edits import EditedRuns
from langsmith_core.streams.registry import RUN
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.streams.work import Work
from langsmith_core.sync import agenda
from langsmith_core.sync.query_forms import Forms
from langsmith_core.sync.state import State, Task

CURSOR_DIED = Remark("%s: LangSmith no longer takes a page cursor; asking for its window again")
_log = logging.getLogger(__name__)


class RunQueries:
    """The failing run queries of one pass."""

    def __init__(
        self, settings: Settings, ask: Fetch, remarks: Remarks, context: Callable[[State, Task | None], Context]
    ) -> None:
        self._settings, self._remarks, self._context = settings, remarks, context
        self._forms = Forms(ask, lambda state: context(state, None))
        self._switches = 0

    def refused(self, state: State, task: Task, work: RunWindow | RunsById, limit: int, error: RefusedError) -> State | None:
        """Ask again what LangSmith refused: without its cursor, or with less in it. None where that has not helped."""
        if not work.cursor:
            return self._asked_otherwise(state, task, work, limit, error)
        self._remarks.add(CURSOR_DIED, RUN.name)
        again = work.again()
        return agenda.replaced(state, task, again) if again else None

    def _asked_otherwise(
        self, state: State, task: Task, work: RunWindow | RunsById, limit: int, error: RefusedError
    ) -> State | None:
        """Ask a refused run query with less in it; None where LangSmith refuses that as well."""
        edited = isinstance(work, EditedRuns)
        whole = _unedited(work) if isinstance(work, EditedRuns) else work
        try:
            if edited and self._forms.passes(state, whole, limit):
                return _without_edits(state, task, error)
            form = self._forms.fitting(state, whole, limit, error)
        except (OutOfTimeError, LimitedError):
            raise
        except UpstreamError:
            form = None  # it fails in other ways as well
        if form is None and edited:
            return _without_edits(state, task, error)
        return form

    def switched(self, state: State, task: Task) -> State | None:
        """Go on with the other run API; None where this pass has tried both."""
        runs = state.memory.runs
        if runs.v1_before and task.work.api(self._context(state, task)) == "v1":
            _log.warning(
                "this LangSmith no longer serves v1 run queries: runs from before %s are read through v2, which lacks runs that "
                "nobody migrated to SmithDB",
                render(runs.v1_before),
                extra=of(task.work),
            )
            state = replace(state, memory=state.memory.with_runs(replace(runs, v1_gone=True)))
            return agenda.switched(state, self._settings, state.api or "v2")
        if self._switches:
            return None
        self._switches += 1
        _log.warning("this instance does not serve %s run queries; switching to the other API", state.api, extra=of(task.work))
        state = replace(state, memory=state.memory.with_runs(replace(runs, v1_before=None)))
        return agenda.switched(state, self._settings, "v2" if state.api == "v1" else "v1")


def _unedited(work: EditedRuns) -> RunWindow:
    """Make the same window, whatever feedback its runs have."""
    return RunWindow(
        lo=work.lo, hi=work.hi, parents=work.parents, top=work.top, floor=work.floor, ceiling=work.ceiling, cursor=work.cursor
    )


def _without_edits(state: State, task: Task, error: RefusedError) -> State:
    """Ask no more which feedback was edited, until the daily pass."""
    _log.warning("LangSmith does not say which feedback was edited; the daily pass finds it: %s", error, extra=of(task.work))
    memory = state.memory.with_feedback(replace(state.memory.feedback, edits_served=False))
    return agenda.applied(state, task, Outcome(memory=memory))


def of(work: Work) -> dict[str, dict[str, str]]:
    """Name the table that a log line is about, as a field of it."""
    return {"fields": {"stream": work.table_name}}
