"""A cycle's life: when one is due, how it opens, from stage to stage, and what its end leaves in the state.

Pure: state, settings and the clock's reading in, state out. Not here: how far back it reads (spans), what history is owed
(histories), the walk within a stage (plan).
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from msgspec.structs import replace

from langsmith_core import aside, followups, histories, ledger
from langsmith_core.config import Settings, fingerprint
from langsmith_core.spans import AHEAD, RECENT
from langsmith_core.stages import DATASETS, EDITED, ENDED, FEEDBACKS, OWED, PROJECTS, STAGES, UNFINISHED
from langsmith_core.state import Cycle, Left, Scope, Slice, State, Walk
from langsmith_core.streams import PROJECT

_log = logging.getLogger(__name__)
REFRESH = timedelta(hours=1)
RECONCILE = timedelta(days=1)
"""How often the recent past is read again for what has no signal."""
PATIENCE = timedelta(minutes=5)
"""A call that comes sooner after an answer goes on with its sync: one that only has failing slices left tries those alone. A
later call, or one an hour into the same look, looks at the rest again first. What a try itself takes does not count."""


def opened(
    state: State, settings: Settings, projects: tuple[str, ...] | None, now: datetime, left_out: tuple[str, ...] = ()
) -> State:
    """The state with a cycle begun at `now`, and a history of what `settings` asks for beyond what was read before.

    `projects` are the ids that PROJECTS means now, None for all; `left_out` those that PROJECTS_EXCLUDE means.
    """
    scope = scope_of(settings)
    old, unread = state.scope, state.cycle is not None and state.cycle.feedback_since is None
    wider = histories.added(state, projects, left_out)
    seen_before = old is not None and old.feedback and not (unread or wider or histories.earlier(old, scope))
    deep = is_deep(state, now)
    cycle = Cycle(
        until=now,
        since=state.done_to,
        feedback_since=state.done_to if seen_before else None,
        deep=deep,
        light=not deep and state.heavy and state.overlapped_to is not None and now - state.overlapped_to < REFRESH,
        walk=Walk(Slice(PROJECT.table)),
    )
    history = histories.needed(state, scope, now, wider=wider)
    state = replace(_unlisted(state), cycle=cycle, scope=scope, projects=projects, history=history)
    state = replace(state, edits_served=True, plain=False, own_usage=None) if deep else state
    owed, unfilled = (aside.still(slices, scope, projects, left_out) for slices in (state.owed, state.unfilled))
    state = replace(state, owed=owed, unfilled=unfilled)
    begun = (state.begun or now) if state.done_to is None else None
    return replace(
        state, begun=begun, left_out=left_out, meant="", known_projects="", cycle=replace(cycle, known=state.known_projects)
    )


def of_this_time(state: State, now: datetime) -> State:
    """The state, where no look's bound lies in the future: one that does was set by a clock that was ahead.

    Nobody knows what that look has read, so the daily pass reads the recent past again.
    """
    if state.done_to is None or state.done_to <= now + AHEAD:
        return state
    _log.warning(
        "the last sync ran with a clock that was ahead; nothing is to be done, the last %d days are read again", RECENT.days
    )
    done_to = now - RECENT
    return replace(state, done_to=done_to, overlapped_to=done_to, reconciled=None, answered=None)


def is_deep(state: State, now: datetime) -> bool:
    """Whether a cycle that is opened now is the daily pass."""
    return state.done_to is not None and (state.reconciled is None or now - state.reconciled >= RECONCILE)


def unstuck(state: State, now: datetime) -> State:
    """The state with a cycle ended that has hung for a while on what was put aside: that stays owed, and the rest goes on."""
    cycle = state.cycle
    if cycle is None or STAGES[cycle.stage] is not OWED or _goes_on(state, cycle.until, now):
        return state
    state = aside.put_back(state, cycle.walk.slices)
    return _returned(state, cycle) if cycle.left else _ended(state, cycle)


def retrying(state: State, settings: Settings, now: datetime) -> State | None:
    """The state with a cycle of nothing but what is owed, where a sync has just ended and left only that; else None."""
    if not state.owed or not drained(state) or state.done_to is None or not _goes_on(state, state.done_to, now):
        return None
    if outdated(state, settings, now):
        return None
    walk = Walk(None, slices=state.owed)
    cycle = Cycle(
        until=state.done_to, since=state.done_to, feedback_since=state.done_to, light=True, stage=STAGES.index(OWED), walk=walk
    )
    return replace(state, owed=(), cycle=cycle)


def answered(state: State, now: datetime) -> State:
    """The state of an answer given now, which says so where something that failed is left to be tried again."""
    cycle = state.cycle
    failing = state.owed or (cycle and (cycle.left or cycle.returned or STAGES[cycle.stage] is OWED))
    return replace(state, answered=now if failing else None)


def _goes_on(state: State, looked: datetime, now: datetime) -> bool:
    """Whether a call at `now` belongs to the sync whose look at everything was begun at `looked`."""
    return state.answered is not None and now - state.answered < PATIENCE and now - looked < REFRESH


def _unlisted(state: State) -> State:
    """The state with the ledgers of a cycle that is given up put back, and what it had put aside."""
    cycle = state.cycle
    if cycle is None:
        return state
    state = aside.put_back(state, cycle.walk.slices if STAGES[cycle.stage] is OWED else ())
    here = Left(cycle.stage, cycle.walk, cycle.known, cycle.listed)
    for part in (here, *((cycle.left,) if cycle.left else ())):
        state = _put_back(state, part)
    return state


def _put_back(state: State, part: Left) -> State:
    in_walk = ledger.ids(part.known) + ledger.ids(part.listed) + ledger.ids(part.walk.missing)
    if STAGES[part.stage] is PROJECTS:
        known = dict.fromkeys(in_walk + ledger.ids(state.known_projects))
        # What was found late and is unread must be found late again; what is missing must be missed again.
        return replace(state, known_projects=ledger.packed(one for one in known if one not in part.walk.late))
    return replace(state, known_datasets=ledger.packed(dict.fromkeys(in_walk + ledger.ids(state.known_datasets))))


def scope_of(settings: Settings) -> Scope:
    """The part of the settings that says what is read."""
    names = fingerprint(*settings.projects) if settings.projects else ""
    names += f"-{fingerprint(*settings.projects_exclude)}" if settings.projects_exclude else ""
    return Scope(settings.start_time, names, settings.sync_runs, settings.sync_examples, settings.sync_feedback)


def outdated(state: State, settings: Settings, now: datetime) -> bool:
    """True when the cycle in progress is begun again rather than gone on with.

    It was begun for another configuration, or hangs on a list of parents that fails while time goes on.
    """
    stuck = state.cycle is not None and state.cycle.returned and not _goes_on(state, state.cycle.until, now)
    return stuck or (state.scope is not None and state.scope != scope_of(settings))


def due(state: State, now: datetime) -> bool:
    """True when the recent part must be looked at again before history goes on: hourly."""
    return state.cycle is None and state.history is not None and state.done_to is not None and now - state.done_to >= REFRESH


def drained(state: State) -> bool:
    """True when nothing is left to read in this sync but what is owed."""
    return state.cycle is None and state.history is None


def continued(state: State) -> State:
    """The state at the beginning of a call that goes on with a cycle."""
    return replace(state, cycle=replace(state.cycle, calls=state.cycle.calls + 1)) if state.cycle else state


def finished(state: State, settings: Settings) -> State:
    """Past the end of a walk: the next stage, the one left behind, the end of the cycle, or the end of history."""
    if state.cycle is None:
        return replace(state, history=None)
    cycle = replace(state.cycle, stage=min(state.cycle.stage + 1, len(STAGES) - 1), walk=Walk(None))
    if STAGES[state.cycle.stage] is OWED:
        return _returned(state, cycle) if cycle.left else _ended(state, cycle)
    return _entered(state, settings, cycle)


def _returned(state: State, cycle: Cycle) -> State:
    """The state back in the stage whose list could not be read further."""
    assert cycle.left  # noqa: S101  the caller has looked
    left = cycle.left
    back = replace(cycle, stage=left.stage, walk=left.walk, known=left.known, listed=left.listed, left=None, returned=True)
    return replace(state, cycle=back)


def _ended(state: State, cycle: Cycle) -> State:
    reconciled = cycle.until if cycle.deep or cycle.since is None else state.reconciled
    overlapped_to = state.overlapped_to if cycle.light else cycle.until
    heavy = state.heavy if cycle.light else cycle.calls > 0
    state = replace(state, cycle=None, begun=None, done_to=cycle.until)
    return replace(state, reconciled=reconciled, overlapped_to=overlapped_to, heavy=heavy)


def _entered(state: State, settings: Settings, cycle: Cycle) -> State:
    """The state at the beginning of the cycle's stage."""
    stage = STAGES[cycle.stage]
    state = replace(state, cycle=cycle)
    if stage is OWED:
        return replace(state, owed=(), unfilled=(), cycle=replace(cycle, walk=Walk(None, slices=(*state.owed, *state.unfilled))))
    if stage in (UNFINISHED, FEEDBACKS, EDITED):
        first = followups.first(state, settings)
        return replace(state, cycle=replace(cycle, walk=Walk(None, slices=(first,) if first else ())))
    skipped = stage is ENDED and not _overflowing(state, cycle, settings)
    cycle = replace(cycle, walk=Walk(None) if skipped else Walk(Slice(stage.listing or "")))
    if stage is DATASETS:
        return replace(state, known_datasets="", cycle=replace(cycle, known=state.known_datasets))
    return replace(state, cycle=cycle)


def _overflowing(state: State, cycle: Cycle, settings: Settings) -> bool:
    """Whether runs may be unfinished that the ledger could not hold."""
    held = state.overflow is not None and (cycle.since or cycle.until) - state.overflow < ledger.UNFINISHED_AGE
    return held and settings.sync_runs and cycle.since is not None
