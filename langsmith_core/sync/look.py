"""A look's life: when one is due, how it begins, which stream it opens next, and what it leaves in the state at its end.

Pure: state, settings and the clock's reading in, state out. Not here: the bounds' arithmetic (streams.bounds), the work in hand
(agenda), the past that is still to read (backfill). Looks that do not end at once are in look_again.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from msgspec.structs import replace

from langsmith_core.records.packed_ids import NO_IDS, NO_PREFIXES, Ids
from langsmith_core.settings.config import Settings
from langsmith_core.streams import bounds, registry
from langsmith_core.streams.bounds import AHEAD, RECENT
from langsmith_core.streams.context import Scope
from langsmith_core.streams.memory import Memory
from langsmith_core.streams.registry import FEEDBACK
from langsmith_core.sync import agenda, backfill, look_again, scope
from langsmith_core.sync.context import context_of
from langsmith_core.sync.look_again import goes_on
from langsmith_core.sync.state import Look, State, Task

REFRESH = look_again.REFRESH
RECONCILE = timedelta(days=1)
"""How often a look re-reads the recent past for changes that the API does not show."""
_log = logging.getLogger(__name__)


def opened(state: State, settings: Settings, projects: Ids | None, now: datetime, left_out: Ids = NO_IDS) -> State:
    """Begin a look at `now`, and a backfill of what `settings` asks for and no look has read.

    `projects` are the ids that PROJECTS means now, None for all; `left_out` those that PROJECTS_EXCLUDE means.
    """
    wanted, wider = scope.of(settings), backfill.widened(state, projects, left_out)
    deep = is_deep(state, now)
    light = not deep and state.heavy and state.overlapped_to is not None and now - state.overlapped_to < REFRESH
    before = bounds.Before(state.done_to, _feedback_to(state, wanted, wider=wider), state.overlapped_to, state.reconciled)
    look = Look(
        bounds.of_look(before, settings.start_time, now, deep=deep, light=light),
        to_open=tuple(stream.table.name for stream in registry.STREAMS),
    )
    past = backfill.needed(state, wanted, now, wider=wider)
    state = look_again.given_up(state)
    state = replace(
        state,
        look=look,
        backfill=past,
        scope=wanted,
        projects=projects,
        left_out=left_out,
        meant="",
        not_offered=() if deep or state.scope != wanted else state.not_offered,
        begun=(state.begun or now) if state.done_to is None else None,
        memory=_fresh(state.memory, deep=deep),
    )
    return replace(state, later=still_wanted(state, settings))


def still_wanted(state: State, settings: Settings) -> tuple[Task, ...]:
    """Keep of the work put aside what a new look still has to read, as this call's configuration asks."""
    tasks = [task for task in state.later if task.work.outlives_look]
    return tuple(replace(task, work=work) for task in tasks for work in task.work.within(context_of(state, settings, task)))


def opened_next(state: State, settings: Settings) -> State:
    """Go on at the end of the agenda: open the next stream, or retry what was put aside, or end the look or the backfill.

    Before a look ends, it comes back to a list that broke off.
    """
    look = state.look
    if look is None:
        return replace(state, backfill=None)
    if look.to_open:
        return _with_stream(state, settings, look, look.to_open[0])
    if not look.retrying:
        again = (*state.waiting("failed"), *state.waiting("payload"))
        return replace(state, later=state.waiting("broken"), look=replace(look, agenda=again, retrying=True))
    broken = state.waiting("broken")
    return look_again.come_back(state, look, broken[0]) if broken else ended(state, look)


def _with_stream(state: State, settings: Settings, look: Look, name: str) -> State:
    state = replace(state, look=replace(look, to_open=look.to_open[1:]))
    stream, context = registry.BY_TABLE.get(name), context_of(state, settings)
    if stream and stream.of_organisation and not context.has_organisation and name not in context.scope.off:
        _tell_left_out(look.bounds, name)
    if stream is None or stream.opens is None or not context.on(name):
        return state
    return agenda.opened(state, stream.opens(context))


def _tell_left_out(frozen: bounds.Bounds, name: str) -> None:
    """Say once a day, and in the first look, that a stream of the organisation is left out."""
    if frozen.deep or frozen.since is None:
        _log.info(
            "%s: left out, because it belongs to the organisation; write LANGSMITH_ORG_ID, or switch the stream off",
            name,
            extra={"fields": {"stream": name}},
        )


def unstuck(state: State, now: datetime) -> State:
    """End a look that has spent long enough on what was put aside. That waits for the next look."""
    look = state.look
    if look is None or not look.retrying or goes_on(state, look.bounds.until, now):
        return state
    state = replace(state, later=(*look_again.put_back(look.agenda), *state.later), look=replace(look, agenda=()))
    broken = state.waiting("broken")
    return look_again.come_back(state, look, broken[0]) if broken else ended(state, look)


def of_this_time(state: State, now: datetime) -> State:
    """Set back a bound that lies in the future: a clock that was ahead has set it.

    Nobody knows what that look has read, so a daily pass re-reads the recent past.
    """
    if state.done_to is None or state.done_to <= now + AHEAD:
        return state
    _log.warning(
        "the last sync ran with a clock that was ahead; no action is needed, and the last %d days are read again", RECENT.days
    )
    done_to = now - RECENT
    return replace(state, done_to=done_to, overlapped_to=done_to, reconciled=None, answered=None)


def is_deep(state: State, now: datetime) -> bool:
    """Tell whether a look that begins now is the daily pass."""
    return state.done_to is not None and (state.reconciled is None or now - state.reconciled >= RECONCILE)


def due(state: State, now: datetime) -> bool:
    """Tell whether a look must come before the backfill goes on: one is due every hour. A shard leaves looks to others."""
    waiting = state.look is None and state.backfill is not None and state.turn is None
    return waiting and state.done_to is not None and now - state.done_to >= REFRESH


def continued(state: State) -> State:
    """Count a call that continues a look."""
    return replace(state, look=replace(state.look, calls=state.look.calls + 1)) if state.look else state


def ended(state: State, look: Look) -> State:
    """End the look, and note what it has read up to which time."""
    frozen = look.bounds
    state = replace(
        state,
        look=None,
        begun=None,
        done_to=frozen.until,
        memory=state.memory.with_feedback(replace(state.memory.feedback, judged=NO_PREFIXES)),
        reconciled=frozen.until if frozen.deep or frozen.since is None else state.reconciled,
    )
    return state if frozen.light else replace(state, overlapped_to=frozen.until, heavy=_heavy(state, look))


def _heavy(state: State, look: Look) -> bool:
    """Tell whether reading the 24 hours before again takes more than one call. A look that has read more does not know."""
    reads_more = look.bounds.since is None or look.bounds.deep
    return state.heavy if reads_more else look.calls > 0


def _feedback_to(state: State, wanted: Scope, *, wider: bool) -> datetime | None:
    """Find the time up to which all feedback of this scope is read; None where some of it never was."""
    old = state.scope
    unread = state.look is not None and state.look.bounds.first_feedback
    if old is None or FEEDBACK.name in old.off or unread or wider or backfill.earlier(old, wanted):
        return None
    return state.done_to


def _fresh(memory: Memory, *, deep: bool) -> Memory:
    """Prepare the memory for a look. The daily pass asks once more for what LangSmith did not serve."""
    memory = memory.with_feedback(replace(memory.feedback, judged=NO_PREFIXES))
    if not deep:
        return memory
    memory = memory.with_feedback(replace(memory.feedback, edits_served=True))
    return memory.with_runs(replace(memory.runs, plain=False, own_usage=None, pages_fail=False))
