"""The bounds of a look at the workspace: what a cycle covers, when one is due, what a history must make up for.

Pure: state, settings and the clock's reading in, state out. Not here: the walk within those bounds (plan).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from langsmith_core import ledger
from langsmith_core.config import Settings, fingerprint
from langsmith_core.state import Cycle, History, Scope, Slice, State, Walk
from langsmith_core.streams import DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN

RECENT = timedelta(days=7)
OVERLAP = timedelta(hours=24)
"""Ingestion takes runs back-dated by at most 24 hours (API reference, section 2a)."""
INDEX_LAG = timedelta(minutes=15)
"""The SDK's own tests wait up to 90 seconds for a run to show; ten times that costs next to nothing."""
AHEAD = timedelta(minutes=5)
"""Start times are set by the traced application's clock, which may run ahead of LangSmith's."""
RETENTION = timedelta(days=400)
"""The longest retention; a span over 401 days is refused."""
REFRESH = timedelta(hours=1)
RECONCILE = timedelta(days=1)
"""How often the recent past is read again for what has no signal."""
IDS_MAX = 50
"""Ids in one request: what lists are known to take (langsmith-sdk #859)."""


class Stage(Struct, frozen=True):
    """One walk of a cycle: the table whose pages are listed, if any, and the table read for each parent on them."""

    name: str
    listing: str | None = None
    child: str | None = None


PROJECTS, UNFINISHED, ENDED, DATASETS, FEEDBACKS = STAGES = (
    Stage("projects", PROJECT.table, RUN.table),
    Stage("unfinished"),  # runs that had not ended, by id
    Stage("ended", PROJECT.table, RUN.table),  # what has ended since, where more were unfinished than the ledger holds
    Stage("datasets", DATASET.table, EXAMPLE.table),
    Stage("feedback"),  # and the runs that it touches, by id
)


def opened(state: State, settings: Settings, projects: tuple[str, ...] | None, now: datetime) -> State:
    """The state with a cycle begun at `now`, and a history of what `settings` asks for beyond what was read before.

    `projects` are the ids that PROJECTS means now, None for all.
    """
    scope = scope_of(settings)
    old, owed = state.scope, state.cycle is not None and state.cycle.feedback_since is None
    seen_before = old is not None and old.feedback and not (owed or _added(state, projects) or _earlier(old, scope))
    deep = state.done_to is not None and (state.reconciled is None or now - state.reconciled >= RECONCILE)
    cycle = Cycle(
        until=now,
        since=state.done_to,
        feedback_since=state.done_to if seen_before else None,
        deep=deep,
        light=not deep and state.heavy and state.overlapped_to is not None and now - state.overlapped_to < REFRESH,
        walk=Walk(Slice(PROJECT.table)),
    )
    history = _history(state, scope, projects, now)
    state = replace(_unlisted(state), cycle=cycle, scope=scope, projects=projects, history=history)
    return replace(state, known_projects="", cycle=replace(cycle, known=state.known_projects))


def _unlisted(state: State) -> State:
    """The state with the ledgers of a cycle that is given up put back."""
    if state.cycle is None:
        return state
    walk = state.cycle.walk
    in_walk = ledger.ids(state.cycle.known) + ledger.ids(state.cycle.listed) + ledger.ids(walk.missing)
    if STAGES[state.cycle.stage] is PROJECTS:
        known = dict.fromkeys(in_walk + ledger.ids(state.known_projects))
        # What was found late and is unread must be found late again; what is missing must be missed again.
        return replace(state, known_projects=ledger.packed(one for one in known if one not in walk.late))
    return replace(state, known_datasets=ledger.packed(dict.fromkeys(in_walk + ledger.ids(state.known_datasets))))


def scope_of(settings: Settings) -> Scope:
    """The part of the settings that says what is read."""
    names = fingerprint(*settings.projects) if settings.projects else ""
    return Scope(settings.start_time, names, settings.sync_runs, settings.sync_examples, settings.sync_feedback)


def outdated(state: State, settings: Settings) -> bool:
    """True when the work in progress was begun for another configuration; it is begun again rather than gone on with."""
    return state.scope is not None and state.scope != scope_of(settings)


