"""The stages without a list of parents: unfinished runs by id, feedback by its window, runs whose feedback was edited.

Pure: state and settings in, the stage's first slice or the one after a slice out. Not here: stages that list (listing), the
cycle around them (cycles).
"""

from __future__ import annotations

from langsmith_core import ledger, spans
from langsmith_core.config import Settings
from langsmith_core.stages import EDITED, FEEDBACKS, IDS_MAX, UNFINISHED, stage_of
from langsmith_core.state import Slice, State
from langsmith_core.streams import FEEDBACK, RUN


def first(state: State, settings: Settings) -> Slice | None:
    """The slice that the cycle's stage begins with; None where the stage has nothing to read."""
    stage = stage_of(state)
    if stage is UNFINISHED and settings.sync_runs:
        return unfinished(state, settings)
    if stage is FEEDBACKS and settings.sync_feedback:
        return _feedback(state, settings, 0)
    if stage is EDITED and settings.sync_runs and settings.sync_feedback:
        return _edited(state, settings, 0)
    return None


def after(state: State, settings: Settings, piece: Slice) -> Slice | None:
    """The slice that follows the last one of such a stage."""
    stage = stage_of(state)
    if stage is UNFINISHED:
        return unfinished(state, settings, (piece.offset, piece.anchor or ""))
    if stage is FEEDBACKS and piece.table == FEEDBACK.table and state.projects and piece.parents:
        last = piece.parents[-1]
        return _feedback(state, settings, state.projects.index(last) + 1) if last in state.projects else None
    if stage is EDITED and piece.edited_since:
        return _edited(state, settings, piece.offset)
    return None


def unfinished(state: State, settings: Settings, past: tuple[int, str] = (0, "")) -> Slice | None:
    """The next unfinished runs, those past a start in seconds and an id.

    Runs in the cycle's own window are not among them: they are read with it.
    """
    assert state.cycle  # noqa: S101  only a cycle has stages
    lo = spans.since(state, state.cycle, settings)
    entries = [
        one
        for one in ledger.unfinished(state.unfinished)
        if one.start < lo and (int(one.start.timestamp()), one.run_id) > past and state.reads(one.project_id)
    ][:IDS_MAX]
    if not entries:
        return None
    return Slice(
        RUN.table,
        parents=tuple(dict.fromkeys(one.project_id for one in entries)),
        ids=tuple(one.run_id for one in entries),
        lo=entries[0].start,
        hi=state.cycle.until + spans.AHEAD,
        floor=entries[0].start,
        ceiling=state.cycle.until + spans.AHEAD,
        offset=int(entries[-1].start.timestamp()),
        anchor=entries[-1].run_id,
    )


def _feedback(state: State, settings: Settings, done: int) -> Slice | None:
    """Feedback of the whole workspace, or of the next of the projects that are read."""
    assert state.cycle  # noqa: S101  as above
    lo, hi = spans.feedback(settings, state.cycle, state)
    if state.projects is None:
        return Slice(FEEDBACK.table, lo=lo, hi=hi)
    batch = tuple(one for one in state.projects[done:] if state.reads(one))[:IDS_MAX]
    return Slice(FEEDBACK.table, batch, lo=lo, hi=hi) if batch else None


def _edited(state: State, settings: Settings, done: int) -> Slice | None:
    """Runs of the next projects with feedback; `offset` counts the projects done with. v1 has no filter for them."""
    assert state.cycle  # noqa: S101  as above
    edited_since = spans.touched_since(state.cycle, state)
    if edited_since is None or state.api != "v2" or not state.edits_served:
        return None
    known = [*ledger.ids(state.known_projects), *(ledger.ids(state.cycle.left.listed) if state.cycle.left else ())]
    judged = [one for one in ledger.with_prefixes(known, state.cycle.judged) if state.reads(one)]
    batch = tuple(judged[done : done + IDS_MAX])
    lo, hi = spans.whole(state, settings)
    piece = Slice(RUN.table, batch, lo=lo, hi=hi, floor=lo, ceiling=hi, edited_since=edited_since, offset=done + len(batch))
    return piece if batch and lo < hi else None
