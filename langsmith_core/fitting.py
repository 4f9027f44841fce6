"""A state that is larger than its store takes: what yields, one after another, until it fits.

Every part has a bound of its own; all at their bounds at once are more than Fivetran carries. First yields what costs requests
only, then what costs the sight of some deletions. Each says so in a log line. Pure: state in, state out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from msgspec.structs import replace

from langsmith_core import histories, ledger, parents
from langsmith_core.config import Settings
from langsmith_core.errors import StateError
from langsmith_core.state import Cycle, Slice, State, Walk
from langsmith_core.state_json import REMEDY, dump
from langsmith_core.windows import without_long_cursor

UNFINISHED_KEPT = 100
_log = logging.getLogger(__name__)


def fitted(state: State, settings: Settings) -> State:
    """The state in at most `state_bytes_max` bytes. Raises StateError for one that nothing makes small: we wrote none such."""
    state = _with_short_cursors(state)
    for shorter in YIELDS:
        excess = len(dump(state)) - settings.state_bytes_max
        if excess <= 0:
            return state
        state = shorter(state, excess)
    excess = len(dump(state)) - settings.state_bytes_max
    if excess > 0 and state.looked_up:
        state = parents.fewer_looked_up(settings, state, excess // ledger.ID_CHARACTERS + 1)
    if len(dump(state)) > settings.state_bytes_max:
        raise StateError(f"state: larger than this program writes. {REMEDY}")
    return state


def _with_short_cursors(state: State) -> State:
    """No cursor longer than a state keeps, in any list of slices."""
    if state.cycle:
        state = replace(state, cycle=replace(state.cycle, walk=_shortened(state.cycle.walk)))
    return replace(state, history=replace(state.history, walk=_shortened(state.history.walk))) if state.history else state


def _shortened(walk: Walk) -> Walk:
    return replace(walk, slices=tuple(map(without_long_cursor, walk.slices)))


def _without_skip(state: State, _excess: int) -> State:
    """A history that was to skip projects reads theirs once more."""
    if state.history is None or not state.history.skip:
        return state
    _log.warning("state: no room for the projects that history skips; their runs are read again")
    return replace(state, history=replace(state.history, skip=()))


def _without_lists(state: State, _excess: int) -> State:
    """The ids of PROJECTS and PROJECTS_EXCLUDE, which every call finds anew; a fingerprint tells whether they have changed."""
    if not state.named:
        return state
    meant = state.meant or histories.meaning(state.projects, state.left_out)
    return replace(state, projects=None, left_out=(), meant=meant)


def _fewer_unfinished(state: State, _excess: int) -> State:
    """The oldest unfinished runs alone; the others are found as those past a full ledger are."""
    entries = ledger.unfinished(state.unfinished)
    if len(entries) <= UNFINISHED_KEPT:
        return state
    _log.warning(
        "state: no room for more than %d unfinished runs; nothing is to be done, the others are looked for in every project",
        UNFINISHED_KEPT,
    )
    kept = ledger.fewer(state.unfinished, "unfinished", UNFINISHED_KEPT * ledger.CHARACTERS["unfinished"])
    overflow = max(entries[-1].start, state.overflow or entries[-1].start)
    return replace(state, unfinished=kept, overflow=overflow)


def _fewer_known(state: State, excess: int) -> State:
    """As many known parents and versions as there is room for."""
    _log.warning(
        "state: no room for all known projects and datasets; use `sync`: deletes and late pasts of the others are not seen"
    )
    for name in ("known_datasets", "known_projects", "versions"):
        kept = _cut(getattr(state, name), "versions" if name == "versions" else "known", excess)
        excess -= len(getattr(state, name)) - len(kept)
        state = replace(state, **{name: kept})
    return replace(state, cycle=_listing_less(state.cycle, excess)) if state.cycle else state


def _listing_less(cycle: Cycle, excess: int) -> Cycle:
    """The cycle with fewer of the parents that its listing keeps apart."""
    for name in ("listed", "known"):
        kept = _cut(getattr(cycle, name), "known", excess)
        excess -= len(getattr(cycle, name)) - len(kept)
        cycle = replace(cycle, **{name: kept})
    missing = _cut(cycle.walk.missing, "missing", excess)
    excess -= len(cycle.walk.missing) - len(missing)
    left = cycle.left
    if left:
        listed = _cut(left.listed, "known", excess)
        known = _cut(left.known, "known", excess - len(left.listed) + len(listed))
        left = replace(left, listed=listed, known=known)
    return replace(cycle, left=left, walk=replace(cycle.walk, missing=missing))


def _cut(text: str, kind: str, excess: int) -> str:
    return ledger.fewer(text, kind, len(text) - max(0, excess))


def _without_payloads(state: State, _excess: int) -> State:
    """Runs whose payloads could not be had stay marked, until the daily pass."""
    gone = [*state.unfilled, *(piece for piece in _in_hand(state) if piece.unfilled_since)]
    if not gone:
        return state
    _log.error(
        "payloads of more projects are owed than a state remembers; those of %s stay marked: let this function reach it",
        [one.parents for one in gone],
    )
    state = replace(state, unfilled=())
    if state.cycle is None:
        return state
    kept = tuple(piece for piece in _in_hand(state) if not piece.unfilled_since)
    return replace(state, cycle=replace(state.cycle, walk=replace(state.cycle.walk, slices=kept)))


def _in_hand(state: State) -> tuple[Slice, ...]:
    return state.cycle.walk.slices if state.cycle else ()


YIELDS: tuple[Callable[[State, int], State], ...] = (
    _without_skip,
    _without_lists,
    _fewer_unfinished,
    _fewer_known,
    _without_payloads,
)
