"""The context that work items ask and answer in, made of the state and the settings."""

from __future__ import annotations

from collections.abc import Sequence

from langsmith_core.settings.config import Settings
from langsmith_core.streams import registry
from langsmith_core.streams.listing import ListAll, LookUp
from langsmith_core.streams.work import Context, Fields, Scope
from langsmith_core.sync.state import State, Task


def all_fields(_table: str, names: Sequence[str]) -> list[str]:
    """No field is hidden."""
    return list(names)


def context_of(state: State, settings: Settings, task: Task | None = None, fields: Fields = all_fields) -> Context:
    """What an item of this state may know."""
    room = max(0, settings.known_max - _ids_held(state, task))
    return Context(
        api=state.api or "v1",
        scope=state.scope or Scope(),
        memory=state.memory,
        fields=fields,
        streams=registry.BY_TABLE,
        bounds=state.look.bounds if state.look else None,
        past=state.backfill.past if state.backfill and not state.look else None,
        projects=state.projects,
        left_out=state.left_out,
        room=room,
        version_bytes=16 * room + 24 * len(state.memory.examples.versions),
        retried=bool(task and task.reason == "failed"),
        done_to=state.done_to,
    )


def _ids_held(state: State, task: Task | None) -> int:
    """Ids that the state holds beside the list that is being read."""
    named = len(state.projects or ()) + len(state.left_out)
    others = [one.work for one in (*state.agenda, *state.later) if one is not task]
    lists = sum(len(work.seen) + len(work.unseen) for work in others if isinstance(work, ListAll))
    missing = sum(len(work.ids) for work in others if isinstance(work, LookUp))
    return named + state.memory.ids_held + lists + missing