def due(state: State, now: datetime) -> bool:
    """True when the recent part must be looked at again before history goes on: hourly."""
    return state.cycle is None and state.history is not None and state.done_to is not None and now - state.done_to >= REFRESH


def drained(state: State) -> bool:
    """True when nothing is left to read in this sync."""
    return state.cycle is None and state.history is None


def finished(state: State, settings: Settings) -> State:
    """Past the end of a walk: the next stage, the end of the cycle, or the end of history."""
    if state.cycle is None:
        return replace(state, history=None)
    cycle = replace(state.cycle, stage=state.cycle.stage + 1)
    if cycle.stage == len(STAGES):
        reconciled = cycle.until if cycle.deep or cycle.since is None else state.reconciled
        overlapped_to = state.overlapped_to if cycle.light else cycle.until
        heavy = state.heavy if cycle.light else cycle.calls > 0
        return replace(state, cycle=None, done_to=cycle.until, reconciled=reconciled, overlapped_to=overlapped_to, heavy=heavy)
    state = replace(state, cycle=cycle)
    cycle = replace(cycle, walk=_entered(state, settings, cycle))
    if STAGES[cycle.stage] is DATASETS:
        return replace(state, known_datasets="", cycle=replace(cycle, known=state.known_datasets))
    return replace(state, cycle=cycle)


def window(state: State, settings: Settings) -> tuple[datetime, datetime]:
    """The window of runs that the walk in hand reads of each project."""
    if state.cycle is None:
        assert state.history  # noqa: S101  as in _walk
        return state.history.lo, state.history.hi
    cycle = state.cycle
    lo = _since(state, cycle, settings)
    return (
        (max(cycle.until - ledger.UNFINISHED_AGE, _oldest(settings, cycle.until)), lo)
        if STAGES[cycle.stage] is ENDED
        else (lo, cycle.until + AHEAD)
    )


def whole(state: State, settings: Settings) -> tuple[datetime, datetime]:
    """The window of a project that no earlier listing had: all of its past."""
    assert state.cycle  # noqa: S101  history finds no late projects
    return _oldest(settings, state.cycle.until), state.cycle.until + AHEAD


def touched_since(cycle: Cycle, state: State) -> datetime | None:
    """Feedback given or edited since then has touched its run; None in a first reading, where every run is read anyway."""
    if cycle.feedback_since is None:
        return None
    return (
        min(cycle.feedback_since, state.reconciled or cycle.feedback_since) - INDEX_LAG
        if cycle.deep
        else cycle.feedback_since - INDEX_LAG
    )


def unfinished_slice(state: State, settings: Settings, after: tuple[int, str] = (0, "")) -> Slice | None:
    """The next unfinished runs to ask for by id, those past `after` (start in seconds, id); None when there are none.

    Runs in the cycle's own window are not among them: they are read with it.
    """
    assert state.cycle  # noqa: S101  only a cycle asks for them
    lo, only = _since(state, state.cycle, settings), state.projects
    entries = [
        one
        for one in ledger.unfinished(state.unfinished)
        if one.start < lo and (int(one.start.timestamp()), one.run_id) > after and (only is None or one.project_id in only)
    ][:IDS_MAX]
    if not entries:
        return None
    return Slice(
        RUN.table,
        parents=tuple(dict.fromkeys(one.project_id for one in entries)),
        ids=tuple(one.run_id for one in entries),
        lo=entries[0].start,
        hi=state.cycle.until + AHEAD,
        floor=entries[0].start,
        ceiling=state.cycle.until + AHEAD,
        offset=int(entries[-1].start.timestamp()),
        anchor=entries[-1].run_id,
    )


def continued(state: State) -> State:
    """The state at the beginning of a call that goes on with a cycle."""
    return replace(state, cycle=replace(state.cycle, calls=state.cycle.calls + 1)) if state.cycle else state


def _since(state: State, cycle: Cycle, settings: Settings) -> datetime:
    """The lower bound of the runs that a cycle reads again."""
    recent = cycle.until + AHEAD - RECENT
    lo = (state.overlapped_to or cycle.since) - OVERLAP - INDEX_LAG if cycle.since else recent
    lo = cycle.since - INDEX_LAG if cycle.light and cycle.since else lo
    return max(min(lo, recent) if cycle.deep else lo, _oldest(settings, cycle.until))


