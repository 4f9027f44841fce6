"""What to read next: the order of work within a cycle or a history.

Pure: state and settings in, the next slice out; a slice's page in, the next state out. Not here: the bounds of the work (cycles,
spans), how a slice is asked for (endpoints), how it moves (windows), or any request, clock or sink.

First sync: the newest week of every active project, datasets and feedback, then the history of runs; a cycle at least
hourly while history drains. After that a sync is one cycle.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from langsmith_core import breaking, cycles, duality, endpoints, forms, ledger, listing, offsets, spans, walks
from langsmith_core.config import Settings
from langsmith_core.parsers import is_id
from langsmith_core.rows import Row
from langsmith_core.stages import BATCH, ENDED, IDS_MAX, OWED, STAGES, Stage, in_hand, with_walk
from langsmith_core.state import Slice, State, Walk
from langsmith_core.streams import BY_TABLE, DATASET, EXAMPLE, FEEDBACK, RUN
from langsmith_core.times import parse
from langsmith_core.windows import begun


def next_slice(state: State, settings: Settings, api: str) -> tuple[State, Slice | None]:
    """The slice to ask for now, first in its walk; None when the walk was at its end and the state moved past it."""
    walk, stage = in_hand(state)
    if not walk.slices and (walk.listing is None or len(walk.pending) + len(walk.late) >= BATCH["v2"]):
        walk = _with_slice(state, settings, walk, stage, api)
    if walk.slices:
        walk = replace(walk, slices=walks.taken(walk.slices, api))
        return with_walk(state, walk), walk.slices[0]
    if walk.listing:
        return state, walk.listing
    return cycles.finished(state, settings), None


def settled(state: State, settings: Settings) -> State:
    """The state past whatever ends without a request, so that a call whose last request failed knows it was the last."""
    while not cycles.drained(state):
        after, piece = next_slice(state, settings, state.api or "v1")
        if piece is not None:
            return state
        state = after
    return state


def absorbed(state: State, piece: Slice, after: Slice | None, found: Sequence[Row], settings: Settings) -> State:
    """The state once a page of `piece` is delivered: `after` takes its place, and what the page has shown is noted."""
    walk, _ = in_hand(state)
    seen = () if endpoints.is_whole(piece) else offsets.seen(piece)
    fresh = [row for row in found if row[BY_TABLE[piece.table].key] not in seen]
    if piece is walk.listing:
        return listing.listed(state, piece, after, fresh, settings)
    if endpoints.is_record(piece):
        return listing.found_again(state, piece, found, settings)
    if offsets.broken_off(after):
        return breaking.past(state, settings, piece, _further(state, settings, piece, fresh))
    if piece.table == RUN.table:
        state = _with_unfinished(state, found)
        state = forms.noticed(state, found) if duality.api_of(state, piece) == "v2" else state
    if piece.table == EXAMPLE.table and after is None:
        state = _with_version(state, settings, piece.parents[0], _version(piece))
    return walks.passed(state, settings, piece, (after,) if after else (), _further(state, settings, piece, fresh))


def versioned(state: State, piece: Slice, newest: datetime | None, seen: datetime) -> State:
    """The state once a dataset's newest version is known: its examples need not be read, or their difference, or all.

    Whenever they are read, they are as old as this knowledge: `seen`, by which a sink tells older rows from newer ones. Where it
    has no version yet, all of them are read in every sync.
    """
    assert state.cycle  # noqa: S101  only a cycle reads examples
    known = ledger.versions(state.versions).get(piece.parents[0])
    if newest is not None and newest == known:
        return walks.moved(state, None)
    until = state.cycle.until
    whole = replace(piece, lo=None, hi=until, floor=until, seen=seen)
    return walks.moved(state, replace(piece, lo=known, hi=newest, seen=seen) if newest else whole)


def gone(state: State, piece: Slice, settings: Settings) -> State | None:
    """The state past a slice that LangSmith answers with 404; None where a 404 has no meaning.

    A batch of projects is halved until the one that is gone stands alone; a project or dataset alone is passed over.
    """
    walk, _ = in_hand(state)
    if not walk.slices:
        return None
    if piece.table == DATASET.table and piece.ids:
        state = _with_version(state, settings, piece.ids[0], None)
    half = len(piece.parents) // 2
    halves = (piece.parents[:half], piece.parents[half:]) if half else ()
    return walks.passed(state, settings, piece, tuple(replace(piece, parents=some, cursor=None) for some in halves))


def before_listing(state: State, settings: Settings, api: str, piece: Slice) -> State | None:
    """The state with a slice made of what is pending, where `piece` is a list of parents that fails; None if nothing is."""
    walk, stage = in_hand(state)
    if walk.slices or piece != walk.listing or not (walk.pending or walk.late):
        return None
    return with_walk(state, _with_slice(state, settings, walk, stage, api))


def _with_slice(state: State, settings: Settings, walk: Walk, stage: Stage, api: str) -> Walk:
    """The walk with a slice made of the first parents that wait: of those listed, those found late, those gone missing."""

    def count(window: listing.Window) -> int:
        return BATCH[duality.api_at(state, window(state, settings)[0], api)] if stage.child == RUN.table else 1

    if walk.pending:
        piece = _child(state, settings, stage, walk.pending[: count(spans.window)], spans.window)
        return replace(walk, pending=walk.pending[len(piece.parents) :], slices=(piece,))
    if walk.late:
        piece = _child(state, settings, stage, walk.late[: count(spans.whole)], spans.whole)
        return replace(walk, late=walk.late[len(piece.parents) :], slices=(piece,))
    missing = ledger.ids(walk.missing)
    if missing and stage.listing:
        return replace(walk, missing=ledger.packed(missing[1:]), slices=(Slice(stage.listing, ids=(missing[0],)),))
    return walk


def _child(state: State, settings: Settings, stage: Stage, parents: tuple[str, ...], window: listing.Window) -> Slice:
    piece = Slice(stage.child or "", parents)
    if stage.child != RUN.table:
        return piece  # of examples: which version to read is asked first
    lo, hi = window(state, settings)
    since = state.cycle.since if state.cycle and STAGES[state.cycle.stage] is ENDED else None
    return begun(replace(piece, lo=lo, hi=hi, ended_since=since - spans.OVERLAP - spans.INDEX_LAG if since else None))


def unread(piece: Slice) -> Slice:
    """The slice after a page with a record that has no id. Of examples it is as if their version had not been read."""
    return replace(piece, floor=piece.hi) if piece.table == EXAMPLE.table else piece


def _version(piece: Slice) -> datetime | None:
    """The version that examples were read at; None where it was not read, or there was none and our own clock stood for it."""
    return None if piece.floor else piece.hi


def _with_version(state: State, settings: Settings, dataset: str, version: datetime | None) -> State:
    ids = (len(state.known_projects) + len(state.known_datasets)) // ledger.ID_CHARACTERS + state.named

    return replace(state, versions=ledger.with_version(state.versions, dataset, version, 16 * (settings.known_max - ids)))


def _with_unfinished(state: State, found: Sequence[Row]) -> State:
    """The state with the unfinished runs of a page noted, and those that have ended forgotten."""
    until = state.cycle.until if state.cycle else state.done_to
    if until is None:
        return state
    text, dropped = ledger.noted(state.unfinished, found, until, state.cycle.since if state.cycle else None)
    overflow = max(filter(None, (state.overflow, dropped)), default=None)
    return replace(state, unfinished=text, overflow=overflow)


def _further(state: State, settings: Settings, piece: Slice, found: Sequence[Row]) -> tuple[Slice, ...]:
    """What a page leads to: the runs that new feedback touches, the feedback of runs where it was edited."""
    if piece.table == FEEDBACK.table and not piece.ids:
        return _touched(state, settings, piece, found)
    edited = [row for row in found if is_id(row["run_id"])] if piece.edited_since else []
    runs = tuple(row["run_id"] for row in edited)
    # v2 may know the feedback of a run from before SmithDB, and not all of the run: v1 has the last word.
    old = {
        row["run_id"]: row["project_id"]
        for row in edited
        if row["start_time"] and duality.asks_v1(state, parse(row["start_time"]))
    }
    feedback = tuple(walks.of_runs(runs[i : i + IDS_MAX]) for i in range(0, len(runs), IDS_MAX))
    return (*_by_id(state, settings, list(old.items())), *feedback)


def _touched(state: State, settings: Settings, piece: Slice, found: Sequence[Row]) -> tuple[Slice, ...]:
    """Slices that read the runs again whose feedback is new or was edited; of a slice that was owed, all that it has."""
    assert state.cycle  # noqa: S101  only a cycle reads feedback
    since = piece.lo if STAGES[state.cycle.stage] is OWED else spans.touched_since(state.cycle, state)
    if since is None or not settings.sync_runs:
        return ()
    touching = [row for row in found if is_id(row["run_id"]) and _stamp(row, since) >= since]
    runs = {row["run_id"]: row["project_id"] if is_id(row["project_id"]) else None for row in touching}
    # Feedback may name no project: v1 finds its run by id alone, and that is asked for where every project is read.
    unnamed = duality.api_at(state, None) != "v2" and state.projects is None and not state.left_out
    pairs = [(run, one) for run, one in runs.items() if (_is_read(state, one) if one else unnamed)]
    return _by_id(state, settings, pairs)


def _by_id(state: State, settings: Settings, pairs: Sequence[tuple[str, str | None]]) -> tuple[Slice, ...]:
    """Slices that read runs by their ids, each beside its project's."""
    if not pairs:
        return ()
    lo, hi = spans.whole(state, settings)
    pairs = pairs if lo < hi else []
    return tuple(
        begun(Slice(RUN.table, tuple(dict.fromkeys(p for _, p in part if p)), tuple(run for run, _ in part), lo=lo, hi=hi))
        for part in (pairs[i : i + IDS_MAX] for i in range(0, len(pairs), IDS_MAX))
    )


def _is_read(state: State, project: str) -> bool:
    return is_id(project) and state.reads(project)


def _stamp(row: Row, otherwise: datetime) -> datetime:
    """When feedback was last written."""
    text = row["updated_at"] or row["created_at"]
    return parse(text) if text else otherwise
