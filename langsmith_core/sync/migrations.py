"""States of layout 1, carried over to the one of today.

Here: what a state remembers. Not here: its layout (state_version_1), the work in hand (migrations_look), one slice of it
(migrations_slices). All four can be deleted once nobody has such a state.
"""

from __future__ import annotations

from typing import Any

from langsmith_core.records.packed_ids import NO_PREFIXES
from langsmith_core.streams.context import Scope
from langsmith_core.streams.memory import Examples, Feedback, Memory, Projects, Runs
from langsmith_core.streams.registry import DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN
from langsmith_core.sync import migrations_look, state_version_1
from langsmith_core.sync.migrations_slices import aside
from langsmith_core.sync.state import LookedUp, State


def from_version_1(value: dict[str, Any]) -> State:
    """A state of layout 1 as one of layout 2, at the same place.

    Raises ValueError and msgspec.ValidationError for what the program of layout 1 never wrote.
    """
    old = state_version_1.read(value)
    return State(
        source=old.source,
        api=old.api,
        done_to=old.done_to,
        begun=old.begun,
        scope=_scope(old.scope),
        projects=old.projects,
        left_out=old.left_out,
        looked_up=_looked_up(old.looked_up),
        meant=old.meant,
        look=migrations_look.look(old, old.cycle) if old.cycle else None,
        backfill=migrations_look.backfill(old, old.history) if old.history else None,
        later=(*aside(old, old.owed, "failed"), *aside(old, old.unfilled, "payload"), *migrations_look.broken(old)),
        memory=_memory(old),
        overlapped_to=old.overlapped_to,
        heavy=old.heavy,
        reconciled=old.reconciled,
        answered=old.answered,
        weights=old.weights | ({RUN.name: old.row_bytes} if old.row_bytes else {}),
        empties=old.empties,
        newest=old.newest,
        passes=old.passes,
        trouble=old.trouble,
    )


def _scope(old: state_version_1.Scope | None) -> Scope | None:
    """The scope, as these settings give it today. Streams that layout 1 did not know are on unless somebody says otherwise."""
    if old is None:
        return None
    switches = {EXAMPLE.name: old.examples, FEEDBACK.name: old.feedback, RUN.name: old.runs}
    return Scope(old.start_time, old.names, tuple(sorted(name for name, on in switches.items() if not on)))


def _looked_up(old: state_version_1.LookedUp | None) -> LookedUp | None:
    """What names mean. Of an unknown time it is worth nothing: they are looked up again."""
    return LookedUp(old.proof, old.ids, old.at) if old and old.at else None


def _memory(old: state_version_1.State) -> Memory:
    known = Memory().with_known(PROJECT.name, old.known_projects).with_known(DATASET.name, old.known_datasets)
    return Memory(
        lists=known.lists,
        projects=Projects(old.stats_served),
        examples=Examples(old.versions),
        runs=Runs(old.unfinished, old.overflow, old.plain, old.own_usage, old.v1_before, old.v1_gone),
        feedback=Feedback(old.cycle.judged if old.cycle else NO_PREFIXES, old.edits_served),
    )