def _oldest(settings: Settings, now: datetime) -> datetime:
    return max(settings.start_time, now - RETENTION) if settings.start_time else now - RETENTION


def _entered(state: State, settings: Settings, cycle: Cycle) -> Walk:
    """The walk of the cycle's stage, at its beginning."""
    stage = STAGES[cycle.stage]
    if stage is UNFINISHED:
        first = unfinished_slice(state, settings) if settings.sync_runs else None
        return Walk(None, slices=(first,) if first else ())
    if stage is ENDED and not _overflowing(state, cycle, settings):
        return Walk(None)
    return _feedback_walk(state, settings, cycle) if stage is FEEDBACKS else Walk(Slice(stage.listing or ""))


def _overflowing(state: State, cycle: Cycle, settings: Settings) -> bool:
    """Whether runs may be unfinished that the ledger could not hold."""
    held = state.overflow is not None and cycle.until - state.overflow < ledger.UNFINISHED_AGE
    return held and settings.sync_runs and cycle.since is not None


def _feedback_walk(state: State, settings: Settings, cycle: Cycle) -> Walk:
    """Feedback is no parent of anything: its windows are slices at once."""
    if not settings.sync_feedback:
        return Walk(None)
    since = cycle.feedback_since
    lo = since - OVERLAP - INDEX_LAG if since else _oldest(settings, cycle.until)
    lo = min(lo, cycle.until - ledger.UNFINISHED_AGE) if cycle.deep else lo
    if state.projects is None:
        return Walk(None, slices=(Slice(FEEDBACK.table, lo=lo, hi=cycle.until),))
    first = Slice(FEEDBACK.table, state.projects[:IDS_MAX], lo=lo, hi=cycle.until)
    return Walk(None, slices=(first,) if state.projects else ())


def behind(state: State, settings: Settings, piece: Slice) -> Slice | None:
    """The slice that follows the last one of its stage: more unfinished runs, or feedback of more projects."""
    if state.cycle is None:
        return None
    if STAGES[state.cycle.stage] is UNFINISHED:
        return unfinished_slice(state, settings, (piece.offset, piece.anchor or ""))
    if piece.table != FEEDBACK.table or not state.projects or not piece.parents:
        return None
    done = state.projects.index(piece.parents[-1]) + 1 if piece.parents[-1] in state.projects else len(state.projects)
    batch = state.projects[done : done + IDS_MAX]
    return Slice(FEEDBACK.table, batch, lo=piece.lo, hi=piece.hi) if batch else None


def _added(state: State, projects: tuple[str, ...] | None) -> bool:
    """Whether `projects` has any that the state's had not."""
    return state.projects is not None and (projects is None or not set(projects) <= set(state.projects))


def _earlier(old: Scope, scope: Scope) -> bool:
    """Whether START_TIME was set back."""
    return old.start_time is not None and (scope.start_time is None or scope.start_time < old.start_time)


def _history(state: State, scope: Scope, projects: tuple[str, ...] | None, now: datetime) -> History | None:
    """Runs before the cycle's window that were never read; None when there are none."""
    old, oldest = state.scope, max(scope.start_time or now - RETENTION, now - RETENTION)
    if not scope.runs:
        return None
    if old is None or state.done_to is None:
        return _history_of(oldest, now + AHEAD - RECENT)
    earlier = _earlier(old, scope)
    grown = [not old.runs, earlier, _added(state, projects)]
    if not any(grown):
        return state.history if scope == old or not state.history else _again(state.history, oldest)
    if state.history or sum(grown) > 1 or not old.runs:
        return _history_of(oldest, state.done_to)
    if earlier:
        return _history_of(oldest, old.start_time or oldest)
    return _history_of(oldest, state.done_to, state.projects or ())


def _again(history: History, oldest: datetime) -> History | None:
    """The same history from the beginning of its walk: what it had pending may no longer be wanted."""
    return _history_of(max(history.lo, oldest), history.hi, history.skip)


def _history_of(lo: datetime, hi: datetime, skip: tuple[str, ...] = ()) -> History | None:
    return History(lo=lo, hi=hi, skip=skip, walk=Walk(Slice(PROJECT.table))) if lo < hi else None
