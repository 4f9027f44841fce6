"""What people take out of a run, as the truth has it: its model, its user, how long it took, how it failed.

Sources: LangSmith's documents name metadata.ls_model_name, then invocation_params.model and .model_name as where it looks for a
model (calculate token-based costs); the SDK 0.15.0 writes `lc_hub_commit_hash`; errors are Python's `repr`, then its traceback.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from simulator.records import Run


def taken_out(run: Run) -> dict[str, Any]:
    """The columns of a run that are taken out of its other values."""
    kept = run.extra if isinstance(run.extra, dict) else {}
    return {
        "model_name": _first(kept, "metadata.ls_model_name", "invocation_params.model", "invocation_params.model_name"),
        "model_provider": _first(kept, "metadata.ls_provider", "invocation_params._type"),
        "is_root": run.parent_run_id is None,
        "latency_seconds": _seconds(run.start_time, run.end_time),
        "time_to_first_token_seconds": _seconds(run.start_time, run.first_token_time),
        "prompt_commit": _first(kept, "metadata.lc_hub_commit_hash"),
        "user_id": _first(kept, "metadata.user_id"),
        "environment": _first(kept, "metadata.environment"),
        "error_type": _exception(run.error),
    }


def inside(value: object, *names: str) -> Any:
    """The value at the end of a path of names; None if the path ends early."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _first(kept: dict[str, Any], *paths: str) -> str | None:
    found = [value for path in paths if (value := inside(kept, *path.split("."))) is not None]
    return None if not found else found[0] if isinstance(found[0], str) else json.dumps(found[0], separators=(",", ":"))


def _seconds(start: datetime, end: datetime | None) -> float | None:
    return None if end is None else (end - start).total_seconds()


def _exception(error: str | None) -> str | None:
    """The class before the bracket or the colon of the first line, where its name ends as an exception's does."""
    name = (error or "").split("\n", 1)[0].split("(", 1)[0].split(":", 1)[0].split(".")[-1]
    return name if name.isidentifier() and name.endswith(("Error", "Exception")) else None
