"""What a page of parents means: which of them have children to read, which are new, which have gone missing.

Pure: state and rows in, state out. Not here: the order of work (plan), the spans that children are read over (spans).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeAlias

from msgspec.structs import replace

from langsmith_core import breaking, duality, ledger, offsets, privacy, rows, spans
from langsmith_core.config import Settings
from langsmith_core.parsers import is_id
from langsmith_core.rows import Row
from langsmith_core.stages import DATASETS, PROJECTS, STAGES, Stage, in_hand, with_walk
from langsmith_core.state import Cycle, Slice, State, Walk
from langsmith_core.streams import BY_TABLE, EXAMPLE, PROJECT, RUN
from langsmith_core.times import parse

Window: TypeAlias = Callable[[State, Settings], tuple[datetime, datetime]]
_log = logging.getLogger(__name__)
JUDGED_MAX = 300
"""Projects with feedback that a cycle remembers; edits in more are found by the daily pass."""


def listed(state: State, piece: Slice, after: Slice | None, found: Sequence[Row], settings: Settings) -> State:
    """The state past a page of parents. One that this listing has shown before brings nothing new.

    One whose id is none is a row and no more: nobody can be asked what belongs to it.
    """
    state = _left_out(state, settings, found)
    walk, stage = in_hand(state)
    found = _unlisted(state, stage, [row for row in found if is_id(row[BY_TABLE[piece.table].key])])
    late = _late(state, settings, stage, found) | frozenset(walk.late)
    state = _noted(state, stage, found, settings)
    if offsets.broken_off(after):
        after = breaking.parents(state, settings, piece)
    elif piece.parents:
        after = breaking.by_ids(state, settings, piece.anchor or "")
    walk = replace(
        walk,
        listing=after,
        pending=tuple(dict.fromkeys(walk.pending + _active(state, settings, stage, found, late, spans.window))),
        late=tuple(dict.fromkeys(walk.late + _active(state, settings, stage, found, late, spans.whole))) if late else walk.late,
        stats_seen=walk.stats_seen or any(row.get("last_run_start_time") for row in found),
    )
    unseen = after is None and not walk.stats_seen and (found or piece.offset)
    if stage.child == RUN.table and settings.sync_runs and unseen and state.stats_served:
        # Null everywhere means that statistics are not served: the same listing again, and every project is asked.
        return with_walk(replace(_relisted(state), stats_served=False), Walk(Slice(piece.table), late=walk.late))
    if after is None:
        state, walk = _settled(state, walk)
    return with_walk(replace(state, stats_served=state.stats_served or walk.stats_seen), walk)


def _unlisted(state: State, stage: Stage, found: Sequence[Row]) -> Sequence[Row]:
    """The parents on a page that were on none before: a list that shifts repeats some."""
    if state.cycle is None or stage not in (PROJECTS, DATASETS):
        return found
    seen, key = set(ledger.ids(state.cycle.listed)), BY_TABLE[stage.listing or ""].key
    return [row for row in found if row[key] not in seen]


def _relisted(state: State) -> State:
    """The state before the same listing is read from its beginning: what it has shown is known, and to be shown again."""
    cycle = state.cycle
    if cycle is None or STAGES[cycle.stage] is not PROJECTS:
        return state
    known = dict.fromkeys(ledger.ids(cycle.known) + ledger.ids(cycle.listed))
    return replace(state, cycle=replace(cycle, known=ledger.packed(known), listed=""))


def _left_out(state: State, settings: Settings, found: Sequence[Row]) -> State:
    """The state with the projects of a page noted that are never read; one may have been made, or named so, a moment ago."""
    if not settings.projects_exclude or in_hand(state)[1].listing != PROJECT.table:
        return state
    projects = privacy.named(settings.projects_exclude)
    # One whose id is none has no runs that could be asked for, and its feedback is private without (privacy.is_private).
    private = [row["project_id"] for row in found if is_id(row["project_id"]) and privacy.is_named(row, projects)]
    return replace(state, left_out=tuple(dict.fromkeys((*state.left_out, *private))))


def found_again(state: State, piece: Slice, found: Sequence[Row], settings: Settings) -> State:
    """A parent not listed and there all the same: the list had shifted. It is known again, and its children are read.

    So it is where its record cannot be read: it is there.
    """
    walk, stage = in_hand(state)
    table = walk.slices[0].table
    found = [row for row in found if is_id(row[BY_TABLE[piece.table].key])]
    keys = list(piece.ids)
    # One that failed before is looked up after the stages that read children: the next cycle lists it.
    pending = _active(state, settings, stage, found, frozenset(), spans.window) if stage.listing else ()
    state = with_walk(state, replace(walk, pending=walk.pending + pending, slices=walk.slices[1:]))
    if table == PROJECT.table:
        return replace(state, known_projects=ledger.packed(ledger.ids(state.known_projects) + keys))
    return replace(state, known_datasets=ledger.packed(ledger.ids(state.known_datasets) + keys))


def is_first(state: State) -> bool:
    """Whether the projects listed are this cycle's rows; later walks list them again only to find their runs."""
    return state.cycle is not None and STAGES[state.cycle.stage] is PROJECTS


