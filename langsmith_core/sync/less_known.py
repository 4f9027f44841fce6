"""Drop ids that a state knows: from its memory, and from lists in progress.

Pure: an excess of bytes in, what is left of it out. Not here: when the ids must yield (state_size).
"""

from __future__ import annotations

from msgspec.structs import replace

from langsmith_core.records.packed_ids import ID_CHARACTERS, Ids
from langsmith_core.streams.ledgers import VERSION_CHARACTERS, Versions
from langsmith_core.streams.listing import Listed
from langsmith_core.streams.look_up import LookUp
from langsmith_core.streams.memory import Memory
from langsmith_core.streams.prompt_heads import HEAD_CHARACTERS
from langsmith_core.sync.state import Task


def less_remembered(memory: Memory, excess: int) -> tuple[Memory, int]:
    """The memory with fewer items of queues, ids of lists, heads of prompts, and versions; and the excess that stays."""
    for queue, known in memory.queues.items():
        items, excess = _fewer(known.items, excess)
        unseen, excess = _fewer(known.unseen, excess)
        memory = memory.with_queue(queue, replace(known, items=items, unseen=unseen))
    for table in sorted(memory.lists, reverse=True):
        kept, excess = _fewer(memory.known(table), excess)
        memory = memory.with_known(table, kept)
    memory, excess = _fewer_heads(memory, excess)
    examples = memory.examples
    begun, excess = _fewer_versions(examples.begun, excess)
    versions, excess = _fewer_versions(examples.versions, excess)
    return replace(memory, examples=replace(examples, begun=begun, versions=versions)), excess


def _fewer_versions(versions: Versions, excess: int) -> tuple[Versions, int]:
    """The first versions, as many as there is room for; and the excess that stays."""
    if excess <= 0 or not versions:
        return versions, excess  # as it was: another empty ledger would take room of its own
    kept = versions.first(len(versions) - _count(excess, VERSION_CHARACTERS))
    return kept, excess - (len(versions) - len(kept)) * VERSION_CHARACTERS


def _fewer_heads(memory: Memory, excess: int) -> tuple[Memory, int]:
    """The memory with fewer heads of prompts: those forgotten are read again."""
    heads = memory.prompts.heads
    if excess <= 0 or not heads:
        return memory, excess
    kept = heads.first(len(heads) - _count(excess, HEAD_CHARACTERS))
    excess -= (len(heads) - len(kept)) * HEAD_CHARACTERS
    return memory.with_prompts(replace(memory.prompts, heads=kept)), excess


def less_listed(task: Task, excess: int) -> tuple[Task, int]:
    """A task of a list with fewer ids that it keeps apart, and the excess that stays."""
    work = task.work
    if isinstance(work, Listed):
        seen, excess = _fewer(work.seen, excess)
        unseen, excess = _fewer(work.unseen, excess)
        return replace(task, work=replace(work, seen=seen, unseen=unseen)), excess
    if isinstance(work, LookUp) and len(work.ids) > 1:
        ids, excess = _fewer(work.ids, excess)
        return replace(task, work=replace(work, ids=ids or work.ids[:1])), excess
    return task, excess


def _fewer(ids: Ids, excess: int) -> tuple[Ids, int]:
    """The first ids, as many as there is room for; and the excess that stays."""
    if excess <= 0 or not ids:
        return ids, excess
    kept = ids[: max(0, len(ids) - _count(excess, ID_CHARACTERS))]
    return kept, excess - (len(ids) - len(kept)) * ID_CHARACTERS


def _count(excess: int, characters: int) -> int:
    """Entries of so many characters that an excess takes."""
    return -(-max(0, excess) // characters)
