"""Tokens of ingested runs: where clients put them, and their sums up the tree, for a parent carries its children's."""

from __future__ import annotations

from typing import Any

from simulator.edit_runs import metadata_of
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


def usage_fields(run: Run) -> dict[str, float]:
    """Tokens and costs by column, as the run reports them; empty for anything but a model's run."""
    usage = _usage(run) if run.run_type == "llm" else None
    if not isinstance(usage, dict):
        return {}
    return {column: usage[name] for name, column in COLUMNS.items() if isinstance(usage.get(name), int | float)}


def _usage(run: Run) -> Any:
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


def spread_usage(store: Store, run: Run, usage: dict[str, float]) -> None:
    """Set a run's usage and add what is new of it to every run above."""
    above = [store.runs[ident] for ident in run.parent_run_ids if ident in store.runs]
    for column, value in usage.items():
        new = value - (getattr(run, column) or 0)
        for touched in (run, *above):
            setattr(touched, column, (getattr(touched, column) or 0) + new)
            touched.lights.clear()
