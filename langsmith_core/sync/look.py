"""A look's life: when one is due, how it begins, which stream it opens next, and what its end leaves in the state.

Pure: state, settings and the clock's reading in, state out. Not here: the bounds' arithmetic (streams.bounds), the work in hand
(agenda), or which past is still to read (backfill).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from langsmith_core.records.ids import NO_IDS, NO_PREFIXES, Ids
from langsmith_core.settings.config import Settings
from langsmith_core.streams import bounds, registry
from langsmith_core.streams.listing import ListAll, LookUp
from langsmith_core.streams.memory import Memory
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.work import Scope
from langsmith_core.sync import agenda, backfill, scope
from langsmith_core.sync.context import context_of
from langsmith_core.sync.state import Look, State, Task

REFRESH = timedelta(hours=1)
RECONCILE = timedelta(days=1)
"""How often a look re-reads the recent past for changes that the API does not show."""
PATIENCE = timedelta(minutes=5)
"""A call that comes sooner after an answer goes on with its sync: one that only has failing work left tries that alone. A later
call, or one an hour into the same look, looks at the rest again first. What a try itself takes does not count."""


def opened(state: State, settings: Settings, projects: Ids | None, now: datetime, left_out: Ids = NO_IDS) -> State:
    """The state with a look begun at `now`, and a backfill of what `settings` asks for beyond what was read before.

    `projects` are the ids that PROJECTS means now, None for all; `left_out` those that PROJECTS_EXCLUDE means.
    """
    wanted = scope.of(settings)
    wider = backfill.widened(state, projects, left_out)
    deep = state.done_to is not None and (state.reconciled is None or now - state.reconciled >= RECONCILE)
    light = not deep and state.heavy and state.overlapped_to is not None and now - state.overlapped_to < REFRESH
    before = bounds.Before(state.done_to, _feedback_to(state, wanted, wider=wider), state.overlapped_to, state.reconciled)
    frozen = bounds.of_look(before, settings.start_time, now, deep=deep, light=light)
    past = backfill.needed(state, wanted, now, wider=wider)
    state = given_up(state)
    look = Look(frozen, to_open=tuple(stream.table.name for stream in registry.STREAMS))
    begun = (state.begun or now) if state.done_to is None else None
    state = replace(state, look=look, backfill=past, scope=wanted, projects=projects, left_out=left_out, begun=begun)
    state = replace(state, memory=_fresh(state.memory, deep=deep))
    return replace(state, later=scope.still_wanted(state.later, context_of(state, settings)))


def opened_next(state: State, settings: Settings) -> State:
    """The state at the end of its agenda: the next stream opened, what was put aside tried again, or the part ended."""
    look = state.look
    if look is None:
        return replace(state, backfill=None)
    if look.to_open:
        stream = registry.BY_TABLE.get(look.to_open[0])
        state = replace(state, look=replace(look, to_open=look.to_open[1:]))
        context = context_of(state, settings)
        if stream is None or stream.opens is None or not context.on(stream.table.name):
            return state
        return agenda.opened(state, stream.opens(context))
    waiting = tuple(task for task in state.later if task.reason != "broken")
    if not look.retrying:
        return replace(_with_later(state, "broken"), look=replace(look, agenda=waiting, retrying=True))
    broken = tuple(replace(task, reason=None) for task in state.later if task.reason == "broken")
    if broken:
        return _come_back(state, look, broken[0])
    return _ended(state, look)


def _with_later(state: State, reason: str) -> State:
    return replace(state, later=tuple(task for task in state.later if task.reason == reason))


def _come_back(state: State, look: Look, task: Task) -> State:
    """The state back at the list that broke off; the streams after it are opened again, since it may lead to more."""
    names = [stream.table.name for stream in registry.STREAMS]
    to_open = tuple(names[names.index(task.work.table_name) + 1 :])
    later = tuple(one for one in state.later if one.reason != "broken")
    look = replace(look, agenda=(task,), to_open=to_open, retrying=False, returned=True)
    return replace(state, later=later, look=look)


def unstuck(state: State, now: datetime) -> State:
    """The state with a look ended that has hung for a while on what was put aside: that waits on, and the rest goes on."""
    look = state.look
    if look is None or not look.retrying or _goes_on(state, look.bounds.until, now):
        return state
    state = replace(state, later=(*look.agenda, *state.later), look=replace(look, agenda=()))
    broken = tuple(replace(task, reason=None) for task in state.later if task.reason == "broken")
    return _come_back(state, look, broken[0]) if broken else _ended(state, look)


def retrying(state: State, settings: Settings, now: datetime) -> State | None:
    """The state with a look of nothing but failed work, where a sync has just ended and left only that; else None."""
    failed = tuple(task for task in state.later if task.reason == "failed")
    if not failed or not state.drained or state.done_to is None or not _goes_on(state, state.done_to, now):
        return None
    if outdated(state, settings, now):
        return None
    before = bounds.Before(state.done_to, state.done_to, state.overlapped_to, state.reconciled)
    frozen = bounds.of_look(before, settings.start_time, state.done_to, deep=False, light=True)
    rest = tuple(task for task in state.later if task.reason != "failed")
    return replace(state, later=rest, look=Look(frozen, agenda=failed, retrying=True))


def answered(state: State, now: datetime) -> State:
    """The state of an answer given now, which says so where something that failed is left to be tried again."""
    look = state.look
    failing = any(task.reason in ("failed", "broken") for task in state.later) or (look and (look.returned or look.retrying))
    return replace(state, answered=now if failing else None)


def outdated(state: State, settings: Settings, now: datetime) -> bool:
    """True when the look in progress is begun again rather than gone on with.

    It was begun for another configuration, or hangs on a list of parents that fails while time goes on.
    """
    stuck = state.look is not None and state.look.returned and not _goes_on(state, state.look.bounds.until, now)
    return stuck or (state.scope is not None and state.scope != scope.of(settings))


def due(state: State, now: datetime) -> bool:
    """True when the recent part must be looked at again before the backfill goes on: hourly."""
    waiting = state.look is None and state.backfill is not None and state.done_to is not None
    return waiting and state.done_to is not None and now - state.done_to >= REFRESH


def continued(state: State) -> State:
    """The state at the beginning of a call that goes on with a look."""
    return replace(state, look=replace(state.look, calls=state.look.calls + 1)) if state.look else state


def given_up(state: State) -> State:
    """The state without its look: what the look had put in hand is put back, so that the next one finds it."""
    look = state.look
    if look is None:
        return state
    back = look.agenda if look.retrying else ()
    state = replace(state, look=None, later=(*back, *(task for task in state.later if task.reason != "broken")))
    lists = [task for task in (*look.agenda, *state.later) if task.work.is_list]
    return replace(state, memory=_known_again(state.memory, (*look.agenda, *lists), look.bounds))


def _known_again(memory: Memory, tasks: tuple[Task, ...], frozen: bounds.Bounds) -> Memory:
    """The memory with what broken-off lists have shown; what is missing is missed again, what is late is late again."""
    whole = [task.work for task in tasks if isinstance(task.work, RunWindow) and task.work.lo == frozen.oldest]
    unread = {one for work in whole for one in work.named} if frozen.since else set()
    for work in (task.work for task in tasks):
        if isinstance(work, LookUp):
            memory = memory.with_known(work.table, memory.known(work.table).with_more(work.ids))
        if isinstance(work, ListAll):
            seen = [one for one in work.seen if one not in unread]
            memory = memory.with_known(work.table, memory.known(work.table).with_more((*work.unseen, *seen)))
    return memory


def _ended(state: State, look: Look) -> State:
    frozen = look.bounds
    reconciled = frozen.until if frozen.deep or frozen.since is None else state.reconciled
    overlapped_to = state.overlapped_to if frozen.light else frozen.until
    heavy = state.heavy if frozen.light else look.calls > 0
    memory = replace(state.memory, feedback=replace(state.memory.feedback, judged=NO_PREFIXES))
    state = replace(state, look=None, begun=None, done_to=frozen.until, memory=memory)
    return replace(state, reconciled=reconciled, overlapped_to=overlapped_to, heavy=heavy)


def _feedback_to(state: State, wanted: Scope, *, wider: bool) -> datetime | None:
    """The bound up to which all feedback of this scope is read; None where some of it never was."""
    old = state.scope
    unread = state.look is not None and state.look.bounds.first_feedback
    if old is None or "langsmith_feedback" in old.off or unread or wider or backfill.earlier(old, wanted):
        return None
    return state.done_to


def _fresh(memory: Memory, *, deep: bool) -> Memory:
    """The memory at the beginning of a look; the daily pass asks once more for what LangSmith did not serve."""
    feedback = replace(memory.feedback, judged=NO_PREFIXES, edits_served=memory.feedback.edits_served or deep)
    return replace(memory, feedback=feedback, runs=replace(memory.runs, plain=memory.runs.plain and not deep))


def _goes_on(state: State, looked: datetime, now: datetime) -> bool:
    """Whether a call at `now` belongs to the sync whose look at everything was begun at `looked`."""
    return state.answered is not None and now - state.answered < PATIENCE and now - looked < REFRESH
