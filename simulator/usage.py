"""Tokens, costs and the first token's time of runs: where clients put them, and their totals up the tree.

A run holds its own; what a parent's descendants used is added where an answer shows totals: always on v1, on v2 where
`include_subtree_usage` asks for it (SDK 0.15.1, types/run_query_v2_params.py). A descendant counts once it is indexed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from simulator.edit_runs import metadata_of
from simulator.records import Run
from simulator.store import Store
from simulator.words import words

# name in usage_metadata: column
COLUMNS = {
    "input_tokens": "prompt_tokens",
    "output_tokens": "completion_tokens",
    "total_tokens": "total_tokens",
    "input_cost": "prompt_cost",
    "output_cost": "completion_cost",
    "total_cost": "total_cost",
}
# run types that report usage, and what of it counts: a tool or a retriever has a cost and no tokens
REPORTED = {"llm": tuple(COLUMNS.values()), "tool": ("total_cost",), "retriever": ("total_cost",)}


def with_totals(store: Store, run: Run, *, details: bool = True) -> Run:
    """The run with what it and its descendants used; one without any, as it is. `details`: these are summed as well."""
    now = store.clock.now()
    below = [other for other in store.below.get(run.id, ()) if other.visible_at is None or other.visible_at <= now]
    if not below:
        return run
    runs = (run, *below)
    added = {
        name: reckon([getattr(one, name) for one in runs]) for name, reckon in SUMS.items() if details or reckon is not _kinds
    }
    return replace(run, **added)


def settled(store: Store, run: Run) -> bool:
    """Whether its totals change with the workspace alone, and not with time: no descendant is still to be indexed."""
    return all(other.visible_at is None for other in store.below.get(run.id, ()))


def usage_fields(run: Run) -> dict[str, float]:
    """Tokens and costs by column, as the run reports them; empty for a run of a type that reports none."""
    usage = _reported(run) if run.run_type in REPORTED else None
    if not isinstance(usage, dict):
        return {}
    found = {column: usage[name] for name, column in COLUMNS.items() if isinstance(usage.get(name), int | float)}
    return {column: value for column, value in found.items() if column in REPORTED[run.run_type]}


def _reported(run: Run) -> Any:
    """usage_metadata out of the metadata, the outputs, or a chat model's first message."""
    outputs = run.outputs if isinstance(run.outputs, dict) else {}
    found = (metadata_of(run) or {}).get("usage_metadata") or outputs.get("usage_metadata")
    if found:
        return found
    try:
        message = outputs["generations"][0][0]["message"]
    except (KeyError, IndexError, TypeError):
        return None
    return message.get("kwargs", message).get("usage_metadata") if isinstance(message, dict) else None


def _sum(values: Sequence[float | None]) -> float | None:
    """The sum of decimals as they are written, not of doubles; of whole numbers a whole one."""
    known = [value for value in values if value is not None]
    if all(isinstance(value, int) for value in known):
        return sum(known) if known else None
    return float(sum(Decimal(str(value)) for value in known))


def _kinds(values: Sequence[dict[str, Any] | None]) -> dict[str, Any] | None:
    """The sums by kind."""
    known = [value for value in values if value is not None]
    names = dict.fromkeys(kind for value in known for kind in value)
    return {kind: _sum([value.get(kind) for value in known]) for kind in names} if known else None


def _earliest(values: Sequence[datetime | None]) -> datetime | None:
    return min((value for value in values if value is not None), default=None)


SUMS: dict[str, Callable[[Sequence[Any]], Any]] = {
    **dict.fromkeys(words("total_tokens prompt_tokens completion_tokens total_cost prompt_cost completion_cost"), _sum),
    **dict.fromkeys(words("prompt_token_details completion_token_details prompt_cost_details completion_cost_details"), _kinds),
    "first_token_time": _earliest,
}
