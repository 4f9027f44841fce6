"""Tokens, costs and the first token's time of runs: where clients report them, and their totals over subtrees.

A run holds its own usage. An answer that shows totals adds that of the descendants: always on v1, on v2 if
`include_subtree_usage` asks for it (SDK 0.15.1, types/run_query_v2_params.py). A descendant counts once it is indexed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from simulator.edit_runs import metadata_of
from simulator.names import split_names
from simulator.records import Run
from simulator.store import Store

# name in usage_metadata: column
COLUMNS = {
    "input_tokens": "prompt_tokens",
    "output_tokens": "completion_tokens",
    "total_tokens": "total_tokens",
    "input_cost": "prompt_cost",
    "output_cost": "completion_cost",
    "total_cost": "total_cost",
}
# run types that report usage: the columns that count. A tool or a retriever has a cost and no tokens
REPORTED = {"llm": tuple(COLUMNS.values()), "tool": ("total_cost",), "retriever": ("total_cost",)}


def with_totals(store: Store, run: Run, *, details: bool = True) -> Run:
    """The run with the usage of its whole subtree; the run itself if it has no descendants. `details` sums those too."""
    now = store.clock.now()
    descendants = [other for other in store.descendants.get(run.id, ()) if other.visible_at is None or other.visible_at <= now]
    if not descendants:
        return run
    runs = (run, *descendants)
    added = {
        name: combine([getattr(one, name) for one in runs]) for name, combine in SUMS.items() if details or combine is not _kinds
    }
    return replace(run, **added)


def settled(store: Store, run: Run) -> bool:
    """Whether the run's totals change with edits only, not with time: no descendant is still to be indexed."""
    return all(other.visible_at is None for other in store.descendants.get(run.id, ()))


def usage_fields(run: Run) -> dict[str, float]:
    """Tokens and costs by column, as the run reports them; empty if the run's type reports none."""
    usage = _reported(run) if run.run_type in REPORTED else None
    if not isinstance(usage, dict):
        return {}
    found = {column: usage[name] for name, column in COLUMNS.items() if isinstance(usage.get(name), int | float)}
    return {column: value for column, value in found.items() if column in REPORTED[run.run_type]}


def _reported(run: Run) -> Any:
    """The `usage_metadata` from the metadata, the outputs, or a chat model's first message."""
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
    """The exact sum of decimals as written, not of doubles; the sum of integers is an integer."""
    known = [value for value in values if value is not None]
    if all(isinstance(value, int) for value in known):
        return sum(known) if known else None
    return float(sum(Decimal(str(value)) for value in known))


def _kinds(values: Sequence[dict[str, Any] | None]) -> dict[str, Any] | None:
    """The sums of a breakdown, by kind."""
    known = [value for value in values if value is not None]
    names = dict.fromkeys(kind for value in known for kind in value)
    return {kind: _sum([value.get(kind) for value in known]) for kind in names} if known else None


def _earliest(values: Sequence[datetime | None]) -> datetime | None:
    return min((value for value in values if value is not None), default=None)


SUMS: dict[str, Callable[[Sequence[Any]], Any]] = {
    **dict.fromkeys(split_names("total_tokens prompt_tokens completion_tokens total_cost prompt_cost completion_cost"), _sum),
    **dict.fromkeys(
        split_names("prompt_token_details completion_token_details prompt_cost_details completion_cost_details"), _kinds
    ),
    "first_token_time": _earliest,
}