def _late(state: State, settings: Settings, stage: Stage, found: Sequence[Row]) -> frozenset[str]:
    """Projects on a page that no listing before this cycle had: their past is unread. A first cycle or a full ledger has none."""
    if stage is not PROJECTS or state.cycle is None or state.cycle.since is None:
        return frozenset()
    before, seen = ledger.ids(state.cycle.known), ledger.ids(state.cycle.listed)
    if len(before) + len(seen) >= _room(state, settings):
        return frozenset()
    return frozenset(row["project_id"] for row in found) - set(before) - set(seen)


def _noted(state: State, stage: Stage, found: Sequence[Row], settings: Settings) -> State:
    """The state with a page's parents moved from those known before to those listed now."""
    if state.cycle is None or stage not in (PROJECTS, DATASETS):
        return state
    key = BY_TABLE[stage.listing or ""].key
    keys = [row[key] for row in found]
    room = _room(state, settings)
    before = ledger.ids(state.cycle.listed)
    seen = list(dict.fromkeys(before + keys))
    if len(before) <= room < len(seen):
        _log.warning(
            "%s: more than the state can know; use `sync`, or PROJECTS: deletes and late pasts of the others are not seen",
            stage.listing,
            extra={"fields": {"stream": stage.listing}},
        )
    here = frozenset(keys)
    known = [one for one in ledger.ids(state.cycle.known) if one not in here]
    judged = _judged(state.cycle, found) if stage is PROJECTS and settings.sync_feedback else state.cycle.judged
    cycle = replace(state.cycle, known=ledger.packed(known), listed=ledger.packed(seen[:room]), judged=judged)
    return replace(state, cycle=cycle)


def _room(state: State, settings: Settings) -> int:
    """Ids that the ledger of the parents being listed may hold beside the others of the state; its own is in the cycle now."""
    left = state.cycle.left if state.cycle else None
    texts = (state.known_projects, state.known_datasets, state.versions, *((left.known, left.listed) if left else ()))
    return max(0, settings.known_max - state.named - sum(map(len, texts)) // ledger.ID_CHARACTERS)


def _judged(cycle: Cycle, found: Sequence[Row]) -> str:
    """The ledger of projects with feedback, those with a run in the 14 days before the last look."""
    lo = (cycle.since or cycle.until) - ledger.UNFINISHED_AGE
    fresh = [row["project_id"] for row in found if row["feedback_stats"] not in (None, "{}") and _has_runs_since(row, lo)]
    return ledger.with_more_prefixes(cycle.judged, fresh, JUDGED_MAX)


def _settled(state: State, walk: Walk) -> tuple[State, Walk]:
    """The end of a listing: what was known and is not listed is missing, what is listed is known."""
    if state.cycle is None or STAGES[state.cycle.stage] not in (PROJECTS, DATASETS):
        return state, walk
    cycle = state.cycle
    done = replace(cycle, known="", listed="")
    if STAGES[cycle.stage] is PROJECTS:
        return replace(state, known_projects=cycle.listed, cycle=done), replace(walk, missing=cycle.known)
    return replace(state, known_datasets=cycle.listed, cycle=done), replace(walk, missing=cycle.known)


def _active(
    state: State, settings: Settings, stage: Stage, found: Sequence[Row], late: frozenset[str], window: Window
) -> tuple[str, ...]:
    """The parents on a page whose children must be asked for in that window: the late ones in all of their past."""
    if stage.child == EXAMPLE.table:
        return tuple(row["dataset_id"] for row in found) if settings.sync_examples else ()
    if stage.child != RUN.table or not settings.sync_runs:
        return ()
    lo, hi = window(state, settings)
    # Until a page has shown statistics they may not be served: a late project without any is remembered, in case.
    told = (
        state.stats_served
        and not duality.doubts_statistics(state, lo, late=window is spans.whole)
        and (window is spans.window or in_hand(state)[0].stats_seen or any(map(_last, found)))
    )
    skip = state.history.skip if state.history and not state.cycle else ()
    wanted = [
        row
        for row in found
        if (row["project_id"] in late) == (window is spans.whole)
        and row["project_id"] not in skip
        and state.reads(row["project_id"])
    ]
    return tuple(row["project_id"] for row in wanted if lo < hi and (not told or _has_runs_since(row, lo)))


def _has_runs_since(row: Row, lo: datetime) -> bool:
    """Whether a project has runs since then, or may have: its record may say so in a form that nobody can read."""
    last = _last(row)
    return parse(last) >= lo if last else rows.is_odd(PROJECT, row, "last_run_start_time")


def _last(row: Row) -> str | None:
    text: str | None = row["last_run_start_time"]
    return text
