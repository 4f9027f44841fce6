"""The context in which work items ask and answer, made of the state and the settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from langsmith_core.calls import Only
from langsmith_core.records.packed_ids import Ids
from langsmith_core.settings.config import Settings
from langsmith_core.streams import registry
from langsmith_core.streams.context import Context, Fields
from langsmith_core.streams.ledgers import VERSION_BYTES
from langsmith_core.streams.listing import Listed
from langsmith_core.streams.memory import QUEUE_ROOM
from langsmith_core.streams.prompt_heads import HEAD_BYTES
from langsmith_core.sync import scope
from langsmith_core.sync.state import State, Task

ID_BYTES = 16
QUEUES_SHARE, MARKS_SHARE = 2, 4
"""Annotation queues and their items take at most half of what the state may know: projects and datasets have the rest.

A quarter is kept for the queues' own marks: without its mark a queue is read whole in every look.
"""


def all_fields(_table: str, names: Sequence[str]) -> list[str]:
    """Hide no field."""
    return list(names)


def context_of(
    state: State, settings: Settings, task: Task | None = None, fields: Fields = all_fields, only: Only | None = None
) -> Context:
    """Make the context of an item of this state. `task`: the one that holds the item."""
    listed = state.named + state.memory.listed_count
    examples, heads = state.memory.examples, len(state.memory.prompts.heads)
    versions = len(examples.versions) + len(examples.begun)
    room = max(0, settings.known_max - listed - versions * 3 // 2 - heads * 3 // 4 - _held_by_others(state, task))
    queue_room = max(0, min(room, settings.known_max // QUEUES_SHARE - state.memory.queues_room))
    return Context(
        api=state.api or "v1",
        scope=scope.of(settings),
        memory=state.memory,
        fields=fields,
        streams=registry.BY_TABLE,
        only=only or Only.of(plain=state.memory.runs.plain),
        bounds=state.look.bounds if state.look else None,
        past=state.backfill.past if state.backfill and not state.look else None,
        done_to=state.done_to,
        projects=state.projects,
        left_out=state.left_out,
        not_offered=state.not_offered,
        shown=_shown(state),
        room=room,
        queue_room=queue_room,
        item_room=max(0, queue_room - max(0, settings.known_max // MARKS_SHARE - QUEUE_ROOM * len(state.memory.queues))),
        version_bytes=ID_BYTES * (settings.known_max - listed) - heads * HEAD_BYTES,
        head_bytes=ID_BYTES * (settings.known_max - listed) - versions * VERSION_BYTES,
        workspace=settings.tenant_id,
        has_organisation=settings.org_id is not None,
        on_cloud=settings.is_cloud,
        page_size=settings.page_size,
        runs_grown_to=state.memory.runs.page_rows if settings.pages_grow else 0,
        retried=bool(task and task.reason == "failed"),
    )


def _shown(state: State) -> Mapping[str, Ids]:
    """Find, by table, what a list has shown that is broken off."""
    return {task.work.table_name: task.work.seen for task in state.later if isinstance(task.work, Listed)}


def _held_by_others(state: State, task: Task | None) -> int:
    """Count the ids of lists that are broken off, beside the list that is being read."""
    others = [one.work for one in state.later if one is not task]
    return sum(len(work.seen) + len(work.unseen) for work in others if isinstance(work, Listed))
