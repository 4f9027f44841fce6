"""Shrink a state that is too large for its store: parts yield one after another until it fits.

Every part has a bound of its own; all at their bounds at once are more than Fivetran carries. First yields what costs requests
only, then what costs the sight of some deletions. Each says so in a log line. Pure: state in, state out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from msgspec.structs import replace

from langsmith_core.errors import StateError
from langsmith_core.records.packed_ids import ID_CHARACTERS, NO_IDS
from langsmith_core.settings.config import Settings
from langsmith_core.streams.ledgers import OpenRuns
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.sync import backfill, payloads_delivered, project_names
from langsmith_core.sync.less_known import less_listed, less_remembered
from langsmith_core.sync.state import State, Task
from langsmith_core.sync.state_json import REMEDY, dump

ROOM = 6_000
"""Bytes that the state of a look may still grow by after work is put aside: a page of parents, the runs a page touches."""
LATER_SHARE = 44
"""Percent of a state that failed work may take: enough for twenty of fifty projects each, and the rest finds room beside it."""
UNFINISHED_KEPT = 100
_log = logging.getLogger(__name__)


def fitted(state: State, settings: Settings) -> State:
    """The state in at most `state_bytes_max` bytes. Raises StateError for one that nothing makes small: we wrote none such."""
    state = _mapped(state, _with_short_cursor)
    for shorter in YIELDS:
        excess = len(dump(state)) - settings.state_bytes_max
        if excess <= 0:
            return state
        state = shorter(state, excess)
    excess = len(dump(state)) - settings.state_bytes_max
    if excess > 0 and state.looked_up:
        state = project_names.fewer_looked_up(settings, state, excess // ID_CHARACTERS + 1)
    if len(dump(state)) > settings.state_bytes_max:
        raise StateError(f"state: it is larger than this program writes; {REMEDY}")
    return state


def has_room(state: State, settings: Settings) -> bool:
    """Whether work that was put aside leaves enough room for the rest of the state."""
    share = settings.state_bytes_max * LATER_SHARE // 100
    small = len(dump(State(source="", later=state.waiting("failed")))) <= share
    return small and room(state, settings) >= 0


def room(state: State, settings: Settings) -> int:
    """The bytes that a state may grow by beside what every look may need. Less than nothing where it has grown too large."""
    return settings.state_bytes_max - ROOM - payloads_delivered.needed(state)


def _mapped(state: State, change: Callable[[Task], Task | None]) -> State:
    """The state with every task in hand changed; None takes it away."""
    if state.look:
        state = replace(state, look=replace(state.look, agenda=_changed(state.look.agenda, change)))
    if state.backfill:
        state = replace(state, backfill=replace(state.backfill, agenda=_changed(state.backfill.agenda, change)))
    return state


def _changed(tasks: tuple[Task, ...], change: Callable[[Task], Task | None]) -> tuple[Task, ...]:
    return tuple(made for task in tasks if (made := change(task)) is not None)


def _with_short_cursor(task: Task) -> Task:
    """No cursor longer than a state keeps, in any work."""
    return replace(task, work=task.work.kept())


def _without_skip(state: State, _excess: int) -> State:
    """A backfill that was to skip projects reads theirs once more."""
    if state.backfill is None or not state.backfill.past.skip:
        return state
    _log.warning("state: no room for the projects that the backfill skips; their runs are read again")
    return replace(state, backfill=replace(state.backfill, past=replace(state.backfill.past, skip=NO_IDS)))


def _without_lists(state: State, _excess: int) -> State:
    """The ids of PROJECTS and PROJECTS_EXCLUDE, which every call finds anew; a fingerprint tells whether they have changed."""
    if not state.named:
        return state
    meant = state.meant or backfill.meaning(state.projects, state.left_out)
    return replace(state, projects=None, left_out=NO_IDS, meant=meant)


def _fewer_unfinished(state: State, _excess: int) -> State:
    """The oldest unfinished runs alone; the others are found as those past a full ledger are."""
    runs = state.memory.runs
    entries = runs.unfinished.runs
    if len(entries) <= UNFINISHED_KEPT:
        return state
    _log.warning(
        "state: no room for more than %d unfinished runs; no action is needed, the others are looked for in every project",
        UNFINISHED_KEPT,
    )
    overflow = max(entries[-1].start, runs.overflow or entries[-1].start)
    kept = replace(runs, unfinished=OpenRuns(entries[:UNFINISHED_KEPT]), overflow=overflow)
    return replace(state, memory=state.memory.with_runs(kept))


def _fewer_known(state: State, excess: int) -> State:
    """As many known records and versions as there is room for."""
    _log.warning("state: no room for all known projects and datasets; use `sync`: deletes and old runs of the others are missed")
    memory, excess = less_remembered(state.memory, excess)
    state = replace(state, memory=memory)
    later = []
    for task in state.later:
        shorter, excess = less_listed(task, excess)
        later.append(shorter)
    state = replace(state, later=tuple(later))
    if state.look is None:
        return state
    agenda = []
    for task in state.look.agenda:
        shorter, excess = less_listed(task, excess)
        agenda.append(shorter)
    return replace(state, look=replace(state.look, agenda=tuple(agenda)))


def _without_payloads(state: State, _excess: int) -> State:
    """Runs whose payloads could not be had stay marked, until the daily pass."""
    in_hand = state.look.agenda if state.look else ()
    gone = [task for task in (*state.later, *in_hand) if task.reason == "payload"]
    if not gone:
        return state
    _log.error(
        "payloads are missing in more projects than a state remembers; those of %s stay marked: let this function reach "
        "the storage",
        [_projects(task) for task in gone],
    )
    state = _mapped(state, lambda task: None if task.reason == "payload" else task)
    return replace(state, later=tuple(task for task in state.later if task.reason != "payload"))


def _projects(task: Task) -> tuple[str, ...]:
    work = task.work
    if isinstance(work, RunWindow):
        return (*work.parents, *work.waiting)
    return tuple(work.parents) if isinstance(work, RunsById) else ()


YIELDS: tuple[Callable[[State, int], State], ...] = (
    payloads_delivered.fewer,
    _without_skip,
    _without_lists,
    _fewer_unfinished,
    _fewer_known,
    _without_payloads,
)
